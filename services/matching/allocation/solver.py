"""Finds the best split: exactly where there are no minimums or few, and else near enough, with the gap said."""

import numpy as np

from services.matching.allocation.exact import exact
from services.matching.allocation.improving import USUAL, Effort, better, improved
from services.matching.allocation.problem import Floats, Problem, Split
from services.matching.allocation.relaxation import Relaxation
from services.matching.allocation.rounding import rounded


def solve(problem: Problem, *, today: Floats | None = None, effort: Effort = USUAL) -> Split:
    """The best split of a problem, never worth less than `today`'s when that one keeps the rules."""
    usable = problem.usable()
    kept = problem.only(usable)
    if not kept.arcs:
        return Split(np.zeros(problem.arcs), 0.0, 0.0, np.zeros(problem.flows), np.zeros(problem.takers))
    relaxation = Relaxation(kept)
    best = relaxation.solve()
    flow_prices, taker_prices = relaxation.prices()
    bound = kept.worth(best)
    if not kept.allows(best):
        start = better(kept, rounded(kept, relaxation, best), None if today is None else today[usable])
        best, bound = _searched(kept, start, bound, effort)
    amounts = np.zeros(problem.arcs)
    amounts[usable] = np.where(best > kept.close, best, 0.0)
    value = problem.worth(amounts)
    return Split(amounts, value, max(bound, value), flow_prices, taker_prices)


def _searched(problem: Problem, start: Floats, bound: float, effort: Effort) -> tuple[Floats, float]:
    """A split at least as good as `start`, and a bound at most as high as `bound`."""
    if int(problem.switched.sum()) <= effort.switches:
        found = exact(problem, start)
        return better(problem, start, found.amounts), min(bound, found.bound)
    return improved(problem, start, bound, effort), bound
