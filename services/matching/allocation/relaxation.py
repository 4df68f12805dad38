"""The relaxed problem, without minimums: a linear programme, solved exactly and again quickly after each change.

HiGHS starts from the basis of a greedy split: a greedy split is a vertex (each share exhausts its flow or its taker),
and four times fewer steps lead from there to the best one than from nothing.
"""

import highspy
import numpy as np

from services.matching.allocation.problem import Floats, Ints, Problem

Option = bool | int | float | str

BASIC, AT_MOST, AT_LEAST = (
    highspy.HighsBasisStatus.kBasic,
    highspy.HighsBasisStatus.kUpper,
    highspy.HighsBasisStatus.kLower,
)
# One thread and a fixed strategy: the same problem gives the same split.
QUIET: dict[str, Option] = {"output_flag": False, "threads": 1, "parallel": "off", "random_seed": 0}
DUAL_SIMPLEX: dict[str, Option] = {"solver": "simplex", "simplex_strategy": 1, "presolve": "off"}


class Solver(highspy.Highs):
    """HiGHS, which greets standard output when its callbacks are enabled; we use none."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def enableCallbacks(self) -> None:  # noqa: N802 - the library's name
        """Leave them off."""


def solver(**options: Option) -> Solver:
    """A solver that says nothing."""
    made = Solver()
    for name, value in {**QUIET, **options}.items():
        made.setOptionValue(name, value)
    return made


class Relaxation:
    """One linear programme; arcs may be narrowed and widened between two solutions."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._highs = solver(**DUAL_SIMPLEX)
        self._highs.passModel(_programme(problem))
        self._highs.setBasis(_greedy_basis(problem))

    def solve(self) -> Floats:
        """The best amounts within the bounds as they are."""
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"no optimum: {self._highs.getModelStatus()}")
        return np.maximum(np.array(self._highs.getSolution().col_value, dtype=np.float64), 0.0)

    def narrow(self, arcs: Ints, least: Floats, most: Floats) -> None:
        """Let each of these arcs carry between `least` and `most`."""
        if len(arcs):
            self._highs.changeColsBounds(len(arcs), arcs, least, most)

    def prices(self) -> tuple[Floats, Floats]:
        """What one unit more of each flow, and of each taker's capacity, would be worth."""
        # HiGHS minimises: the value is its cost with the sign turned, and so are its duals.
        duals = -np.array(self._highs.getSolution().row_dual, dtype=np.float64)
        flows, takers = self.problem.flows, self.problem.takers
        return np.maximum(duals[:flows], 0.0), np.maximum(duals[flows : flows + takers], 0.0)


def _programme(problem: Problem) -> highspy.HighsLp:
    """At most the supply, at most the capacity; a flow's shares of what each arc could carry count as its takers."""
    counts = problem.most_takers is not None
    rows = [problem.flow, problem.flows + problem.taker]
    factors = [np.ones(problem.arcs), np.ones(problem.arcs)]
    limits = [problem.supply, problem.capacity]
    if problem.most_takers is not None:
        rows.append(problem.flows + problem.takers + problem.flow)
        factors.append(1.0 / problem.most)
        limits.append(np.full(problem.flows, float(problem.most_takers)))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = problem.arcs, sum(len(each) for each in limits)
    # Without an upper end of their own: it would share the price of the capacity that it repeats.
    ends = np.full(problem.arcs, highspy.kHighsInf)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = -problem.value, np.zeros(problem.arcs), ends
    lp.row_lower_ = np.full(lp.num_row_, -highspy.kHighsInf)
    lp.row_upper_ = np.concatenate(limits)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, (2 + counts) * problem.arcs + 1, 2 + counts, dtype=np.int32)
    lp.a_matrix_.index_ = np.stack(rows, axis=1).ravel().astype(np.int32)
    lp.a_matrix_.value_ = np.stack(factors, axis=1).ravel()
    return lp


def _greedy_basis(problem: Problem) -> highspy.HighsBasis:
    """The basis of the split that fills the most valuable arcs first."""
    supply, capacity = problem.supply.tolist(), problem.capacity.tolist()
    flow, taker = problem.flow.tolist(), problem.taker.tolist()
    columns = [AT_LEAST] * problem.arcs
    extra = problem.flows if problem.most_takers is not None else 0
    rows = [BASIC] * (problem.flows + problem.takers + extra)
    for arc in np.argsort(-problem.value, kind="stable").tolist():
        left, room = supply[flow[arc]], capacity[taker[arc]]
        if left <= 0 or room <= 0:
            continue
        columns[arc] = BASIC
        if left <= room:
            supply[flow[arc]], capacity[taker[arc]] = 0.0, room - left
            rows[flow[arc]] = AT_MOST
        else:
            supply[flow[arc]], capacity[taker[arc]] = left - room, 0.0
            rows[problem.flows + taker[arc]] = AT_MOST
    basis = highspy.HighsBasis()
    basis.col_status, basis.row_status, basis.valid = columns, rows, True
    return basis
