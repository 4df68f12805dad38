"""How unevenly solicitations fall on suppliers: pure arithmetic over who was asked how often."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

# Below this a coefficient says more about chance than about us.
ENOUGH = 10
# Points of the curve of concentration, ends included.
CURVE_POINTS = 21


class Asked(NamedTuple):
    """One supplier: whether something fitted it well lately, how often it was asked, whether it is new.

    `is_new` is None where nobody told since when it is here.
    """

    organisation_id: UUID
    fits: bool
    asked: int
    is_new: bool | None


class Exposure(NamedTuple):
    """How solicitations fell on those whom something fitted.

    `never_asked` and `newcomers` are shares, 0 to 1: of those suppliers, and of the suppliers that were asked. `curve`
    is the share of all solicitations that the least asked 0 %, 5 % ... 100 % of suppliers got.
    """

    suppliers: int
    solicitations: int
    gini: float
    never_asked: float
    newcomers: float | None
    curve: list[float]


def exposure_of(suppliers: Sequence[Asked]) -> Exposure:
    """The figures of some suppliers; those whom nothing fitted well count among the asked only."""
    counts = [each.asked for each in suppliers if each.fits]
    aged = [each.is_new for each in suppliers if each.asked and each.is_new is not None]
    return Exposure(
        suppliers=len(counts),
        solicitations=sum(counts),
        gini=gini(counts),
        never_asked=counts.count(0) / len(counts) if counts else 0.0,
        newcomers=sum(aged) / len(aged) if aged else None,
        curve=curve(counts),
    )


def gini(counts: Iterable[int]) -> float:
    """0 when all were asked alike, near 1 when one got everything; 0 where nobody was asked."""
    ordered = sorted(counts)
    whole, size = sum(ordered), len(ordered)
    if not whole:
        return 0.0
    weighted = sum((2 * rank - size - 1) * count for rank, count in enumerate(ordered, start=1))
    return weighted / (size * whole)


def curve(counts: Iterable[int]) -> list[float]:
    """The curve of concentration (Lorenz), from 0 to 1 in equal steps of suppliers; a diagonal where nobody was."""
    ordered = sorted(counts)
    whole, steps = sum(ordered), CURVE_POINTS - 1
    if not whole:
        return [at / steps for at in range(CURVE_POINTS)]
    reached, sums = 0, [0]
    for count in ordered:
        reached += count
        sums.append(reached)
    return [round(_between(sums, at * len(ordered) / steps) / whole, 4) for at in range(CURVE_POINTS)]


def _between(sums: Sequence[int], at: float) -> float:
    below = int(at)
    if below + 1 >= len(sums):
        return sums[-1]
    return sums[below] + (at - below) * (sums[below + 1] - sums[below])
