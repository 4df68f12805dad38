"""A donor's tax reductions over the years: a pure computation from receipts, turnovers and figures, never advice.

Each year's gifts are cut into slices of one rate. Within the ceiling the year's own slices are used first, those of the
higher rate before the others, then what is carried over, the oldest first; what is left is carried, and ends after the
years that the law gives it. A slice keeps the rate of the year in which it was given.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple


class Given(NamedTuple):
    """One receipt's worth in cents, given in a year; `keeps_rate` where the recipient gives meals, shelter or care."""

    year: int
    cents: int
    keeps_rate: bool


class Figures(NamedTuple):
    """A year's figures: rates in percent, amounts in cents, the ceiling's share of turnover in permille."""

    rate: Decimal
    rate_above: Decimal
    rate_kept: Decimal
    threshold_cents: int
    ceiling_cents: int
    ceiling_permille: Decimal
    carry_years: int


class Slice(NamedTuple):
    """Cents of one year's gifts that have one rate."""

    year: int
    cents: int
    rate: Decimal


class Year(NamedTuple):
    """One year: what was given, the ceiling, what of it is used, and what goes on or has ended."""

    year: int
    given_cents: int
    ceiling_cents: int
    used: tuple[Slice, ...]
    carried: tuple[Slice, ...]
    expired: tuple[Slice, ...]

    @property
    def used_cents(self) -> int:
        """What counts this year, of its own gifts and of those carried over."""
        return sum(each.cents for each in self.used)

    @property
    def carried_cents(self) -> int:
        """What goes on to the next year."""
        return sum(each.cents for each in self.carried)

    @property
    def expired_cents(self) -> int:
        """What was carried as long as it may be."""
        return sum(each.cents for each in self.expired)

    @property
    def reduction_cents(self) -> int:
        """What the rates come to, each slice rounded down to the cent."""
        return sum(int((each.cents * each.rate / 100).quantize(Decimal(1), ROUND_DOWN)) for each in self.used)


def years_of(given: Sequence[Given], turnovers: Mapping[int, int], figures: Mapping[int, Figures]) -> list[Year]:
    """Every year from the first to the last that there are figures for, one after the other."""
    found: list[Year] = []
    carried: tuple[Slice, ...] = ()
    for year in sorted(figures):
        own = [each for each in given if each.year == year]
        made = _year(year, own, carried, turnovers.get(year), figures[year])
        carried = made.carried
        found.append(made)
    return found


def ceiling_of(turnover_cents: int | None, figures: Figures) -> int:
    """The larger of the amount and of the share of turnover; the amount alone where no turnover was said."""
    share = int((turnover_cents or 0) * figures.ceiling_permille / 1000)
    return max(figures.ceiling_cents, share)


def _year(
    year: int, own: Sequence[Given], carried: Sequence[Slice], turnover_cents: int | None, figures: Figures
) -> Year:
    alive = [each for each in carried if year - each.year <= figures.carry_years]
    expired = tuple(each for each in carried if year - each.year > figures.carry_years)
    ceiling = left = ceiling_of(turnover_cents, figures)
    used, rest = [], []
    for each in [*_slices(year, own, figures), *sorted(alive, key=_turn)]:
        now = min(each.cents, left)
        left -= now
        used.append(each._replace(cents=now))
        rest.append(each._replace(cents=each.cents - now))
    return Year(
        year=year,
        given_cents=sum(each.cents for each in own),
        ceiling_cents=ceiling,
        used=tuple(each for each in used if each.cents),
        carried=tuple(sorted((each for each in rest if each.cents), key=_turn)),
        expired=expired,
    )


def _slices(year: int, own: Sequence[Given], figures: Figures) -> list[Slice]:
    kept = sum(each.cents for each in own if each.keeps_rate)
    others = sum(each.cents for each in own if not each.keeps_rate)
    below = min(others, figures.threshold_cents)
    by_rate: dict[Decimal, int] = {}
    for cents, rate in ((kept, figures.rate_kept), (below, figures.rate), (others - below, figures.rate_above)):
        by_rate[rate] = by_rate.get(rate, 0) + cents
    return sorted((Slice(year, cents, rate) for rate, cents in by_rate.items() if cents), key=_turn)


def _turn(part: Slice) -> tuple[int, Decimal]:
    """The oldest first, of one year the higher rate."""
    return part.year, -part.rate
