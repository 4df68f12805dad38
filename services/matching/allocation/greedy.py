"""How flows are split today: whoever comes first takes all it can, and the next one what is left."""

import numpy as np

from services.matching.allocation.problem import Floats, Ints, Problem


def first_come(problem: Problem, order: Ints) -> Floats:
    """The amounts when the arcs are served in this order; nobody takes less than its minimum."""
    supply, capacity = problem.supply.copy(), problem.capacity.copy()
    taken_by = np.zeros(problem.flows, dtype=np.int32)
    amounts = np.zeros(problem.arcs)
    usable, most_takers = problem.usable(), problem.most_takers or problem.arcs
    for arc in order.tolist():
        flow, taker = problem.flow[arc], problem.taker[arc]
        amount = min(supply[flow], capacity[taker])
        if usable[arc] and amount > problem.close and amount >= problem.least[arc] and taken_by[flow] < most_takers:
            amounts[arc] = amount
            supply[flow] -= amount
            capacity[taker] -= amount
            taken_by[flow] += 1
    return amounts
