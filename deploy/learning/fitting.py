"""Points of weights from answers: pairwise logistic loss, each pair counted by how improbable it was to be seen.

Who was asked was chosen by the ranking itself, so a pair counts 1 over the probability that both were asked: what was
rarely asked stands for what was never seen. The points in force are where the search begins and what it is held to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from deploy.learning.lines import Case, Line
from services.matching.learning.answers import Answer, taught
from shared.events.reasons import Feature

FEATURES: Final = tuple(Feature)
# A place that one in twenty would get stands for twenty at most: a few lucky answers must not decide.
LEAST_PROPENSITY = 0.05
# Silence is a weak no: many never read.
SILENCE = 0.5
# The points in force weigh as much as so many demands of answers.
HELD_TO = 20.0
# The odds of a preference grow by e for 1 / 0.05 = 20 points where nothing says otherwise; and a little always, so that
# answers that contradict the points in force leave them a say.
USUAL_ODDS, LEAST_ODDS = 0.05, 0.005
SWEEPS, STILL = 500, 1e-10
TENTHS = 1000

Propensity = Callable[[Line], float]
Arrays = np.ndarray[Any, np.dtype[np.float64]]


def by_log(line: Line) -> float:
    """How probable it was that this one was asked, as its line says."""
    return max(LEAST_PROPENSITY, line.propensity)


def learnt(
    cases: Sequence[Case], points: Mapping[Feature, float], *, propensity: Propensity = by_log
) -> dict[Feature, float]:
    """Points that the answers speak for: none negative, a hundred in all, tenths; the same for the same cases."""
    before = np.array([points[each] for each in FEATURES])
    differences, counts, of_all = _pairs(cases, points, propensity)
    if not len(counts):
        return dict(points)
    # A pair that speaks of the distance alone says how much that matters, not how sharply answers follow the whole.
    odds = _odds(differences[of_all] @ before, counts[of_all])
    held = odds * before
    found = _descend(differences, counts, held, start=held)
    return _in_tenths(found)


def _pairs(
    cases: Sequence[Case], points: Mapping[Feature, float], propensity: Propensity
) -> tuple[Arrays, Arrays, list[int]]:
    """Of each pair how much more the better one measures, per point out of a hundred, how much the pair counts, and
    which pairs speak of every feature.
    """
    rows, counts, of_all = list[Arrays](), list[float](), list[int]()
    for case in cases:
        # As many as were asked, each once: a demand that asked more people does not count more.
        size = sum(1 / propensity(line) for line in case.asked)
        for better, other, about, count in _preferences(case.asked):
            if len(about) == len(FEATURES):
                of_all.append(len(rows))
            rows.append(_difference(better, other, about, points))
            counts.append(count / (propensity(better) * propensity(other) * size))
    found = np.array(counts)
    if len(found):
        # As many as there are demands that tell: what `HELD_TO` is measured in.
        found *= sum(case.tells for case in cases) / found.sum()
    return np.array(rows).reshape(-1, len(FEATURES)), found, of_all


def _preferences(lines: Sequence[Line]) -> Iterator[tuple[Line, Line, frozenset[Feature], float]]:
    """Who was preferred to whom, what the difference says something about, and by how much it was preferred."""
    for better in lines:
        for other in lines:
            if better.gain > other.gain:
                about = taught(other.reason) if other.answer is Answer.DECLINED else frozenset(FEATURES)
                if about:
                    sure = SILENCE if other.answer is None else 1.0
                    yield better, other, about, sure * (better.gain - other.gain)


def _difference(better: Line, other: Line, about: frozenset[Feature], points: Mapping[Feature, float]) -> Arrays:
    # Which features apply is decided by the demand alone, so both have the same.
    whole = sum(points[each] for each in better.measures) or 1.0
    return np.array(
        [
            100 * (better.measures[each] - other.measures.get(each, 0.0)) / whole
            if each in about and each in better.measures
            else 0.0
            for each in FEATURES
        ]
    )


def _odds(margins: Arrays, counts: Arrays) -> float:
    """How sharply answers follow the points in force: by the logarithm of the odds, a point."""
    found = USUAL_ODDS
    for _ in range(100):
        chance = 1 / (1 + np.exp(found * margins))
        slope = -float(counts @ (margins * chance)) + found - USUAL_ODDS
        bend = float(counts @ (margins**2 * chance * (1 - chance))) + 1
        step = slope / bend
        found = max(LEAST_ODDS, found - step)
        if abs(step) < STILL:
            break
    return found


def _descend(differences: Arrays, counts: Arrays, held: Arrays, *, start: Arrays) -> Arrays:
    """The minimum of loss and distance from `held`, one feature after the other; never below zero."""
    found, margins = start.copy(), differences @ start
    pull = HELD_TO / np.maximum(held, held.max() / 100) ** 2
    for _ in range(SWEEPS):
        moved = 0.0
        for at in range(len(found)):
            column = differences[:, at]
            chance = 1 / (1 + np.exp(margins))
            slope = -float(counts @ (column * chance)) + pull[at] * (found[at] - held[at])
            bend = float(counts @ (column**2 * chance * (1 - chance))) + pull[at]
            now = max(0.0, found[at] - slope / bend)
            margins = margins + column * (now - found[at])
            moved, found[at] = max(moved, abs(now - found[at])), now
        if moved < STILL * held.max():
            break
    return found


def _in_tenths(values: Arrays) -> dict[Feature, float]:
    """A hundred in all, in tenths: the largest remainders are rounded up, in the order of the features."""
    shares = TENTHS * values / values.sum()
    whole = np.floor(shares + 1e-9)
    short = round(TENTHS - float(whole.sum()))
    for at in np.argsort(-(shares - whole), kind="stable")[:short]:
        whole[at] += 1
    return {feature: float(tenths) / 10 for feature, tenths in zip(FEATURES, whole, strict=True)}
