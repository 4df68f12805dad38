"""What a split comes to: how much is placed, at which level, how far it goes, and its carbon."""

from msgspec import Struct

from services.matching.allocation.market import Market
from services.matching.allocation.problem import Floats
from services.matching.allocation.values import UNSAID, Values
from shared.events.facts import Level

# Below this nothing is placed: a gram, or a thousandth of a piece.
LEAST = 0.001


class Figures(Struct, frozen=True):
    """A split of one market; amounts a month in its unit. Without weights there is no transport.

    `points` are kilograms (or pieces) weighed by level and social value, less the carbon of their transport.
    """

    placed: float
    left: float
    by_level: dict[str, float]
    takers: int
    points: float
    tonne_km: float | None
    co2e_low: float | None
    co2e_usual: float | None
    co2e_high: float | None


def figures_of(market: Market, amounts: Floats, table: Values) -> Figures:
    """The figures of these amounts by arc."""
    shares = [(arc, float(amount)) for arc, amount in zip(market.arcs, amounts, strict=True) if amount >= LEAST]
    placed = sum(amount for _, amount in shares)
    by_level = dict.fromkeys((*(level.value for level in Level), UNSAID), 0.0)
    for arc, amount in shares:
        by_level[arc.candidate.supply.level or UNSAID] += amount
    weighed = all(arc.kilograms is not None for arc in market.arcs)
    tonne_km = sum(table.tonne_km(amount * (arc.kilograms or 0.0), arc.km) for arc, amount in shares)
    carbon = table.transport.of(tonne_km)
    return Figures(
        placed=round(placed, 3),
        left=round(max(0.0, sum(market.amounts.values()) - placed), 3),
        by_level={code: round(amount, 3) for code, amount in by_level.items() if amount},
        takers=len({arc.candidate.supply.id for arc, _ in shares}),
        points=round(sum(arc.value * amount for arc, amount in shares), 3),
        tonne_km=round(tonne_km, 3) if weighed else None,
        co2e_low=round(carbon.low, 3) if weighed else None,
        co2e_usual=round(carbon.usual, 3) if weighed else None,
        co2e_high=round(carbon.high, 3) if weighed else None,
    )
