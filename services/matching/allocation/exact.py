"""The whole problem, minimums and numbers of takers included: a mixed-integer programme, for what is small enough."""

from typing import NamedTuple

import highspy
import numpy as np

from services.matching.allocation.problem import Floats, Ints, Mask, Problem
from services.matching.allocation.relaxation import Relaxation, solver

# Nodes end the search the same way everywhere; the seconds are only for a problem that is harder than any seen.
MOST_NODES, MOST_SECONDS = 5000, 1.0
# Within a millionth it is called the best.
ENOUGH = 1e-6


class Found(NamedTuple):
    """The best amounts found, and the bound that no amounts exceed; None when there was time for none."""

    amounts: Floats | None
    bound: float


def exact(problem: Problem, start: Floats, *, nodes: int = MOST_NODES, seconds: float = MOST_SECONDS) -> Found:
    """Search from a good split: branching decides which arcs carry, one linear programme in the end how much."""
    switched = np.flatnonzero(problem.switched).astype(np.int32)
    search = solver(mip_rel_gap=ENOUGH, mip_abs_gap=0.0, mip_max_nodes=nodes, time_limit=seconds)
    search.passModel(_programme(problem, switched))
    hint = highspy.HighsSolution()
    hint.col_value, hint.value_valid = np.r_[start, start[switched] > problem.close].astype(np.float64), True
    search.setSolution(hint)
    search.run()
    bound = -float(search.getInfo().mip_dual_bound)
    values = np.array(search.getSolution().col_value, dtype=np.float64)
    if len(values) == 0:
        return Found(None, bound)
    carries = np.ones(problem.arcs, dtype=bool)
    carries[switched] = values[problem.arcs :] > 0.5
    return Found(within(problem, carries), bound)


def within(problem: Problem, carries: Mask) -> Floats | None:
    """The best amounts when these arcs carry their minimum at least, and no other does; None when that cannot be."""
    relaxation = Relaxation(problem)
    arcs = np.arange(problem.arcs, dtype=np.int32)
    relaxation.narrow(arcs, np.where(carries, problem.least, 0.0), np.where(carries, problem.most, 0.0))
    try:
        amounts = relaxation.solve()
    except ArithmeticError:
        return None
    return amounts if problem.allows(amounts) else None


def _programme(problem: Problem, switched: Ints) -> highspy.HighsLp:
    """A switch beside each arc that needs one: off it carries nothing, on at least its minimum."""
    arcs, count, flows, takers = problem.arcs, len(switched), problem.flows, problem.takers
    every, switch = np.arange(arcs), arcs + np.arange(count)
    most, least = problem.most[switched], problem.least[switched]
    above = flows + takers + np.arange(count)
    below = above + count
    crowd = flows + takers + 2 * count + problem.flow[switched]
    entries = [
        (problem.flow, every, np.ones(arcs)),
        (flows + problem.taker, every, np.ones(arcs)),
        (above, switched, np.ones(count)),
        (above, switch, -most),
        (below, switched, -np.ones(count)),
        (below, switch, least),
        (crowd, switch, np.ones(count)),
    ]
    row, column, factor = (np.concatenate(each) for each in zip(*entries, strict=True))
    order = np.lexsort((row, column))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = arcs + count, 2 * flows + takers + 2 * count
    lp.col_cost_ = np.r_[-problem.value, np.zeros(count)]
    lp.col_lower_, lp.col_upper_ = np.zeros(arcs + count), np.r_[problem.most, np.ones(count)]
    lp.row_lower_ = np.full(lp.num_row_, -highspy.kHighsInf)
    many = float(problem.most_takers or arcs)
    lp.row_upper_ = np.r_[problem.supply, problem.capacity, np.zeros(2 * count), np.full(flows, many)]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.r_[0, np.cumsum(np.bincount(column, minlength=arcs + count))].astype(np.int32)
    lp.a_matrix_.index_, lp.a_matrix_.value_ = row[order].astype(np.int32), factor[order]
    continuous, integer = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
    lp.integrality_ = [continuous] * arcs + [integer] * count
    return lp
