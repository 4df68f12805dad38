"""Reads what a publisher may split: its open flows with who matches them, and what it accepted before."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.allocation.market import Market, Promised, markets_of
from services.matching.allocation.queries import accepted_of, candidates_for, open_flows
from services.matching.allocation.trying import Tried
from services.matching.allocation.values import values
from services.matching.matches.queries import kept_demand
from services.matching.ranking.sides import Demand
from shared.events.matching import AllocatedShare
from shared.identity import Identity
from shared.web.errors import NotYours

SHARES = TypeAdapter(tuple[AllocatedShare, ...])


@dataclass(frozen=True)
class Accepted:
    """The split of a flow that its publisher said yes to last."""

    allocation_id: UUID
    version: int
    accepted_at: datetime
    shares: tuple[AllocatedShare, ...]

    @classmethod
    def of(cls, row: Row[Any]) -> "Accepted":
        """As the table keeps it."""
        return cls(row.id, row.version, row.accepted_at, SHARES.validate_python(row.shares))

    @property
    def amounts(self) -> dict[UUID, float]:
        """How much each offer would take."""
        return {share.offer_id: float(share.quantity.value) for share in self.shares}


@dataclass(frozen=True)
class Splittable:
    """Flows to split, in markets; `unmeasured` tell no quantity that can be read, `closed` is one not open any more."""

    flows: list[Demand]
    markets: list[Market]
    unmeasured: list[Demand]
    accepted: Mapping[UUID, Accepted]
    closed: Demand | None = None


async def splittable_by(
    session: AsyncSession, member: Identity, tried: Tried, *, flow_ids: Collection[UUID] | None = None
) -> Splittable:
    """Some flows of the member's organisation, or all its open ones; raises `NotYours`."""
    if flow_ids is None:
        flows, closed = await open_flows(session, member.organisation_id), None
    else:
        flows, closed = await _flows_of(session, member, flow_ids)
    candidates = await candidates_for(session, [each.id for each in flows])
    accepted = {row.flow_id: Accepted.of(row) for row in await accepted_of(session, member.organisation_id)}
    shown = {flow.id for flow in flows}
    promised = _promised([found for flow_id, found in accepted.items() if flow_id not in shown])
    markets, unmeasured = markets_of(flows, candidates, tried=tried.what_if(), promised=promised, table=values())
    return Splittable(flows, markets, unmeasured, accepted, closed)


async def _flows_of(
    session: AsyncSession, member: Identity, flow_ids: Collection[UUID]
) -> tuple[list[Demand], Demand | None]:
    """These flows as far as they are open, and one that is not; raises `NotYours` for another organisation's."""
    kept = [await kept_demand(session, flow_id, kind="flow") for flow_id in sorted(flow_ids)]
    own = [each for each in kept if each is not None and each.demand.organisation_id == member.organisation_id]
    if len(own) < len(kept):
        raise NotYours
    closed = next((each.demand for each in own if not each.is_open), None)
    return [each.demand for each in own if each.is_open], closed


def _promised(accepted: Iterable[Accepted]) -> Promised:
    """What offers were proposed to take of the organisation's other flows."""
    found: dict[tuple[UUID, str], float] = defaultdict(float)
    for each in accepted:
        for share in each.shares:
            found[share.offer_id, share.quantity.unit] += float(share.quantity.value)
    return found
