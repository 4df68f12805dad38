"""What may be refused to a coordinator."""

from shared.refusal import Refusal


class FindingImpossible(Refusal):
    """A finding goes with the state the organisation is in."""

    sentence = "Cette structure n'est plus dans l'état que montrait la page : rechargez-la."


class ProofMissing(Refusal):
    """Nobody is verified without saying by what."""

    status = 422
    field = "proof"
    sentence = "Dites ce qui vous a convaincu."


class WordsMissing(Refusal):
    """Whoever is refused, suspended or sent back is told why."""

    status = 422
    field = "words"
    sentence = "Dites pourquoi, en une phrase : elle est transmise telle quelle."


class NothingChecked(Refusal):
    """None of what was ticked is stated any more."""

    status = 422
    field = "codes"
    sentence = "Cochez au moins un statut dont vous avez vu le justificatif."


class OwnOrganisation(Refusal):
    """Nobody checks themselves."""

    sentence = "Une autre personne du territoire vérifie votre structure."
