"""The figures of gifts, from the dated table: what a counterpart may be, what of a person's time counts, and rates."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import Figure, figure_of, value_of
from services.catalog.parameters.queries import figures_of

YEARLY: Final = (
    Code.GIFT_RATE,
    Code.GIFT_RATE_ABOVE,
    Code.GIFT_RATE_KEPT,
    Code.GIFT_RATE_THRESHOLD,
    Code.GIFT_CEILING,
    Code.GIFT_CEILING_TURNOVER,
    Code.GIFT_CARRY_OVER,
    Code.GIFT_DECLARED_ABOVE,
)


class Ceiling(NamedTuple):
    """The most that counts for one person's time: so many ceilings of the social security, in cents of a year."""

    times: Decimal
    yearly_cents: int

    @property
    def cents(self) -> int:
        """In cents."""
        return int(self.times * self.yearly_cents)


async def counterpart_percent(session: AsyncSession, on: date) -> Decimal:
    """What may come in return, as a share of the gift."""
    return value_of(await figures_of(session, Code.GIFT_COUNTERPART), Code.GIFT_COUNTERPART, on=on)


async def skills_ceiling(session: AsyncSession, on: date) -> Ceiling:
    """The ceiling of a day."""
    figures = await figures_of(session, Code.SKILLS_CEILING, Code.SOCIAL_CEILING)
    yearly = value_of(figures, Code.SOCIAL_CEILING, on=on)
    return Ceiling(value_of(figures, Code.SKILLS_CEILING, on=on), int(yearly * 100))


class Shown(NamedTuple):
    """A figure as a statement shows it; None of a value that nobody said for that year."""

    code: Code
    figure: Figure | None


def shown_for(figures: Sequence[Figure], year: int) -> list[Shown]:
    """Every figure of a year's statement, with its source."""
    end = date(year, 12, 31)
    return [Shown(code, figure_of(figures, code, on=end)) for code in YEARLY]
