"""A market of known true weights: who answers follows the truth, who is asked follows a policy that may be unfair."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random
from uuid import UUID

from deploy.learning.lines import Line
from services.matching.learning.answers import Answer
from services.matching.ranking.features import Measure
from services.matching.ranking.score import points_of
from services.matching.ranking.weights import Weights, released
from shared.events.reasons import Feature

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TRUTH: dict[Feature, float] = {
    Feature.CATEGORY: 22,
    Feature.CODE: 8,
    Feature.TEXT: 24,
    Feature.DISTANCE: 22,
    Feature.QUANTITY: 10,
    Feature.SERVICE_TYPE: 4,
    Feature.LEVEL: 2,
    Feature.SOCIAL: 6,
    Feature.FRESHNESS: 2,
}


@dataclass(frozen=True)
class Supplier:
    """`willing` is what nobody measures: how gladly it answers, and how well known it is."""

    id: UUID
    willing: float


@dataclass(frozen=True)
class Pair:
    """One supplier that fits one demand."""

    supplier: Supplier
    measures: dict[Feature, float]


Policy = Callable[[Pair], float]


def to_everybody(_pair: Pair) -> float:
    """Each is asked as probably as the next."""
    return 0.5


def to_the_near_and_known(pair: Pair) -> float:
    """Whoever is near is asked anyway; from far away only who is known, and so answers gladly."""
    lean = 9 * (pair.measures[Feature.DISTANCE] - 0.6) + 5 * pair.supplier.willing
    return min(0.97, max(0.06, 1 / (1 + exp(-lean))))


def table(points: Mapping[Feature, float]) -> Weights:
    """The released table with other points."""
    return replace(released(), version="simulated", points=dict(points))


@dataclass(frozen=True)
class Market:
    """So many demands a week, each with so many who fit; the same seed makes the same lines."""

    seed: int = 1
    weeks: int = 24
    demands: int = 10
    fitting: int = 24
    suppliers: int = 200
    truth: Mapping[Feature, float] = field(default_factory=lambda: TRUTH)
    unmeasured: float = 0.0

    def lines(self, policy: Policy) -> list[Line]:
        """Everybody who fitted, asked or not."""
        chance = Random(self.seed)
        pool = [Supplier(_id(chance), chance.uniform(-1, 1)) for _ in range(self.suppliers)]
        truth = table(self.truth)
        found: list[Line] = []
        for number in range(self.weeks * self.demands):
            at = BEGIN + timedelta(weeks=number // self.demands, hours=number % self.demands)
            demand, has_code, is_flow = _id(chance), chance.random() < 0.5, chance.random() < 0.3
            for supplier in chance.sample(pool, self.fitting):
                pair = Pair(supplier, _measures(chance, has_code=has_code, is_flow=is_flow))
                found.append(self._line(demand, at, pair, policy(pair), truth=truth, chance=chance))
        return found

    def _line(
        self, demand: UUID, at: datetime, pair: Pair, propensity: float, *, truth: Weights, chance: Random
    ) -> Line:
        # Drawn for all, so that every policy meets the same market.
        is_asked, answer = chance.random() < propensity, self._answer(pair, truth, chance)
        return Line(
            demand=demand,
            organisation=pair.supplier.id,
            at=at,
            measures=pair.measures,
            asked=is_asked,
            propensity=propensity,
            answer=answer if is_asked else None,
        )

    def _answer(self, pair: Pair, truth: Weights, chance: Random) -> Answer | None:
        points = points_of({name: Measure(value, {}) for name, value in pair.measures.items()}, truth)
        keen = (points - 66) / 6 + self.unmeasured * pair.supplier.willing + chance.gauss(0, 1)
        if keen > 2.2:
            return Answer.ACCEPTED
        if keen > 1.3:
            return Answer.PROPOSED
        if keen > 0.5:
            return Answer.INTERESTED
        return Answer.DECLINED if chance.random() < 0.4 else None


def _measures(chance: Random, *, has_code: bool, is_flow: bool) -> dict[Feature, float]:
    found = {
        Feature.CATEGORY: chance.choice((0.5, 0.8, 1.0)),
        Feature.TEXT: chance.betavariate(2, 2),
        Feature.DISTANCE: exp(-abs(chance.gauss(0, 30)) / 40),
        Feature.QUANTITY: chance.choice((0.5, 0.7, 1.0)),
        Feature.SOCIAL: chance.choice((0.0, 0.7, 1.0)),
        Feature.FRESHNESS: chance.random(),
    }
    if has_code:
        found[Feature.CODE] = chance.choice((0.0, 0.5, 1.0))
    if is_flow:
        found[Feature.LEVEL] = chance.choice((0.25, 0.5, 1.0))
    return found


def _id(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
