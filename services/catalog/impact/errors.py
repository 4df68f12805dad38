"""What may be refused about what came of exchanges."""

from shared.refusal import Refusal


class PeriodUnreadable(Refusal):
    """Not a year, nor a month of one."""

    status = 422
    sentence = "Cette période ne se lit pas : écrivez une année (2026) ou un mois (2026-11)."
    field = "period"


class TerritoryUnknown(Refusal):
    """Not a territory of the list."""

    status = 404
    sentence = "Ce territoire n'existe pas."


class FormUnknown(Refusal):
    """Not a form of file."""

    status = 404
    sentence = "Cet export n'existe pas."
