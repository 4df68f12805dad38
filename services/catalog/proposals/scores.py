"""How proposals compare: each criterion from 0 to 100, and their weighted mean; a pure module, told on the page."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from shared.phrases.names import INCLUSION_KINDS, SUPPLIER_KINDS

FURTHEST_KM = 100.0
A_COMMITMENT = 25
ESS, ESUS, INCLUSION = 40, 30, 30


class Criterion(StrEnum):
    """What proposals are compared by."""

    PRICE = "price"
    DELAY = "delay"
    NEARNESS = "nearness"
    SOCIAL = "social"
    ENVIRONMENT = "environment"
    COMPLETENESS = "completeness"


Scores = Mapping[Criterion, int]
Weights = Mapping[Criterion, int]

USUAL: Weights = {
    Criterion.PRICE: 40,
    Criterion.DELAY: 15,
    Criterion.NEARNESS: 10,
    Criterion.SOCIAL: 15,
    Criterion.ENVIRONMENT: 10,
    Criterion.COMPLETENESS: 10,
}


class Measures(NamedTuple):
    """What is known of one proposal; `days` from the need's publication to the work's end, `parts` what it says."""

    total_cents: int
    days: int | None
    km: float | None
    kinds: Sequence[str]
    commitments: int
    parts: Sequence[bool]


def scores_of(measured: Sequence[Measures]) -> list[Scores]:
    """The scores of each beside the others; what is not known scores 0."""
    if not measured:
        return []
    cheapest = min(each.total_cents for each in measured)
    soonest = min((each.days for each in measured if each.days is not None), default=0)
    return [
        {
            Criterion.PRICE: _beside(cheapest, each.total_cents),
            Criterion.DELAY: 0 if each.days is None else _beside(soonest, each.days),
            Criterion.NEARNESS: 0 if each.km is None else _within(100 * (1 - each.km / FURTHEST_KM)),
            Criterion.SOCIAL: _social(each.kinds),
            Criterion.ENVIRONMENT: _within(A_COMMITMENT * each.commitments),
            Criterion.COMPLETENESS: _within(100 * sum(each.parts) / len(each.parts)) if each.parts else 0,
        }
        for each in measured
    ]


def mean_of(scores: Scores, weights: Weights) -> int:
    """The weighted mean; 0 where nothing weighs anything."""
    whole = sum(weights.values())
    return round(sum(weights[each] * scores[each] for each in Criterion) / whole) if whole else 0


def _beside(best: int, value: int) -> int:
    """The usual formula of public buyers, best / value, carried on to signed prices: the best has 100.

    What is as far above the best as the larger of the two is has none left: so has any price beside a free one.
    """
    scale = max(abs(best), abs(value))
    return _within(100 * (1 - (value - best) / scale)) if scale else 100


def _social(kinds: Sequence[str]) -> int:
    is_ess = any(kind in SUPPLIER_KINDS for kind in kinds)
    is_inclusive = any(kind in INCLUSION_KINDS for kind in kinds)
    return ESS * is_ess + ESUS * ("esus" in kinds) + INCLUSION * is_inclusive


def _within(value: float) -> int:
    return round(min(max(value, 0.0), 100.0))
