"""INVARIANT: a split keeps every rule, is worth no less than first come first served, and says how good it is."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from services.matching.allocation.exact import within
from services.matching.allocation.greedy import first_come
from services.matching.allocation.improving import Effort
from services.matching.allocation.problem import Floats, Problem
from services.matching.allocation.solver import solve

# Without any exhaustive search: only rounding and improving, as for a market of thousands of arcs.
IN_GROUPS = Effort(switches=0, group=6, rounds=6)
NEAR = 1e-6
AMOUNTS = st.sampled_from((0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0))


@st.composite
def problems(draw: DrawFn, *, flows: int = 4, takers: int = 5) -> Problem:
    """A market with minimums, takers that told no capacity, worthless arcs, and sometimes few takers a flow."""
    supply = draw(st.lists(AMOUNTS, min_size=1, max_size=flows))
    capacity = draw(st.lists(st.one_of(AMOUNTS, st.just(np.inf), st.just(0.0)), min_size=1, max_size=takers))
    pairs = [pair for pair in product(range(len(supply)), range(len(capacity))) if draw(st.integers(0, 3))]
    values = [draw(st.sampled_from((-0.1, 0.0, 0.2, 0.5, 0.8, 1.0, 1.2))) for _ in pairs]
    least = [draw(st.sampled_from((0.0, 0.0, 0.5, 1.0, 2.5, 4.0))) for _ in pairs]
    return Problem(
        np.array(supply),
        np.array(capacity),
        np.array([flow for flow, _ in pairs], dtype=np.int32),
        np.array([taker for _, taker in pairs], dtype=np.int32),
        np.array(values, dtype=np.float64),
        np.array(least, dtype=np.float64),
        draw(st.sampled_from((None, None, 1, 2))),
    )


def in_order(problem: Problem) -> Floats:
    return first_come(problem, np.arange(problem.arcs, dtype=np.int32))


def best_of_all(problem: Problem) -> float:
    """What the best split is worth: every choice of arcs that carry, each with its best amounts."""
    usable = np.flatnonzero(problem.usable())
    kept = problem.only(problem.usable())
    best = 0.0
    for count in range(len(usable) + 1):
        for chosen in combinations(range(len(usable)), count):
            carries = np.isin(np.arange(len(usable)), chosen)
            amounts = within(kept, carries) if count else None
            best = max(best, kept.worth(amounts)) if amounts is not None else best
    return best


@pytest.mark.parametrize("effort", [Effort(), IN_GROUPS], ids=["searched", "in groups"])
@given(problem=problems())
@settings(max_examples=150, deadline=None)
def test_it_keeps_every_rule_and_is_worth_no_less_than_today(effort: Effort, problem: Problem) -> None:
    today = in_order(problem)
    split = solve(problem, today=today, effort=effort)
    given_out = np.bincount(problem.flow, split.amounts, minlength=problem.flows)
    taken = np.bincount(problem.taker, split.amounts, minlength=problem.takers)
    carries = split.amounts > 0
    assert (given_out <= problem.supply + NEAR).all(), "never more than the flow"
    assert (taken <= problem.capacity + NEAR).all(), "never over a capacity"
    assert (split.amounts[carries] >= problem.least[carries] - NEAR).all(), "never under a minimum"
    most = problem.most_takers or problem.arcs
    assert (np.bincount(problem.flow, carries, minlength=problem.flows) <= most).all(), "at most k takers a flow"
    assert split.value >= problem.worth(today) - NEAR, "never worse than first come, first served"
    assert split.value == pytest.approx(problem.worth(split.amounts))
    assert split.bound >= split.value
    assert 0 <= split.gap <= 1


@pytest.mark.parametrize("effort", [Effort(), IN_GROUPS], ids=["searched", "in groups"])
@given(problem=problems(flows=3, takers=3))
@settings(max_examples=60, deadline=None)
def test_no_split_beats_the_bound_and_a_gap_of_nothing_is_the_best(effort: Effort, problem: Problem) -> None:
    best = best_of_all(problem)
    split = solve(problem, effort=effort)
    assert split.value <= best + NEAR
    assert best <= split.bound + NEAR, "the bound holds"
    assert best * (1 - split.gap) <= split.value + NEAR, "the gap is true"
    if effort != IN_GROUPS:
        assert split.value == pytest.approx(best, abs=NEAR), "small markets are searched to the end"


def test_a_last_digit_is_no_gap() -> None:
    one, here = np.ones(1), np.zeros(1, dtype=np.int32)
    split = solve(Problem(one, one, here, here, one, np.zeros(1)))
    assert replace(split, value=1.2, bound=1.2000000000000002).gap == 0.0
    assert replace(split, value=1.2, bound=1.2001).gap > 0


@given(problem=problems())
@settings(max_examples=60, deadline=None)
def test_without_minimums_it_is_the_best(problem: Problem) -> None:
    free = replace(problem, least=np.zeros(problem.arcs), most_takers=None)
    split = solve(free, effort=IN_GROUPS)
    assert split.gap == 0.0
    told = np.isfinite(free.capacity)
    priced = free.supply @ split.flow_prices + free.capacity[told] @ split.taker_prices[told]
    assert priced == pytest.approx(split.value, abs=NEAR), "the prices prove it: strong duality"
    assert split.value >= solve(problem).value - NEAR


@given(problem=problems())
@settings(max_examples=40, deadline=None)
def test_the_same_problem_gives_the_same_split(problem: Problem) -> None:
    for effort in (Effort(), IN_GROUPS):
        first, second = solve(problem, effort=effort), solve(problem, effort=effort)
        assert first.amounts.tolist() == second.amounts.tolist()


@given(problem=problems(), more=AMOUNTS)
@settings(max_examples=60, deadline=None)
def test_more_capacity_is_worth_its_price_at_most(problem: Problem, more: float) -> None:
    """A price is that of the next unit: without minimums no amount is worth more than its price times it."""
    free = replace(problem, least=np.zeros(problem.arcs), most_takers=None)
    split = solve(free)
    for taker in range(free.takers):
        capacity = free.capacity.copy()
        capacity[taker] += more
        then = solve(replace(free, capacity=capacity))
        assert split.value - NEAR <= then.value <= split.value + split.taker_prices[taker] * more + NEAR


def test_nobody_to_take_is_an_empty_split() -> None:
    nobody = np.zeros(0)
    nowhere = np.zeros(0, dtype=np.int32)
    split = solve(Problem(np.array([5.0]), nobody, nowhere, nowhere, nobody, nobody))
    assert (split.value, split.bound, split.gap, len(split.amounts)) == (0.0, 0.0, 0.0, 0)


def test_two_flows_share_one_capacity() -> None:
    """Two flows of ten; one taker reuses ten of either, another recycles ten of the first only."""
    problem = Problem(
        supply=np.array([10.0, 10.0]),
        capacity=np.array([10.0, 10.0]),
        flow=np.array([0, 1, 0], dtype=np.int32),
        taker=np.array([0, 0, 1], dtype=np.int32),
        value=np.array([1.0, 0.9, 0.5]),
        least=np.zeros(3),
    )
    assert in_order(problem).tolist() == [10.0, 0.0, 0.0]
    assert solve(problem).amounts.tolist() == [0.0, 10.0, 10.0]
