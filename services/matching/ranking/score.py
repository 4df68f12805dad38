"""From two sides to a verdict: no match, a near miss with its gap, or a match with its score and reasons."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from pydantic import TypeAdapter

from services.matching.ranking.constraints import gaps, possible
from services.matching.ranking.features import EVIDENCE, SUITING, Measure, Measuring
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import Weights
from shared.events.reasons import Feature, Gap, Reason, Value

Measures = Mapping[Feature, Measure]
REASONS: TypeAdapter[tuple[Reason, ...]] = TypeAdapter(tuple[Reason, ...])
"""Reads and writes stored reasons."""


class Verdict(NamedTuple):
    """A match (`gap` is None) or a near miss (the one constraint that fails; the score is what it would have had).

    `points` are what the features add up to, `score` is what is shown for them: how many in a hundred such pairs fit.
    """

    demand: Demand
    supply: Supply
    points: int
    score: int
    measures: Measures
    gap: Gap | None


def judge(demand: Demand, supply: Supply, table: Weights, *, today: date) -> Verdict | None:
    """Decide on one pair.

    A match holds every constraint, is relevant (category, code or text alone reaches its floor: being near is never
    enough) and has at least `match_from` points. A near miss fails exactly one constraint that somebody could lift, is
    relevant, and would have at least `near_miss_from` points. Anything else is None.
    """
    measures = _measured(EVIDENCE, demand, supply)
    if not _relevant(measures, table) or not possible(demand, supply, today):
        return None
    failing = gaps(demand, supply, today, most=2)
    if len(failing) > 1:
        return None
    measures |= _measured(SUITING, demand, supply)
    points = round(points_of(measures, table))
    if points < (table.near_miss_from if failing else table.match_from):
        return None
    return Verdict(demand, supply, points, table.shown[points], measures, failing[0] if failing else None)


def fitting(demand: Demand, supply: Supply, table: Weights) -> Verdict:
    """What `judge` says of a pair that the index knows to fit: its constraints are not looked at again."""
    measures = _measured(EVIDENCE, demand, supply) | _measured(SUITING, demand, supply)
    points = round(points_of(measures, table))
    return Verdict(demand, supply, points, table.shown[points], measures, None)


def _measured(features: Mapping[Feature, Measuring], demand: Demand, supply: Supply) -> dict[Feature, Measure]:
    return {name: measured for name, measure in features.items() if (measured := measure(demand, supply)) is not None}


def _relevant(measures: Measures, table: Weights) -> bool:
    for feature, floor in table.relevance.items():
        measure = measures.get(feature)
        if measure is not None and measure.value >= floor:
            return True
    return False


def points_of(measures: Measures, table: Weights) -> float:
    """The weighted mean of the features that apply, 0 to 100; the score is read off it, by `table.shown`."""
    points = table.points
    whole = sum(points[feature] for feature in measures)
    if not whole:
        return 0.0
    return 100 * sum(points[feature] * measure.value for feature, measure in measures.items()) / whole


def reasons_of(measures: Measures, table: Weights) -> tuple[Reason, ...]:
    """One reason per feature that counted, the heaviest first; they add up to the points that the score is read off."""
    whole = sum(table.points[feature] for feature in measures)
    found = [
        # Our own values: checking them again for each pair cost more than judging it.
        Reason.known(feature=feature, points=_decimal(points), values=_told(measure))
        for feature, measure in measures.items()
        if measure.values and (points := 100 * table.points[feature] * measure.value / whole) >= 0.5
    ]
    return tuple(sorted(found, key=lambda reason: -reason.points))


def _told(measure: Measure) -> dict[str, Value]:
    return {name: _decimal(each) if isinstance(each, float) else each for name, each in measure.values.items()}


def _decimal(value: float) -> Decimal:
    return _written(round(value, 1))


# The same few thousand come again and again: kilometres, points, days.
@lru_cache(maxsize=16_384)
def _written(tenths: float) -> Decimal:
    return Decimal(repr(tenths))
