"""What may be refused about the directory."""

from shared.refusal import Refusal


class OrganisationUnknown(Refusal):
    """No such organisation, or not one that is shown."""

    status = 404
    sentence = "Cette structure n'existe pas, ou plus."
