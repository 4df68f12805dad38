"""The lines of a proposal and what they come to; a pure module."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from pydantic import BaseModel, ConfigDict


class Line(BaseModel):
    """One line; `price_cents` is for one unit, in euros before tax: 0 is free, below that the supplier pays."""

    model_config = ConfigDict(frozen=True)

    what: str
    quantity: Decimal
    unit: str
    price_cents: int

    @property
    def total_cents(self) -> int:
        """What the line comes to, to the nearest cent."""
        return int((self.quantity * self.price_cents).quantize(Decimal(1), ROUND_HALF_UP))


def total_of(lines: Sequence[Line]) -> int:
    """The sum of the lines, each rounded as it is shown."""
    return sum(line.total_cents for line in lines)
