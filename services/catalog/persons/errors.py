"""Why a person cannot be erased yet: each says what to do first."""

from shared.refusal import Refusal


class LastOwner(Refusal):
    """Others would be left in an organisation that nobody answers for."""

    sentence = (
        "Vous êtes seul responsable de {name}, où d'autres personnes restent : donnez ce rôle à l'une d'elles d'abord."
    )


class StillPublishing(Refusal):
    """What is open would wait for answers that nobody reads."""

    sentence = (
        "{name} n'a que vous, et des annonces y sont ouvertes ({count}) : retirez-les ou terminez-les d'abord "
        "depuis le tableau de bord."
    )
