"""From the best split without minimums to one that keeps them: decide the clearest arcs, solve again, go on."""

import numpy as np

from services.matching.allocation.problem import Floats, Ints, Mask, Problem
from services.matching.allocation.relaxation import Relaxation

# Each round decides at least this share of what is undecided.
DECIDED = 0.5
PATIENCE = 40


def rounded(problem: Problem, relaxation: Relaxation, amounts: Floats) -> Floats:
    """Amounts that keep every rule, near the relaxed ones; the relaxation is left narrowed."""
    least, most = np.zeros(problem.arcs), problem.most.copy()
    rounds = 0
    while True:
        small, crowd = problem.too_small(amounts), problem.crowded(amounts)
        if not small.any() and not crowd.any():
            return amounts
        rounds += 1
        before = least + most
        shut = _beyond(problem, amounts, crowd, least)
        most[shut] = 0.0
        _decide(problem, amounts, small & ~shut, least=least, most=most, all_at_once=rounds > PATIENCE)
        changed = np.flatnonzero(least + most != before).astype(np.int32)
        relaxation.narrow(changed, least[changed], most[changed])
        amounts = relaxation.solve()


def _beyond(problem: Problem, amounts: Floats, crowd: Mask, least: Floats) -> Mask:
    """Of the flows with too many takers, the arcs that carry least worth; never one that is decided to carry."""
    if problem.most_takers is None or not crowd.any():
        return np.zeros(problem.arcs, dtype=bool)
    worth = np.where(amounts > problem.close, problem.value * amounts, -1.0) + np.where(least > 0, np.inf, 0.0)
    mask: Mask = crowd[problem.flow] & (_rank_in_flow(problem, worth) >= problem.most_takers) & (least <= 0)
    return mask


def _rank_in_flow(problem: Problem, worth: Floats) -> Ints:
    """For each arc how many of its flow are before it, the most worth first."""
    order = np.lexsort((-worth, problem.flow))
    begins = np.flatnonzero(np.r_[True, np.diff(problem.flow[order]) > 0])
    sizes = np.diff(np.r_[begins, problem.arcs])
    rank = np.empty(problem.arcs, dtype=np.int32)
    rank[order] = np.arange(problem.arcs) - np.repeat(begins, sizes)
    return rank


def _decide(problem: Problem, amounts: Floats, small: Mask, *, least: Floats, most: Floats, all_at_once: bool) -> None:
    """Shut or open the clearest of the arcs below their minimum, in place."""
    arcs = np.flatnonzero(small)
    if not len(arcs):
        return
    share = amounts[arcs] / problem.least[arcs]
    clear = np.abs(share - 0.5)
    enough = -np.inf if all_at_once else np.quantile(clear, 1 - DECIDED)
    given = np.bincount(problem.flow, least, minlength=problem.flows)
    taken = np.bincount(problem.taker, least, minlength=problem.takers)
    carries = np.bincount(problem.flow, least > 0, minlength=problem.flows)
    for arc, part in sorted(zip(arcs.tolist(), share.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0])):
        if abs(part - 0.5) < enough:
            continue
        flow, taker, wanted = problem.flow[arc], problem.taker[arc], problem.least[arc]
        fits = given[flow] + wanted <= problem.supply[flow] and taken[taker] + wanted <= problem.capacity[taker]
        if part >= 0.5 and fits and not all_at_once and carries[flow] < (problem.most_takers or problem.arcs):
            least[arc] = wanted
            given[flow] += wanted
            taken[taker] += wanted
            carries[flow] += 1
        else:
            most[arc] = 0.0
