"""How much left, as each side says it: when two figures agree, and which of them counts."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from services.catalog.posting.schemas import Amount
from services.catalog.takings.errors import FigureImplausible
from shared.events.facts import Quantity, plain
from shared.events.takings import Basis, Side
from shared.vocabulary import unit

TOLERANCE_PERCENT = 10
"""Two balances, or a balance and an eye, differ by so much of the larger figure without anybody being wrong."""

MOST_TIMES = 10
"""A part is an estimate, and a full skip weighs twice or thrice of it; beyond ten times it was another unit."""

LONGEST_TICKET = 100
LONGEST_WORDS = 500


class Figure(BaseModel):
    """What one side says: how much in the lot's unit, what that rests on, the balance's ticket, and why it differs."""

    model_config = ConfigDict(frozen=True)

    value: Amount
    basis: Basis
    ticket: Annotated[str, Field(max_length=LONGEST_TICKET)] = ""
    words: Annotated[str, Field(max_length=LONGEST_WORDS)] = ""
    said_at: datetime

    @property
    def said(self) -> tuple[object, ...]:
        """Everything but when."""
        return self.value, self.basis, self.ticket, self.words


class Counted(NamedTuple):
    """The figure that counts, and whose it is."""

    side: Side
    figure: Figure


def refuse_implausible(value: Decimal, part: Quantity) -> None:
    """Raise for a figure that both sides would have to be wrong about, before it counts anywhere."""
    most = part.value * MOST_TIMES
    if value > most:
        said = {"part": f"{plain(part.value):f}", "most": f"{plain(most):f}", "unit": unit(part.unit).symbol}
        raise FigureImplausible(factor=MOST_TIMES, **said)


def agree(one: Figure, other: Figure) -> bool:
    """True when two figures differ by ten percent of the larger at most."""
    return abs(one.value - other.value) * 100 <= max(one.value, other.value) * TOLERANCE_PERCENT


def counting(holder: Figure, taker: Figure) -> Counted:
    """What was measured goes before what was estimated; of two alike the smaller, which both can stand for."""
    both = (Counted(Side.HOLDER, holder), Counted(Side.TAKER, taker))
    return min(both, key=lambda each: (each.figure.basis is not Basis.MEASURED, each.figure.value))
