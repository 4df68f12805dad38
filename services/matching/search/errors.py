"""What may be refused about a search."""

from shared.refusal import Refusal


class ConditionUnknown(Refusal):
    """A family or a kind of structure that nobody has."""

    status = 422
    sentence = "Ce critère n'existe pas : {value}."


class ExportUnknown(Refusal):
    """Not a form in which results are exported."""

    status = 404
    sentence = "Cet export n'existe pas."
