"""What may be refused about mandates to bill."""

from shared.refusal import Refusal


class MandateUnknown(Refusal):
    """No such mandate, or one between two others."""

    status = 404
    sentence = "Ce mandat n'existe pas, ou plus."


class MandateEnded(Refusal):
    """One of the two ended it."""

    sentence = "Ce mandat a déjà pris fin."


class GivenAlready(Refusal):
    """One at a time between two."""

    sentence = "Cette structure facture déjà en votre nom : le mandat est en cours."


class NobodyPays(Refusal):
    """Only who owes something has something to bill."""

    status = 422
    field = "payer_id"
    sentence = "Cette structure ne vous doit rien par un accord signé : un mandat se donne à qui vous paie."


class OwnersSign(Refusal):
    """Whoever writes invoices in another's name binds it."""

    status = 403
    sentence = "Seule une personne responsable de votre structure peut donner ce mandat ou y mettre fin."


class MandateMissing(Refusal):
    """Nobody bills in another's name without being asked to."""

    status = 403
    sentence = "{name} facture elle-même : pour le faire en son nom, il vous faut son mandat, qu'elle donne d'ici."
