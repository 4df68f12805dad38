"""The judged set: the ranking in force and BM25, over the same offers and constraints, against grades given blind.

docs/evaluation.md says how the grades were made. They are frozen: a ranking is tuned against none of them.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deploy.evaluation.bm25 import BM25
from deploy.evaluation.calibration import Told, held_out
from deploy.evaluation.corpus import FOLDER, NOW, Asked, Offer, demands, offers
from deploy.evaluation.figures import FITTING, calibration_error, gini, ndcg, reciprocal_rank, weighted_kappa
from deploy.evaluation.sets import Figures
from services.matching.ranking.constraints import gaps, possible
from services.matching.ranking.score import judge
from services.matching.ranking.weights import Weights, weights

FIRST = 10
ORDER = (
    "ndcg@10",
    "bm25_ndcg@10",
    "kappa",
    "mrr",
    "calibration_error",
    "near_miss_precision",
    "gini",
    "never_shown",
)
EXPOSED_FROM = 60
"""A supplier with a match of so many points may expect to be shown to somebody."""


@dataclass(frozen=True)
class Shown:
    """For one demand: what ranking matched and nearly matched, best first with their scores, and what BM25 ranks.

    `points` are those of the matches, in their order: what their scores were read off.
    """

    demand: str
    matches: list[tuple[str, int]]
    points: list[int]
    near: list[tuple[str, int]]
    plain: list[str]
    feasible: set[str]


@dataclass
class Grades:
    """What both readings gave; the grade in force is their mean, rounded down."""

    pairs: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def of(self, demand: str, offer: str) -> int:
        """A pair that nobody judged counts as not fitting."""
        return sum(self.pairs.get((demand, offer), (0, 0))) // 2

    def judged(self, shown: Shown) -> list[int]:
        """The grades of the judged offers that the demand's constraints let through."""
        return [
            self.of(demand, offer) for demand, offer in self.pairs if demand == shown.demand and offer in shown.feasible
        ]


def measure(_folder: Path) -> Figures:
    """All figures of the set; `n` counts the demands."""
    grades, shown = read_grades(), list(rankings())
    ours, plain = [], []
    for each in shown:
        judged = grades.judged(each)
        mine = ndcg([grades.of(each.demand, offer) for offer, _ in each.matches], judged)
        theirs = ndcg([grades.of(each.demand, offer) for offer in each.plain], judged)
        if mine is not None and theirs is not None:
            ours.append(mine)
            plain.append(theirs)
    matches = [(each.demand, offer, score) for each in shown for offer, score in each.matches[:FIRST]]
    near = [(each.demand, offer) for each in shown for offer, _ in each.near[:FIRST]]
    fitting = [(score, grades.of(demand, offer) >= FITTING) for demand, offer, score in matches]
    return Figures(
        n=len(shown),
        order=ORDER,
        cases={
            "ndcg@10": ours,
            "bm25_ndcg@10": plain,
            "mrr": [
                reciprocal_rank([grades.of(each.demand, offer) for offer, _ in each.matches[:FIRST]]) for each in shown
            ],
            "near_miss_precision": [float(grades.of(*pair) >= FITTING) for pair in near],
        },
        plain={
            "kappa": weighted_kappa(list(grades.pairs.values())),
            "calibration_error": calibration_error(fitting),
            **_exposure(shown),
        },
        beside={
            "calibration_error, 5 folds": calibration_error(
                held_out(told_of(shown, grades), match_from=weights().match_from)
            ),
            "judged among shown": sum((demand, offer) in grades.pairs for demand, offer, _ in matches) / len(matches),
        },
    )


def told_of(shown: list[Shown], grades: Grades) -> list[Told]:
    """The ten first of each demand, as the score shown is calibrated on them."""
    return [
        Told(each.demand, points, grades.of(each.demand, offer) >= FITTING)
        for each in shown
        for (offer, _), points in zip(each.matches[:FIRST], each.points, strict=False)
    ]


def _exposure(shown: list[Shown]) -> dict[str, float]:
    """How evenly the first places go round among the suppliers with a match that is worth one."""
    expecting = {
        offer
        for each in shown
        for (offer, _), points in zip(each.matches, each.points, strict=True)
        if points >= EXPOSED_FROM
    }
    counts = Counter(offer for each in shown for offer, _ in each.matches[:FIRST])
    seen = [counts[offer] for offer in sorted(expecting)]
    return {"gini": gini(seen), "never_shown": sum(not count for count in seen) / len(seen) if seen else 0.0}


def read_grades() -> Grades:
    """The frozen grades."""
    with (FOLDER / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Grades({(row["demand"], row["offer"]): (int(row["first"]), int(row["second"])) for row in rows})


def rankings(table: Weights | None = None) -> Iterator[Shown]:
    """Every demand with what is shown for it, by the table in force or another."""
    every, table = offers(), table or weights()
    plain = BM25({offer.number: offer.text for offer in every})
    for demand in demands():
        yield _ranked(demand, every, plain=plain, table=table)


def _ranked(demand: Asked, every: list[Offer], *, plain: BM25, table: Weights) -> Shown:
    today = NOW.date()
    feasible = {
        offer.number
        for offer in every
        if possible(demand.side, offer.side, today) and not gaps(demand.side, offer.side, today, most=1)
    }
    verdicts = [
        (offer.number, verdict)
        for offer in every
        if (verdict := judge(demand.side, offer.side, table, today=today)) is not None
    ]
    verdicts.sort(key=lambda one: (-one[1].points, one[0]))
    scores = plain.scores(demand.text)
    return Shown(
        demand=demand.number,
        matches=[(number, verdict.score) for number, verdict in verdicts if verdict.gap is None],
        points=[verdict.points for _, verdict in verdicts if verdict.gap is None],
        near=[(number, verdict.score) for number, verdict in verdicts if verdict.gap is not None],
        plain=sorted(scores.keys() & feasible, key=lambda number: (-scores[number], number)),
        feasible=feasible,
    )
