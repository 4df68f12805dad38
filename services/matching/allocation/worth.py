"""What more capacity would be worth: where the prices point, the split is made again with it."""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

import numpy as np

from services.matching.allocation.market import Market
from services.matching.allocation.problem import Problem, Split
from services.matching.allocation.solver import solve

SHOWN = 3
# Above, the prices alone are told: an upper limit, where a new split would take seconds.
SOLVED_AGAIN = 120
# Less than this share of the whole is not worth a sentence.
WORTH_SAYING = 0.001


class More(NamedTuple):
    """`step` more capacity of an offer: `points` more (at most, unless `is_exact`), and `placed` more if known."""

    offer_id: UUID
    step: float
    points: float
    placed: float | None
    is_exact: bool


def step_of(market: Market) -> float:
    """A round amount that matters here: the power of ten at or below half of all there is."""
    half = sum(market.amounts.values()) / 2
    return float(10.0 ** np.floor(np.log10(half))) if half > 0 else 1.0


def more_capacity(market: Market, problem: Problem, split: Split) -> list[More]:
    """The takers whose next capacity would be worth most, most first."""
    step, offers = step_of(market), list(market.capacities)
    dear = [at for at in np.argsort(-split.taker_prices, kind="stable")[:SHOWN] if split.taker_prices[at] > 0]
    exact = int(problem.switched.sum()) <= SOLVED_AGAIN
    found = [
        _solved_again(problem, split, int(at), offers[at], step)
        if exact
        else More(offers[at], step, float(split.taker_prices[at] * step), None, is_exact=False)
        for at in dear
    ]
    worth_saying = [each for each in found if each.points > WORTH_SAYING * max(split.value, step)]
    return sorted(worth_saying, key=lambda each: -each.points)


def _solved_again(problem: Problem, split: Split, taker: int, offer_id: UUID, step: float) -> More:
    capacity = problem.capacity.copy()
    capacity[taker] += step
    # What was possible before still is.
    then = solve(replace(problem, capacity=capacity), today=split.amounts)
    placed = float(then.amounts.sum() - split.amounts.sum())
    return More(offer_id, step, max(0.0, then.value - split.value), placed, is_exact=True)
