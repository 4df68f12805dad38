"""The split of a whole market: exactly without minimums, near enough with them, beside first come first served."""

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np

from deploy.bench.figures import percentile
from services.matching.allocation.greedy import first_come
from services.matching.allocation.problem import Problem, Split
from services.matching.allocation.solver import solve

FLOWS, TAKERS, ARCS_A_FLOW = 500, 2000, 20
# A flow's takers are drawn from so many of its neighbours, so that neighbours compete.
NEIGHBOURS = 120
MARKETS = 5
FEW_TAKERS = 4
# What a tonne and a kilometre of road cost, as the values of the table have it.
CARBON_A_KG_KM = 0.12 * 1.3 / 1000

Say = Callable[[str], None]


class WrongSplit(RuntimeError):
    """A split that breaks a rule, or a best one that its prices do not prove: nothing wrong is timed."""


def measure_allocation(say: Say, *, runs: int = 5) -> dict[str, Any]:
    """Figures of five made-up markets, each solved `runs` times.

    `processor` is the time that this process computed: what a machine that others use as well would need alone.
    """
    markets = [market(seed) for seed in range(MARKETS)]
    free = [replace(each, least=np.zeros(each.arcs)) for each in markets]
    crowded = [replace(each, most_takers=FEW_TAKERS) for each in markets]
    figures: dict[str, Any] = {"flows": FLOWS, "takers": TAKERS, "arcs": FLOWS * ARCS_A_FLOW, "markets": MARKETS}
    for name, problems, is_exact in (
        ("without_minimums", free, True),
        ("with_minimums", markets, False),
        ("with_minimums_and_4_takers", crowded, False),
    ):
        say(name)
        figures[name] = _figures(problems, runs=runs, is_exact=is_exact)
    return figures


def market(seed: int) -> Problem:
    """Flows and takers over fifty kilometres, amounts that differ by a factor of twenty, minimums on two thirds."""
    chance = np.random.default_rng(seed)
    flows, takers = chance.normal(0, 25, (FLOWS, 2)), chance.normal(0, 25, (TAKERS, 2))
    supply, capacity = np.round(chance.lognormal(8.3, 1.0, FLOWS)), np.round(chance.lognormal(7.3, 1.0, TAKERS))
    points = chance.choice([1.0, 0.8, 0.5, 0.2], TAKERS, p=[0.3, 0.2, 0.4, 0.1]) * chance.choice(
        [1.0, 1.1, 1.2], TAKERS
    )
    least = np.round(capacity * chance.choice([0.0, 0.1, 0.25, 0.5], TAKERS, p=[0.3, 0.3, 0.2, 0.2]))
    flow = np.repeat(np.arange(FLOWS), ARCS_A_FLOW)
    km = np.hypot(*(takers[None, :, :] - flows[:, None, :]).transpose(2, 0, 1))
    near = np.argsort(km, axis=1)[:, :NEIGHBOURS]
    taker = np.concatenate([chance.choice(each, ARCS_A_FLOW, replace=False) for each in near])
    value = points[taker] - km[flow, taker] * CARBON_A_KG_KM
    return Problem(supply, capacity, flow.astype(np.int32), taker.astype(np.int32), value, least[taker])


def _figures(problems: list[Problem], *, runs: int, is_exact: bool) -> dict[str, Any]:
    times, processor, todays = list[float](), list[float](), list[float]()
    gaps, gains = list[float](), list[float]()
    for problem in problems:
        began = time.perf_counter()
        today = first_come(problem, np.random.default_rng(0).permutation(problem.arcs).astype(np.int32))
        todays.append(time.perf_counter() - began)
        solve(problem, today=today)
        for _ in range(runs):
            began, computed = time.perf_counter(), time.process_time()
            split = solve(problem, today=today)
            times.append(time.perf_counter() - began)
            processor.append(time.process_time() - computed)
        _refuse_wrong(problem, split, is_exact=is_exact)
        gaps.append(split.gap)
        gains.append(split.value / problem.worth(today) - 1)
    return {
        "p50_ms": percentile(times, 0.5),
        "max_ms": percentile(times, 1.0),
        "processor_p50_ms": percentile(processor, 0.5),
        "gap_max_percent": round(100 * max(gaps), 3),
        "gap_p50_percent": round(100 * median(gaps), 3),
        "today_ms": percentile(todays, 0.5),
        "gain_on_today_percent": round(100 * median(gains), 2),
    }


def _refuse_wrong(problem: Problem, split: Split, *, is_exact: bool) -> None:
    if not problem.allows(split.amounts):
        raise WrongSplit("a rule is broken")
    # Strong duality: what all supply and all capacity cost at the prices is what the best split is worth.
    priced = float(problem.supply @ split.flow_prices + problem.capacity @ split.taker_prices)
    if is_exact and abs(priced - split.value) > 1e-6 * priced:
        raise WrongSplit(f"the prices say {priced}, the split is worth {split.value}")
