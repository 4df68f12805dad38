"""What may be refused to whoever posts for another."""

from shared.refusal import Refusal


class OrganisationToServeUnknown(Refusal):
    """No such organisation."""

    status = 404
    sentence = "Cette structure n'existe pas, ou plus."


class OwnPosting(Refusal):
    """One's own organisation needs no consent."""

    sentence = "Pour votre propre structure, publiez comme d'habitude."


class ConsentInTheFuture(Refusal):
    """A consent was given before it is noted."""

    status = 422
    field = "given_on"
    sentence = "Une date passée, ou aujourd'hui : l'accord vient d'abord."
