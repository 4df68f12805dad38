"""What fairness costs and gives: a seeded market in which waves are filled by score alone, and by the rules in force.

The rules are the product's own: its waves, weeks, turns, bonus, tenth place, weights of features and figures. Only the
market is made up: categories and what suppliers have told of themselves fall off as Zipf's law has it.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import exp, log2
from statistics import mean
from typing import Any, NamedTuple
from uuid import UUID

from services.matching.exposure.figures import gini
from services.matching.exposure.queries import WELL
from services.matching.ranking.features import DISTANCE_SCALE_KM, FRESH_DAYS, HALF_TEXT
from services.matching.ranking.weights import weights
from services.matching.waves.policy import (
    EXPOSURE_BONUS,
    WAVE_SIZE,
    WEEKLY_BUDGET,
    Asking,
    Candidate,
    Chosen,
    Pace,
    Place,
    Turn,
    Wave,
    in_turn,
    take_turn,
)
from shared.events.reasons import Feature

BEGIN = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
WEEKS = 13
WAVES = 3
# Of those asked, one in three answers where all fits, fewer where less does.
ANSWERS = 0.33
NEAREST, ALONE = 0.8, 0.6


class Supplier(NamedTuple):
    """One offer: `told` is how much it says of itself, in words of full weight."""

    id: UUID
    category: int
    told: float
    at: tuple[float, float]
    social: float
    since: datetime


class Need(NamedTuple):
    """One demand."""

    id: UUID
    category: int
    at: tuple[float, float]
    published_at: datetime


class Market(NamedTuple):
    """Suppliers, and the needs of a quarter in the order in which they come."""

    suppliers: list[Supplier]
    needs: list[Need]


@dataclass
class Tally:
    """What one way of filling waves made of the market."""

    asked: dict[UUID, list[datetime]] = field(default_factory=dict)
    fair: dict[UUID, float] = field(default_factory=dict)
    fits: set[UUID] = field(default_factory=set)
    ndcg: list[float] = field(default_factory=list)
    by_fitting: list[float] = field(default_factory=list)


Filling = Callable[[Sequence[Candidate], Asking, datetime, UUID], Turn]


def measure_fairness(*, seeds: Sequence[int] = (7, 8, 9), suppliers: int = 1000, needs: int = 80) -> dict[str, Any]:
    """Every way of filling waves on the same markets; shares are 0 to 1, what is given up is of the nDCG by score."""
    found = [_of_market(seed, suppliers=suppliers, needs=needs) for seed in seeds]
    return {
        "seeds": list(seeds),
        "suppliers": suppliers,
        "needs": needs,
        "weeks": WEEKS,
        "points_of_bonus": EXPOSURE_BONUS,
        "ways": {
            way: {name: round(mean(each[way][name] for each in found), 4) for name in found[0][way]} for way in WAYS
        },
        "worst": {
            "given_up": max(each["in_force"]["given_up"] for each in found),
            "never_shown": max(each["in_force"]["never_shown"] for each in found),
        },
    }


def _of_market(seed: int, *, suppliers: int, needs: int) -> dict[str, dict[str, float]]:
    chance = random.Random(seed)  # noqa: S311 - a market that can be made again
    market = market_of(chance, suppliers=suppliers, needs=needs)
    tallies = {name: run(market, filling, seed=seed) for name, filling in WAYS.items()}
    return {name: _figures(tally, tallies["score"]) for name, tally in tallies.items()}


def market_of(chance: random.Random, *, suppliers: int, needs: int) -> Market:
    """Categories are as frequent among needs as among suppliers, as towns grow where work is."""
    count = max(4, suppliers // 25)
    frequent = [1 / (rank + 1) for rank in range(count)]
    ranks = chance.sample(range(1, suppliers + 1), k=suppliers)
    sold = [
        Supplier(
            id=UUID(int=chance.getrandbits(128)),
            category=chance.choices(range(count), frequent)[0],
            told=8 / rank**0.45,
            at=_place(chance),
            social=chance.choice((0.0, 0.7, 0.7, 1.0)),
            # One in ten comes while the market runs.
            since=BEGIN + timedelta(days=chance.uniform(-900, 91)),
        )
        for rank in ranks
    ]
    asked = [
        Need(
            id=UUID(int=chance.getrandbits(128)),
            category=chance.choices(range(count), frequent)[0],
            at=_place(chance),
            published_at=BEGIN + timedelta(weeks=WEEKS) * (number / needs),
        )
        for number in range(needs)
    ]
    return Market(sold, asked)


def _place(chance: random.Random) -> tuple[float, float]:
    """In km; most are near the middle."""
    return chance.gauss(0, 18), chance.gauss(0, 18)


def points_between(need: Need, supplier: Supplier, chance: random.Random) -> int | None:
    """The weighted mean of the product's features, which turns are decided by; None where they do not fit."""
    apart = abs(need.category - supplier.category)
    if supplier.since > need.published_at or apart > 1:
        return None
    km = ((need.at[0] - supplier.at[0]) ** 2 + (need.at[1] - supplier.at[1]) ** 2) ** 0.5
    shared = supplier.told * chance.uniform(0.3, 1.0)
    days = (need.published_at - supplier.since).total_seconds() / 86_400
    values = {
        Feature.CATEGORY: 1.0 if apart == 0 else chance.choice((ALONE, NEAREST)),
        Feature.TEXT: shared / (shared + HALF_TEXT),
        Feature.DISTANCE: exp(-km / DISTANCE_SCALE_KM),
        Feature.QUANTITY: chance.choice((0.5, 0.5, 1.0)),
        Feature.SOCIAL: supplier.social,
        Feature.FRESHNESS: exp(-days / FRESH_DAYS),
    }
    table = weights()
    whole = sum(table.points[each] for each in values)
    points = round(100 * sum(table.points[each] * value for each, value in values.items()) / whole)
    return points if points >= table.match_from else None


def run(market: Market, fill: Filling, *, seed: int) -> Tally:
    """Let the quarter pass: each need asks wave after wave until enough answer."""
    tally = Tally()
    for need in market.needs:
        # Of its own, so that every way of filling waves meets the same market.
        chance = random.Random(f"{seed}:{need.id}")  # noqa: S311 - that can be made again
        scores = {each.id: points_between(need, each, chance) for each in market.suppliers}
        fitting = {known: score for known, score in scores.items() if score is not None}
        _run_need(need, fitting, tally, fill, chance)
    return tally


def _run_need(need: Need, fitting: dict[UUID, int], tally: Tally, fill: Filling, chance: random.Random) -> None:
    tally.fits |= {known for known, score in fitting.items() if score > WELL}
    ranks = {known: at for at, known in enumerate(sorted(fitting, key=lambda each: (-fitting[each], each)), start=1)}
    answered: set[UUID] = set()
    asked: list[UUID] = []
    for number in range(1, WAVES + 1):
        now = need.published_at + timedelta(days=number - 1)
        asking = Asking(
            public_tender=False,
            deadline_on=None,
            lot_expires_at=None,
            interested=len(answered),
            last=Wave(number, 0, None),
        )
        if asking.is_over(now):
            break
        left = [_candidate(known, fitting, ranks, tally) for known in fitting if known not in asked]
        for place in fill(left, asking, now, need.id).asked:
            known = place.candidate.organisation_id
            asked.append(known)
            tally.asked.setdefault(known, []).append(now)
            if chance.random() < ANSWERS * fitting[known] / 100:
                answered.add(known)
        if number == 1 and len(fitting) > WAVE_SIZE:
            tally.ndcg.append(_ndcg(asked, fitting, _by_points))
            tally.by_fitting.append(_ndcg(asked, fitting, _by_fitting))
    for known in fitting:
        tally.fair[known] = tally.fair.get(known, 0.0) + min(1.0, len(asked) / len(fitting))


def _candidate(known: UUID, fitting: dict[UUID, int], ranks: dict[UUID, int], tally: Tally) -> Candidate:
    moments = tally.asked.get(known, [])
    return Candidate(
        organisation_id=known,
        offer_id=known,
        score=fitting[known],
        reasons="",
        asked_at=max(moments, default=None),
        full_at=sorted(moments)[-WEEKLY_BUDGET] if len(moments) >= WEEKLY_BUDGET else None,
        rank=ranks[known],
        # As the product's query has it: this demand is not in what was counted yet.
        fair=tally.fair.get(known, 0.0) + min(1.0, WAVE_SIZE / len(fitting)),
        asked=len(moments),
    )


def _by_score(candidates: Sequence[Candidate], asking: Asking, now: datetime, _demand_id: UUID) -> Turn:
    return _first(sorted(candidates, key=lambda each: each.rank), asking, now)


def _by_turns(candidates: Sequence[Candidate], asking: Asking, now: datetime, _demand_id: UUID) -> Turn:
    return _first(in_turn([each._replace(fair=0.0) for each in candidates]), asking, now)


def _with_bonus(candidates: Sequence[Candidate], asking: Asking, now: datetime, _demand_id: UUID) -> Turn:
    return _first(in_turn(candidates), asking, now)


def _in_force(candidates: Sequence[Candidate], asking: Asking, now: datetime, demand_id: UUID) -> Turn:
    return take_turn(candidates, asking, now, demand_id=demand_id)


def _first(ordered: Sequence[Candidate], asking: Asking, now: datetime) -> Turn:
    free = [each for each in ordered if each.free_at(now, Pace.PACED) <= now]
    return Turn([Place(each, Chosen.TURN) for each in free[:WAVE_SIZE]], [], 0)


WAYS: dict[str, Filling] = {"score": _by_score, "turns": _by_turns, "bonus": _with_bonus, "in_force": _in_force}
"""By score alone; and among equals by turns; and with the bonus; and with the tenth place that explores."""


def _ndcg(asked: Sequence[UUID], fitting: dict[UUID, int], gain: Callable[[int], float]) -> float:
    """Of the ten asked, best first: all of a wave are asked in one moment, and its author reads them so."""
    ideal = sorted(fitting.values(), reverse=True)[:WAVE_SIZE]
    first = sorted((fitting[each] for each in asked[:WAVE_SIZE]), reverse=True)
    return _gained(first, gain) / _gained(ideal, gain)


def _gained(scores: Sequence[int], gain: Callable[[int], float]) -> float:
    return sum(gain(score) / log2(at + 1) for at, score in enumerate(scores, start=1))


def _by_points(points: int) -> float:
    """As far as the ranking's own points go, by which the rules are made."""
    return points / 100


def _by_fitting(points: int) -> float:
    """What the score shown says: of a hundred matches at 80, eighty are judged fitting (decision 40)."""
    return weights().shown[points] / 100


def _figures(tally: Tally, plain: Tally) -> dict[str, float]:
    counts = [len(tally.asked.get(each, ())) for each in tally.fits]
    return {
        "ndcg@10": round(mean(tally.ndcg), 4),
        "given_up": round(1 - mean(tally.ndcg) / mean(plain.ndcg), 4),
        "given_up_fitting": round(1 - mean(tally.by_fitting) / mean(plain.by_fitting), 4),
        "never_shown": round(counts.count(0) / len(counts), 4),
        "gini": round(gini(counts), 4),
        "solicitations": sum(counts),
    }
