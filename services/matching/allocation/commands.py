"""Accept a split: what its publisher saw is stored and told, when it still keeps every rule."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.allocation.errors import NothingToAccept, SplitNoLongerPossible
from services.matching.allocation.market import Arc, Market
from services.matching.allocation.proposing import is_possible
from services.matching.allocation.reading import Accepted
from services.matching.allocation.values import values
from shared.database import new_id
from shared.events.facts import Period, Quantity
from shared.events.matching import AllocatedShare, AllocationAccepted
from shared.identity import Identity
from shared.messaging.outbox import record

Shares = Mapping[tuple[UUID, UUID], Decimal]

# Two editors may press at once: the versions of a flow's splits follow each other.
TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('allocation ' || CAST(CAST(:flow AS uuid) AS text), 0))")
LAST = text("SELECT coalesce(max(version), 0) FROM allocations WHERE flow_id = :flow")
KEEP = text("""
    INSERT INTO allocations (id, flow_id, organisation_id, version, member_id, accepted_at, weights, shares)
    VALUES (:id, :flow, :organisation, :version, :member, :at, :weights, CAST(:shares AS jsonb))
    ON CONFLICT DO NOTHING
""")
THOUSANDTH = Decimal("0.001")


async def accept_split(
    session: AsyncSession,
    editor: Identity,
    markets: Sequence[Market],
    shares: Shares,
    *,
    accepted: Mapping[UUID, Accepted],
    now: datetime,
) -> list[AllocationAccepted]:
    """Store the shares of each flow that they name; a flow whose last split says the same is left as it is.

    Raises `NothingToAccept`, or `SplitNoLongerPossible` when they do not keep the rules of today's markets.
    """
    if not shares:
        raise NothingToAccept
    known = {demand.id for market in markets for demand in market.flows}
    if not {flow_id for flow_id, _ in shares} <= known:
        raise SplitNoLongerPossible
    told = []
    for market in markets:
        inside = {pair: float(amount) for pair, amount in shares.items() if pair[0] in market.amounts}
        if inside and not is_possible(market, inside):
            raise SplitNoLongerPossible
        for demand in market.flows:
            wanted = {offer: amount for (flow_id, offer), amount in inside.items() if flow_id == demand.id}
            last = accepted.get(demand.id)
            if wanted and (last is None or last.amounts != wanted):
                told.append(await _keep(session, editor, market, wanted, flow_id=demand.id, now=now))
    await record(session, *told)
    return told


async def _keep(
    session: AsyncSession,
    editor: Identity,
    market: Market,
    wanted: Mapping[UUID, float],
    *,
    flow_id: UUID,
    now: datetime,
) -> AllocationAccepted:
    await session.execute(TURN, {"flow": flow_id})
    version: int = (await session.scalar(LAST, {"flow": flow_id}) or 0) + 1
    told = _told(market, wanted, flow_id=flow_id, version=version, now=now)
    row = {
        "id": told.allocation_id,
        "flow": flow_id,
        "organisation": editor.organisation_id,
        "version": version,
        "member": editor.member_id,
        "at": now,
        "weights": told.values,
        "shares": msgspec.json.encode([share.model_dump(mode="json") for share in told.shares]).decode(),
    }
    await session.execute(KEEP, row)
    return told


def _told(
    market: Market, wanted: Mapping[UUID, float], *, flow_id: UUID, version: int, now: datetime
) -> AllocationAccepted:
    arcs = [arc for arc in market.arcs if arc.demand.id == flow_id and arc.candidate.supply.id in wanted]
    demand = arcs[0].demand
    once = demand.amount is not None and demand.amount.said.period is Period.ONCE
    period = Period.ONCE if once else Period.MONTH
    left = Decimal(str(market.amounts[flow_id] - sum(wanted.values()))).quantize(THOUSANDTH)
    return AllocationAccepted(
        version=version,
        allocation_id=new_id(),
        flow_id=flow_id,
        organisation_id=demand.organisation_id,
        demand=demand.told(),
        values=values().version,
        shares=tuple(
            _share(arc, Quantity(value=_decimal(wanted[arc.candidate.supply.id]), unit=market.unit, period=period))
            for arc in sorted(arcs, key=lambda each: (-wanted[each.candidate.supply.id], each.candidate.supply.id))
        ),
        left=Quantity(value=left, unit=market.unit, period=period) if left > 0 else None,
        accepted_at=now,
    )


def _share(arc: Arc, quantity: Quantity) -> AllocatedShare:
    supply = arc.candidate.supply
    return AllocatedShare(
        offer_id=supply.id,
        organisation_id=supply.organisation_id,
        organisation_name=supply.supplier_name,
        quantity=quantity,
        level=supply.level,
        distance_km=round(arc.km, 1),
    )


def _decimal(amount: float) -> Decimal:
    return Decimal(str(amount)).quantize(THOUSANDTH)
