"""Better splits of a market that is too large to be searched whole: neighbouring flows are searched again together."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.matching.allocation.exact import exact
from services.matching.allocation.problem import Floats, Ints, Problem

NODES = 200


@dataclass(frozen=True)
class Effort:
    """How far to go: `switches` are searched whole; above, groups of `group` arcs until `gap`, `rounds` or `seconds`.

    The rounds end it everywhere at the same split; the seconds are for a machine that is much slower than any seen.
    """

    switches: int = 400
    group: int = 160
    gap: float = 0.005
    rounds: int = 40
    seconds: float = 4.0


USUAL = Effort()


def better(problem: Problem, amounts: Floats, other: Floats | None) -> Floats:
    """The one of two splits that is worth more; `other` only when it keeps the rules."""
    if other is None or problem.worth(other) <= problem.worth(amounts) or not problem.allows(other):
        return amounts
    return other


def improved(problem: Problem, amounts: Floats, bound: float, effort: Effort) -> Floats:
    """A split at least as good, by searching each group of flows with what the others leave."""
    ends = time.perf_counter() + effort.seconds
    for _, group in zip(range(effort.rounds), _groups(problem, effort.group), strict=False):
        if problem.worth(amounts) >= bound * (1 - effort.gap) or time.perf_counter() > ends:
            break
        inside = np.isin(problem.flow, group)
        others = np.where(inside, 0.0, amounts)
        free = inside & problem.beside(others).usable()
        part = problem.beside(others).only(free)
        found = exact(part, amounts[free], nodes=NODES, seconds=effort.seconds / 4).amounts
        if found is not None:
            tried = others.copy()
            tried[free] = found
            amounts = better(problem, amounts, tried)
    return amounts


def _groups(problem: Problem, arcs: int) -> Iterator[Ints]:
    """Flows that compete for the takers of one of them, as many as have so many arcs; without end."""
    size = max(2, arcs * problem.flows // problem.arcs)
    chance = np.random.default_rng(0)
    while True:
        first = int(chance.integers(problem.flows))
        takers = problem.taker[problem.flow == first]
        shared = np.bincount(problem.flow, np.isin(problem.taker, takers), minlength=problem.flows)
        yield np.argsort(-shared, kind="stable")[:size].astype(np.int32)
