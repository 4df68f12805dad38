"""Every question asked of flows and their lots."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.errors import FlowUnknown, LotUnknown
from services.catalog.flows.lot import LIVE, Lot, LotState
from services.catalog.flows.models import Flow, FlowState
from services.catalog.posting.queries import newest, own_for_update, seen_by, with_author
from shared.database.versions import refuse_when_changed


async def flow_for_update(session: AsyncSession, flow_id: UUID, *, organisation_id: UUID) -> Flow:
    """An organisation's own flow, locked; a foreign one does not exist."""
    return await own_for_update(session, Flow, flow_id, organisation_id=organisation_id, missing=FlowUnknown)


async def flow_seen_by(session: AsyncSession, flow_id: UUID, organisation_id: UUID | None) -> Flow:
    """A flow as a visitor may see it."""
    return await seen_by(session, Flow, flow_id, organisation_id, missing=FlowUnknown)


async def open_flows(
    session: AsyncSession, *, legal_status: str | None = None, limit: int = 50, before: UUID | None = None
) -> Sequence[Flow]:
    """Open flows of which something is left, newest first; `before` is the last id of the page before."""
    query = with_author(Flow).where(Flow.state == FlowState.PUBLISHED, Flow.taken_at.is_(None))
    if legal_status:
        query = query.where(Flow.legal_status == legal_status)
    return await newest(session, Flow, query, limit=limit, before=before)


async def open_flow_count(session: AsyncSession, *, legal_status: str | None = None) -> int:
    """How many flows are open with something left, of a legal status if one is given."""
    query = select(func.count()).where(Flow.state == FlowState.PUBLISHED, Flow.taken_at.is_(None))
    return await session.scalar(query if legal_status is None else query.where(Flow.legal_status == legal_status)) or 0


async def flow_due(session: AsyncSession, now: datetime) -> Flow | None:
    """One flow whose lots are due to be made, locked; those another timer holds are left to it."""
    query = select(Flow).where(Flow.plan_at <= now, Flow.state == FlowState.PUBLISHED)
    return await session.scalar(query.order_by(Flow.plan_at).limit(1).with_for_update(skip_locked=True))


async def lots_due(
    session: AsyncSession, now: datetime, *, flow_id: UUID | None = None, lot_id: UUID | None = None
) -> Sequence[Lot]:
    """Lots whose hour has come, locked; those another timer holds are left to it."""
    query = select(Lot).where(Lot.due_at <= now)
    if flow_id is not None:
        query = query.where(Lot.flow_id == flow_id)
    if lot_id is not None:
        query = query.where(Lot.id == lot_id)
    return (await session.scalars(query.order_by(Lot.due_at).limit(100).with_for_update(skip_locked=True))).all()


async def serving_first(session: AsyncSession, flow_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of some flows whose lots go to subscribers before all others."""
    query = select(Flow.id).where(Flow.id.in_(flow_ids), Flow.serves_first.is_(True))
    return frozenset(await session.scalars(query)) if flow_ids else frozenset()


async def lot_on(session: AsyncSession, flow_id: UUID, day: date) -> Lot | None:
    """A flow's lot of a day."""
    return await session.scalar(select(Lot).where(Lot.flow_id == flow_id, Lot.day == day))


async def lots_of(
    session: AsyncSession,
    flow_id: UUID,
    *,
    since: datetime | None = None,
    after: date | None = None,
    limit: int | None = None,
) -> Sequence[Lot]:
    """A flow's lots, by day: those not gone `since` a moment, those that come `after` a day."""
    query = select(Lot).where(Lot.flow_id == flow_id)
    if since is not None:
        query = query.where(Lot.expires_at >= since)
    if after is not None:
        query = query.where(Lot.day > after)
    return (await session.scalars(query.order_by(Lot.day).limit(limit))).all()


async def lot_seen_by(session: AsyncSession, lot_id: UUID, organisation_id: UUID | None) -> Lot:
    """A lot as a visitor may see it: like its flow."""
    lot = await session.scalar(select(Lot).where(Lot.id == lot_id))
    if lot is None:
        raise LotUnknown
    await flow_seen_by(session, lot.flow_id, organisation_id)
    return lot


async def live_lots_for_update(session: AsyncSession, flow_id: UUID) -> Sequence[Lot]:
    """A flow's lots that are not over, locked, by day."""
    query = select(Lot).where(Lot.flow_id == flow_id, Lot.state.in_(LIVE)).order_by(Lot.day)
    return (await session.scalars(query.with_for_update())).all()


async def lot_for_update(session: AsyncSession, lot_id: UUID, *, organisation_id: UUID) -> tuple[Flow, Lot]:
    """An organisation's own lot with its flow, both locked, the flow first, as by whoever takes of it.

    A foreign one, or one nobody has heard of, does not exist.
    """
    query = with_author(Flow).join(Lot, Lot.flow_id == Flow.id)
    query = query.where(Lot.id == lot_id, Lot.organisation_id == organisation_id, Lot.state != LotState.PLANNED)
    flow = await session.scalar(query.with_for_update(of=Flow).execution_options(populate_existing=True))
    if flow is None:
        raise LotUnknown
    locked = select(Lot).where(Lot.id == lot_id).with_for_update().execution_options(populate_existing=True)
    lot = (await session.scalars(locked)).one()
    refuse_when_changed(session, lot.version)
    return flow, lot
