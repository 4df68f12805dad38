"""What matching tells: who fits a demand and why, who almost does, and who is asked when."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.events.event import Event, Facts
from shared.events.facts import Quantity
from shared.events.levels import OneLevel, TellsLevel
from shared.events.reasons import Gap, Reason


class Match(Facts):
    """One supplier that fits: `rank` counts from 1; of a hundred with a `score` of 80 about eighty fit."""

    match_id: UUID
    offer_id: UUID
    organisation_id: UUID
    organisation_name: str
    rank: int
    score: int
    reasons: tuple[Reason, ...]


class NearMiss(Facts):
    """One supplier that fails a single constraint: `score` is what it would have had."""

    offer_id: UUID
    organisation_id: UUID
    organisation_name: str
    score: int
    gap: Gap


class Demand(Facts):
    """What was asked, as a message needs it; after `deadline_on` an answer is too late."""

    kind: Literal["need", "flow"]
    demand_id: UUID
    version: int
    organisation_id: UUID
    title: str
    place_name: str
    author_name: str | None
    deadline_on: date | None = None


class DemandMatched(Event, type="matching.demand.matched.v1", aggregate="demand_id"):
    """The ranked top 50 of a demand changed; `version` counts the rankings of this demand."""

    demand_id: UUID
    organisation_id: UUID
    demand: Demand
    weights: str
    total: int
    matches: tuple[Match, ...]
    entered: tuple[UUID, ...]
    left: tuple[UUID, ...]


class DemandUnmatched(Event, type="matching.demand.unmatched.v1", aggregate="demand_id"):
    """Nobody fits a demand (any more); the nearest misses say what stands in the way."""

    demand_id: UUID
    organisation_id: UUID
    demand: Demand
    near_misses: tuple[NearMiss, ...]


class SupplierSolicited(Event, type="matching.supplier.solicited.v1", aggregate="solicitation_id", lasts=False):
    """A supplier is asked: the paced, counted ask. An aggregate of its own, told once.

    `rank` is its place in the ranking, `weights` the version of the table that made it, `bonus` the points by which it
    came earlier for being below its fair share; `chosen` says why now (its turn, the tenth place that explores, or
    everybody was told) and `propensity` how probable that was, 0 to 1. Older events do not say.
    """

    solicitation_id: UUID
    organisation_id: UUID
    offer_id: UUID
    demand: Demand
    wave: int
    score: int
    reasons: tuple[Reason, ...]
    solicited_at: datetime
    rank: int | None = None
    weights: str | None = None
    bonus: float | None = None
    chosen: Literal["turn", "exploration", "everyone"] | None = None
    propensity: float | None = None


class AllocatedShare(TellsLevel):
    """What one offer is proposed to take of a flow; the distance is the crow's."""

    offer_id: UUID
    organisation_id: UUID
    organisation_name: str
    quantity: Quantity
    level: OneLevel | None
    distance_km: float


class AllocationAccepted(Event, type="matching.allocation.accepted.v1", aggregate="flow_id"):
    """The holder of a flow said yes to a split of it: who is proposed to take how much. Nobody has agreed to take yet.

    `version` counts the splits accepted for this flow: a newer one takes the place of the older. `values` names the
    table of weights that the proposal was made with, `left` what stays without taker.
    """

    allocation_id: UUID
    flow_id: UUID
    organisation_id: UUID
    demand: Demand
    values: str
    shares: tuple[AllocatedShare, ...]
    left: Quantity | None
    accepted_at: datetime
