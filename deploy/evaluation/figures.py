"""The figures of an evaluation: pure functions over ranks, grades and scores, and the interval of a mean."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log2
from random import Random

GRADES = (0, 1, 2, 3)
FITTING = 2
"""The grade from which a pair is one that both sides would have wanted to be told about."""
BINS = (*range(0, 100, 10), 101)
RESAMPLES, SEED = 1000, 20261127


def mean(values: Sequence[float]) -> float:
    """Zero for nothing."""
    return sum(values) / len(values) if values else 0.0


def interval(values: Sequence[float], *, resamples: int = RESAMPLES) -> tuple[float, float]:
    """The 95 % interval of the mean by bootstrap over the cases, the same each time."""
    if not values:
        return 0.0, 0.0
    random = Random(SEED)  # noqa: S311 - resampling, no secret
    means = sorted(mean(random.choices(values, k=len(values))) for _ in range(resamples))
    return means[int(0.025 * resamples)], means[int(0.975 * resamples)]


def ndcg(ranked: Sequence[int], judged: Sequence[int], *, at: int = 10) -> float | None:
    """Normalised discounted gain, gain 2^grade - 1; None when no judged thing deserves a place.

    `ranked` are the grades in the order shown, `judged` all the grades of the case.
    """
    ideal = _dcg(sorted(judged, reverse=True)[:at])
    return _dcg(ranked[:at]) / ideal if ideal else None


def _dcg(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))


def reciprocal_rank(ranked: Sequence[int]) -> float:
    """One over the place of the first fitting thing; 0 without one."""
    return next((1 / place for place, grade in enumerate(ranked, start=1) if grade >= FITTING), 0.0)


def weighted_kappa(pairs: Sequence[tuple[int, int]]) -> float:
    """Cohen's kappa with quadratic weights: agreement of two gradings beyond chance, 1 when they are the same."""
    count = len(pairs)
    firsts = [sum(first == grade for first, _ in pairs) / count for grade in GRADES]
    seconds = [sum(second == grade for _, second in pairs) / count for grade in GRADES]
    observed = sum((first - second) ** 2 for first, second in pairs) / count
    expected = sum((a - b) ** 2 * firsts[a] * seconds[b] for a in GRADES for b in GRADES)
    return 1 - observed / expected if expected else 1.0


def calibration_error(shown: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error: per bin of scores (0 to 100) how far the mean score is from the share that fits."""
    whole = 0.0
    for low, high in pairwise(BINS):
        inside = [(score, fits) for score, fits in shown if low <= score < high]
        if inside:
            said = mean([score / 100 for score, _ in inside])
            whole += len(inside) * abs(said - mean([float(fits) for _, fits in inside]))
    return whole / len(shown) if shown else 0.0


def gini(counts: Sequence[int]) -> float:
    """0 when all are shown as often, towards 1 when one is shown alone."""
    ordered, total = sorted(counts), sum(counts)
    if not total:
        return 0.0
    weighted = sum(place * count for place, count in enumerate(ordered, start=1))
    return 2 * weighted / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)
