"""Judges who might fit a demand: by what memory holds at once, or all that the index knows."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from services.matching.index.compiled.market import Foreseen, Market
from services.matching.ranking.score import Verdict, fitting, judge
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import weights


class Judged(NamedTuple):
    """What is to be said of a demand by what memory held; `foreseen` is None where it lacks what a supply says."""

    verdicts: list[Verdict]
    foreseen: Foreseen | None


def judged(demand: Demand, supplies: Iterable[Supply], *, today: date) -> list[Verdict]:
    """The supplies that fit or almost do."""
    verdicts = (judge(demand, supply, weights(), today=today) for supply in supplies)
    return [verdict for verdict in verdicts if verdict is not None]


def judged_by_memory(market: Market, demand: Demand, *, today: date) -> Judged:
    """The same without a question to the database, which may know more."""
    foreseen = market.foresee(demand, today=today)
    if foreseen is None:
        return Judged([], None)
    fit = [fitting(demand, supply, weights()) for supply in foreseen.fitting]
    return Judged(fit + judged(demand, foreseen.missing, today=today), foreseen)
