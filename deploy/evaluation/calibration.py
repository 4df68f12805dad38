"""From points to the score shown: the line that says how many in a hundred fit, and how well it holds elsewhere.

A few straight pieces by least squares (isotonic regression on fixed knots), each rising by one a point at least: so the
score orders as the points do and ties where they tie.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import accumulate, pairwise
from math import floor
from random import Random
from typing import NamedTuple

from services.matching.ranking.weights import Curve, shown_by

APART = 10
# Nobody has judged a pair near a hundred points: there the line ends as if thirty had been, of which all but a few fit.
AT_THE_TOP, AS_MANY = 98.0, 30.0
LEAST = 1.0
FOLDS, SEED = 5, "boucle calibration 1"
STEPS, STILL = 2000, 1e-9


class Told(NamedTuple):
    """One pair shown: whose it is, its points, and whether it was judged fitting."""

    case: Hashable
    points: int
    fits: bool


def fitted(pairs: Sequence[Told], *, match_from: int) -> Curve:
    """The curve from the floor of a match on; below it nothing is shown."""
    knots = [match_from, *range(match_from - match_from % APART + APART, 101, APART)]
    widths = [float(high - low) for low, high in pairwise(knots)]
    rows = [(_rising(each.points, knots), 100.0 * each.fits, 1.0) for each in pairs]
    rows.append((_rising(100, knots), AT_THE_TOP, AS_MANY))
    steps = _least_squares(rows, [LEAST, *widths])
    # Below the line that rises by one to the top: nothing is surer than that, and every piece still rises.
    values = [
        min(floor(each + 0.5), knot - round(100 - AT_THE_TOP))
        for each, knot in zip(accumulate(steps), knots, strict=True)
    ]
    return [(0, 0), (match_from - 1, 0), *zip(knots, values, strict=True)]


def _rising(points: float, knots: Sequence[int]) -> list[float]:
    """How much of each step is reached: all of the first one, and of the others what lies below."""
    return [1.0, *(min(1.0, max(0.0, (points - low) / (high - low))) for low, high in pairwise(knots))]


def _least_squares(rows: Sequence[tuple[list[float], float, float]], least: Sequence[float]) -> list[float]:
    """Steps none of which is smaller than its least: one coordinate after the other until nothing moves."""
    size = len(least)
    gram = [[sum(w * b[i] * b[j] for b, _, w in rows) for j in range(size)] for i in range(size)]
    goal = [sum(w * b[i] * y for b, y, w in rows) for i in range(size)]
    steps = list(least)
    for _ in range(STEPS):
        moved = 0.0
        for i in range(size):
            pulled = goal[i] - sum(gram[i][j] * steps[j] for j in range(size))
            now = max(least[i], steps[i] + (pulled / gram[i][i] if gram[i][i] else 0.0))
            moved, steps[i] = max(moved, abs(now - steps[i])), now
        if moved < STILL:
            break
    return steps


def held_out(pairs: Sequence[Told], *, match_from: int) -> list[tuple[float, bool]]:
    """Every pair with the score of a curve that was fitted without its fifth of the cases, the same each time."""
    cases = sorted({each.case for each in pairs}, key=str)
    Random(SEED).shuffle(cases)  # noqa: S311 - folds, no secret
    fold_of = {case: number % FOLDS for number, case in enumerate(cases)}
    found: list[tuple[float, bool]] = []
    for fold in range(FOLDS):
        shown = shown_by(fitted([each for each in pairs if fold_of[each.case] != fold], match_from=match_from))
        found += [(shown[each.points], each.fits) for each in pairs if fold_of[each.case] == fold]
    return found
