"""Two tables of weights on the same held-out demands: quality with intervals, calibration, and who would be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import log2
from random import Random
from typing import NamedTuple
from uuid import UUID

from deploy.evaluation.figures import calibration_error, gini, interval, mean
from deploy.learning.fitting import by_log
from deploy.learning.lines import Case, Line
from services.matching.learning.answers import Answer, taught
from services.matching.ranking.features import Measure
from services.matching.ranking.score import points_of
from services.matching.ranking.weights import Weights
from shared.events.reasons import Feature

FIRST = 10
# A rise that is no chance is less fair, and so is one of more than this where there are too few demands to tell.
TOLERANCE = 0.02
RESAMPLES, SEED = 400, 20261127


class Difference(NamedTuple):
    """A figure under both tables, and the 95 % interval of what it gains."""

    before: float
    after: float
    low: float
    high: float


class Compared(NamedTuple):
    """What the held-out weeks say of a candidate beside the table in force."""

    demands: int
    asked: int
    answered: int
    ndcg: Difference
    mrr: Difference
    calibration: tuple[float, float]
    gini: Difference
    never_shown: Difference
    left_out: tuple[int, int]

    @property
    def is_better(self) -> bool:
        """nDCG@10 rises, and that is no chance."""
        return self.ndcg.low > 0

    @property
    def is_as_fair(self) -> bool:
        """Places go round as evenly, and nobody more is never shown."""
        return not (is_less_fair(self.gini) or is_less_fair(self.never_shown))


def is_less_fair(found: Difference) -> bool:
    """Whether a measure of unevenness rose, by more than chance or by much."""
    return found.low > 0 or found.after > found.before + TOLERANCE


def compare(cases: Sequence[Case], before: Weights, after: Weights) -> Compared:
    """Both tables on the same demands."""
    telling = [case for case in cases if case.tells]
    lines = [line for case in cases for line in case.asked]
    uneven, never = _exposure(cases, before, after)
    return Compared(
        demands=len(telling),
        asked=len(lines),
        answered=sum(line.answer is not None for line in lines),
        ndcg=_difference(telling, _ndcg, before, after),
        mrr=_difference(telling, _mrr, before, after),
        calibration=(_calibration(lines, before), _calibration(lines, after)),
        gini=uneven,
        never_shown=never,
        left_out=(_left_out(lines, before), _left_out(lines, after)),
    )


def points(line: Line, table: Weights) -> int:
    """What the ranking would give."""
    return round(points_of({feature: Measure(value, {}) for feature, value in line.measures.items()}, table))


def _ranked(lines: Sequence[Line], table: Weights) -> list[Line]:
    return sorted(lines, key=lambda line: (-points(line, table), line.organisation))


def _difference(
    cases: Sequence[Case], figure: Callable[[Sequence[Line]], float], before: Weights, after: Weights
) -> Difference:
    was = [figure(_ranked(case.asked, before)) for case in cases]
    now = [figure(_ranked(case.asked, after)) for case in cases]
    low, high = interval([b - a for a, b in zip(was, now, strict=True)])
    return Difference(mean(was), mean(now), low, high)


def _ndcg(ranked: Sequence[Line]) -> float:
    """Gains 2^gain - 1, each over how probable it was that it was seen: what was rarely asked stands for more."""
    gains = [(2.0**line.gain - 1) / by_log(line) for line in ranked]
    ideal = _discounted(sorted(gains, reverse=True))
    return _discounted(gains) / ideal if ideal else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / log2(place + 2) for place, gain in enumerate(gains[:FIRST]))


def _mrr(ranked: Sequence[Line]) -> float:
    return next((1 / place for place, line in enumerate(ranked, start=1) if line.gain), 0.0)


def _calibration(lines: Sequence[Line], table: Weights) -> float:
    """Of those who answered; a reason that is not about fitting says nothing here."""
    told = [line for line in lines if line.answer and (line.answer is not Answer.DECLINED or _about_fitting(line))]
    return calibration_error([(table.shown[points(line, table)], line.gain > 0) for line in told])


def _about_fitting(line: Line) -> bool:
    return bool(taught(line.reason))


class _Places(NamedTuple):
    """All who fit one demand, and who has its first ten places under either table."""

    fitting: list[UUID]
    first: tuple[list[UUID], list[UUID]]


def _exposure(cases: Sequence[Case], before: Weights, after: Weights) -> tuple[Difference, Difference]:
    """How unevenly the first ten places of all demands go round among all who fit, and the share never among them;
    the intervals of the differences are over the demands.
    """
    places = [
        _Places(
            [line.organisation for line in case.all],
            (_first(case.all, before), _first(case.all, after)),
        )
        for case in cases
    ]
    random = Random(SEED)  # noqa: S311 - resampling, no secret
    drawn = [_uneven(random.choices(places, k=len(places))) for _ in range(RESAMPLES)] if places else []
    (uneven, never), resampled = _uneven(places), list(zip(*drawn, strict=True)) or [(), ()]
    return _spread(uneven, resampled[0]), _spread(never, resampled[1])


def _first(lines: Sequence[Line], table: Weights) -> list[UUID]:
    return [line.organisation for line in _ranked(lines, table)[:FIRST]]


def _uneven(places: Sequence[_Places]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Gini, and the share never shown, each before and after."""
    fitting = {each for place in places for each in place.fitting}
    found = []
    for at in range(2):
        counts = Counter(each for place in places for each in place.first[at])
        shown = [counts[each] for each in fitting]
        found.append((gini(shown), sum(not count for count in shown) / len(shown) if shown else 0.0))
    (gini_before, never_before), (gini_after, never_after) = found
    return (gini_before, gini_after), (never_before, never_after)


def _spread(found: tuple[float, float], drawn: Sequence[tuple[float, float]]) -> Difference:
    rises = sorted(after - before for before, after in drawn) or [0.0]
    return Difference(*found, rises[int(0.025 * len(rises))], rises[int(0.975 * (len(rises) - 1))])


def _left_out(lines: Sequence[Line], table: Weights) -> int:
    """Who was asked and would be no match any more."""
    return sum(points(line, table) < table.match_from for line in lines)


def changed(before: Weights, after: Weights) -> dict[Feature, tuple[float, float]]:
    """The points of each feature under both, the heaviest first."""
    order = sorted(before.points, key=lambda feature: -before.points[feature])
    return {feature: (before.points[feature], after.points[feature]) for feature in order}
