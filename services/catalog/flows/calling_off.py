"""« The skip is full »: a lot besides the rule of a flow, open at once, to its subscribers first."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.flows.errors import CallOffDay, CallOffOfOneLot, CallOffWhilePaused, DayHasLot
from services.catalog.flows.lot import OPEN_AHEAD, Lot, lot_of
from services.catalog.flows.models import Flow
from services.catalog.flows.planning import tell_what_is_left
from services.catalog.flows.queries import flow_for_update, lot_on
from services.catalog.flows.recurrence import at
from services.catalog.flows.schemas import CallOffAsked
from services.catalog.organisations.queries import organisation_acting
from shared.clock import day_of
from shared.messaging.outbox import record

LEAST_DAYS = 3
"""Nobody planned to come: a lot that is called off may be taken so many days at least."""


async def call_off(
    session: AsyncSession, author: Actor, asked: CallOffAsked, *, flow_id: UUID, once: UUID, now: datetime
) -> Lot:
    """Release a lot besides the rule; asked again with the same `once`, the first one is the answer."""
    await organisation_acting(session, author.organisation_id)
    flow = await flow_for_update(session, flow_id, organisation_id=author.organisation_id)
    lot_id = uuid5(flow.id, str(once))
    if done := await session.get(Lot, lot_id):
        return done
    if flow.recurrence is None:
        raise CallOffOfOneLot
    if not flow.is_open:
        raise CallOffWhilePaused
    first, day = day_of(now), asked.day_on or day_of(now)
    last = first + OPEN_AHEAD - timedelta(days=1)
    if not first <= day <= last:
        raise CallOffDay(first=f"{first:%d/%m/%Y}", last=f"{last:%d/%m/%Y}")
    if await lot_on(session, flow.id, day) is not None:
        raise DayHasLot
    lot = _extra(flow, asked, lot_id=lot_id, now=now)
    lot.wait_for_subscribers(now, serves_first=flow.serves_first)
    event = lot.move_on(now)
    session.add(lot)
    await session.flush()
    if event is not None:
        await record(session, event)
    await tell_what_is_left(session, flow, now)
    await note(
        session, author.member_id, author.organisation_id, "lot.called-off", about=lot.id, flow=str(flow.id),
        quantity=str(lot.quantity_value), unit=lot.quantity_unit,
    )  # fmt: skip
    return lot


def _extra(flow: Flow, asked: CallOffAsked, *, lot_id: UUID, now: datetime) -> Lot:
    day = asked.day_on or day_of(now)
    lot = lot_of(flow, day, now)
    lot.id, lot.extra, lot.quantity_value = lot_id, True, asked.quantity_value
    days = max(flow.lot_days or 1, LEAST_DAYS)
    lot.be_used_by(asked.use_by_on)
    lot.available_at, lot.expires_at = max(now, lot.available_at), at(day + timedelta(days=days - 1), flow.pickup_until)
    return lot
