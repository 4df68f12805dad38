"""What may be refused about the call log."""

from shared.refusal import Refusal


class OrganisationToCallUnknown(Refusal):
    """No such organisation."""

    status = 404
    sentence = "Cette structure n'existe pas, ou plus."


class SubjectUnknown(Refusal):
    """What is called about is not the organisation's, or not any more."""

    status = 404
    sentence = "Ce dont vous vouliez parler n'existe plus."


class CallBackOutOfReach(Refusal):
    """One calls again from today on, and within a year."""

    status = 422
    field = "call_back_on"
    sentence = "Une date entre aujourd'hui et dans un an."


class CallBackMissing(Refusal):
    """Nobody was reached: without a day, nobody thinks of it again."""

    status = 422
    field = "call_back_on"
    sentence = "Personne n'a répondu : dites quand rappeler, ou choisissez « Rien à attendre »."
