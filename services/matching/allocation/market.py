"""From flows and the offers that match them to problems of numbers: one for each unit in which flows are counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import inf
from typing import NamedTuple
from uuid import UUID

import numpy as np

from services.matching.allocation.measuring import KILOGRAM, Measured, least_a_month, monthly
from services.matching.allocation.problem import Floats, Ints, Problem
from services.matching.allocation.values import Values
from services.matching.ranking.sides import Demand, Supply
from shared.territory.place import distance_km

# Where the weight is unknown a kilometre costs nothing but decides between equals.
NEARER = 1e-6


class Because(StrEnum):
    """Why an offer that matches gets no share whatever the split."""

    LEFT_OUT = "left_out"
    UNIT = "unit"
    LEVEL = "level"
    MINIMUM = "minimum"


class Candidate(NamedTuple):
    """An offer that matches a flow: since when, how well, and the reasons as JSON."""

    demand_id: UUID
    supply: Supply
    score: int
    matched_at: datetime
    reasons: str = "[]"


@dataclass(frozen=True)
class WhatIf:
    """What the publisher tries: offers left out, capacities by offer and unit, and takers a flow at most."""

    without: frozenset[UUID] = frozenset()
    capacities: Mapping[tuple[UUID, str], float] = field(default_factory=dict)
    most_takers: int | None = None


@dataclass(frozen=True)
class Arc:
    """One pair that may meet: the smallest share, what a unit is worth, and how far it goes."""

    candidate: Candidate
    demand: Demand
    least: float
    value: float
    km: float
    kilograms: float | None


@dataclass(frozen=True)
class Market:
    """Flows counted in one unit, their takers, and who stays out; `rough` are flows weighed by the usual weight."""

    unit: str
    flows: list[Demand]
    amounts: dict[UUID, float]
    capacities: dict[UUID, float]
    arcs: list[Arc]
    outside: list[tuple[Candidate, Because]]
    rough: frozenset[UUID]
    most_takers: int | None

    def problem(self) -> Problem:
        """The same in numbers; arcs keep their order."""
        flow = {demand.id: at for at, demand in enumerate(self.flows)}
        taker = {offer: at for at, offer in enumerate(self.capacities)}
        return Problem(
            supply=np.array([self.amounts[demand.id] for demand in self.flows]),
            capacity=np.array(list(self.capacities.values()), dtype=np.float64),
            flow=np.array([flow[arc.demand.id] for arc in self.arcs], dtype=np.int32),
            taker=np.array([taker[arc.candidate.supply.id] for arc in self.arcs], dtype=np.int32),
            value=np.array([arc.value for arc in self.arcs], dtype=np.float64),
            least=np.array([arc.least for arc in self.arcs], dtype=np.float64),
            most_takers=self.most_takers,
        )

    def first_come(self) -> Ints:
        """The arcs as they came: by the moment of the match, the better score first."""
        order = sorted(
            range(len(self.arcs)),
            key=lambda at: (
                self.arcs[at].candidate.matched_at,
                -self.arcs[at].candidate.score,
                self.arcs[at].candidate.supply.id,
                self.arcs[at].demand.id,
            ),
        )
        return np.array(order, dtype=np.int32)

    def amounts_of(self, shares: Mapping[tuple[UUID, UUID], float]) -> Floats:
        """Amounts by (flow, offer) as amounts by arc."""
        return np.array([shares.get((arc.demand.id, arc.candidate.supply.id), 0.0) for arc in self.arcs])


# Amounts a month that offers are to take of other flows, by offer and unit.
Promised = Mapping[tuple[UUID, str], float]


def markets_of(
    flows: Sequence[Demand],
    candidates: Sequence[Candidate],
    *,
    tried: WhatIf,
    promised: Promised,
    table: Values,
) -> tuple[list[Market], list[Demand]]:
    """The markets, and the flows whose quantity cannot be read."""
    measured = {each.id: monthly(each.amount, _categories(each)) for each in flows if each.amount is not None}
    units = list(dict.fromkeys(measured[each.id].unit for each in flows if each.id in measured))
    made = [
        _market(
            [each for each in flows if each.id in measured and measured[each.id].unit == unit],
            {flow_id: each for flow_id, each in measured.items() if each.unit == unit},
            candidates,
            tried=tried,
            promised=promised,
            table=table,
        )
        for unit in units
    ]
    return made, [each for each in flows if each.id not in measured]


def _market(
    flows: list[Demand],
    measured: Mapping[UUID, Measured],
    candidates: Sequence[Candidate],
    *,
    tried: WhatIf,
    promised: Promised,
    table: Values,
) -> Market:
    unit = measured[flows[0].id].unit
    market = Market(
        unit,
        flows,
        {flow_id: each.value for flow_id, each in measured.items()},
        {},
        [],
        [],
        frozenset(flow_id for flow_id, each in measured.items() if each.rough),
        tried.most_takers,
    )
    demands = {each.id: each for each in flows}
    for candidate in candidates:
        demand = demands.get(candidate.demand_id)
        if demand is not None:
            _enter(market, candidate, demand, tried=tried, promised=promised, table=table)
    return market


def _enter(
    market: Market, candidate: Candidate, demand: Demand, *, tried: WhatIf, promised: Promised, table: Values
) -> None:
    """Put one candidate inside the market, or outside with the reason."""
    supply = candidate.supply
    whole = _capacity(market, supply, demand, tried)
    if supply.id in tried.without:
        market.outside.append((candidate, Because.LEFT_OUT))
    elif _level_refused(demand, supply):
        market.outside.append((candidate, Because.LEVEL))
    elif whole is None:
        market.outside.append((candidate, Because.UNIT))
    else:
        # The first flow that asks decides the weight of a capacity that is told in pieces: it is one for all of them.
        capacity = market.capacities.setdefault(
            supply.id, max(0.0, whole - promised.get((supply.id, market.unit), 0.0))
        )
        arc = _arc(market, candidate, demand, table)
        market.arcs.append(arc)
        if arc.least > min(capacity, market.amounts[demand.id]):
            market.outside.append((candidate, Because.MINIMUM))


def _level_refused(demand: Demand, supply: Supply) -> bool:
    """True for another level than those that the holder wants; who tells none goes where any is wanted."""
    return bool(demand.levels) if supply.level is None else not demand.takes_level(supply.level)


def _capacity(market: Market, supply: Supply, demand: Demand, tried: WhatIf) -> float | None:
    if (supply.id, market.unit) in tried.capacities:
        return tried.capacities[supply.id, market.unit]
    return capacity_told(market.unit, supply, demand)


def capacity_told(unit: str, supply: Supply, demand: Demand) -> float | None:
    """What an offer can take a month; infinite when it did not say, None when it cannot be compared."""
    if supply.capacity is None:
        return inf
    known = monthly(supply.capacity, (*supply.categories, *_categories(demand)))
    return known.value if known.unit == unit else None


def _arc(market: Market, candidate: Candidate, demand: Demand, table: Values) -> Arc:
    supply, known = candidate.supply, _categories(demand)
    km = distance_km(demand.place, supply.place)
    kilograms = 1.0 if market.unit == KILOGRAM else None
    carbon = table.transport.usual * table.tonne_km(kilograms, km) if kilograms else NEARER * km
    least = 0.0
    for minimum in (supply.minimum, demand.minimum):
        if minimum is not None and demand.amount is not None:
            wanted = least_a_month(minimum, demand.amount, known)
            least = max(least, wanted.value) if wanted.unit == market.unit else least
    return Arc(candidate, demand, least, table.points(supply) - carbon, km, kilograms)


def _categories(demand: Demand) -> tuple[str, ...]:
    return (*demand.categories, *demand.inferred)
