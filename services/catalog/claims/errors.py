"""What may be refused to whoever asks to act for an organisation, and to whoever answers."""

from shared.refusal import Refusal


class ClaimUnknown(Refusal):
    """No such claim, or somebody else's."""

    status = 404
    sentence = "Cette demande n'existe pas, ou plus."


class ClaimOver(Refusal):
    """It has its answer already."""

    sentence = "Cette demande a déjà sa réponse."


class ClaimsEnough(Refusal):
    """Five at a time are a person's, more are a program's."""

    status = 429
    field = "words"
    sentence = "Cinq demandes en attente au plus, dix en un mois : attendez une réponse, ou retirez-en une."


class AlreadyInTeam(Refusal):
    """The account acts for the organisation already."""

    field = "words"
    sentence = "Vous agissez déjà pour cette structure."


class NotToBeClaimed(Refusal):
    """It was refused or suspended, or is nobody's establishment."""

    status = 404
    sentence = "Cette structure n'existe pas, ou plus."


class NamedNotToBeClaimed(NotToBeClaimed):
    """The same, named in a program's body."""

    status = 422
    field = "organisation_id"


class DomainUnknown(Refusal):
    """Nothing says which domain is the organisation's own, or its role asks for a look."""

    status = 422
    field = "email"
    sentence = "Aucun domaine n'est connu pour cette structure : prenez un autre moyen."


class AddressElsewhere(Refusal):
    """The address is not at the organisation's domain."""

    status = 422
    field = "email"
    sentence = "L'adresse doit se terminer par @{domain}, comme le site de la structure."


class LettersEnough(Refusal):
    """Five letters for one claim."""

    status = 429
    field = "email"
    sentence = "Cinq lettres au plus pour une demande : prenez un autre moyen."


class LetterMissing(Refusal):
    """No letter on paper waits for its code."""

    status = 422
    field = "code"
    sentence = "Aucun courrier n'attend son code : demandez-le au territoire."


class LetterCodeWrong(Refusal):
    """Not the code of the letter."""

    status = 422
    field = "code"
    sentence = "Ce n'est pas le code du courrier. Il a huit caractères, et cinq essais."


class LetterCodeOver(Refusal):
    """Five wrong codes, or thirty days."""

    status = 410
    field = "code"
    sentence = "Ce code n'ouvre plus rien : cinq essais, ou trente jours, sont passés. Demandez un autre courrier."


class TooSoonForTheTerritory(Refusal):
    """The team has seven days."""

    sentence = "L'équipe a sept jours pour répondre : vous pourrez ensuite vous adresser au territoire."


class NotAskedOfTheTeam(Refusal):
    """The territory answers it anyway."""

    sentence = "Cette demande est déjà lue par le territoire."


class TeamInPlace(Refusal):
    """Somebody else was faster."""

    sentence = "Quelqu'un agit maintenant pour cette structure : votre demande lui est adressée."


class ClaimantUnconfirmed(Refusal):
    """Whoever asks has not answered their first letter."""

    field = "role"
    sentence = "Cette personne n'a pas encore confirmé son adresse : attendez qu'elle l'ait fait."


class ReasonMissing(Refusal):
    """Whoever is refused is told why."""

    status = 422
    field = "words"
    sentence = "Dites pourquoi, en une phrase : elle est transmise telle quelle."


class ProofOfClaimMissing(Refusal):
    """Nobody becomes an owner without saying by what."""

    status = 422
    field = "proof"
    sentence = "Dites ce qui vous a convaincu."


class OwnClaim(Refusal):
    """Nobody answers themselves."""

    sentence = "Une autre personne du territoire répond à votre demande."
