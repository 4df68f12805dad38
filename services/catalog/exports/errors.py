"""What may be refused about an export."""

from shared.refusal import Refusal


class ExportUnknown(Refusal):
    """Not a kind of thing that is exported, or not a form."""

    status = 404
    sentence = "Cet export n'existe pas."
