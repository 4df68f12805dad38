"""Lots in time: made four weeks ahead, opened, gone; by a command at once, or by the timer when their hour comes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.flows.lot import LIVE, Lot, LotState, lot_of
from services.catalog.flows.models import AHEAD, Flow
from services.catalog.flows.queries import flow_due, live_lots_for_update, lots_due, serving_first
from services.catalog.flows.recurrence import at
from shared.clock import day_of
from shared.database import Database, now_of
from shared.database.one_by_one import one_by_one
from shared.messaging.outbox import record
from shared.observability.pulse import every

log = structlog.get_logger(__name__)

RETRY = timedelta(hours=1)
TIMER_S = 5.0
"""How late a lot may open or go: pages say hours, so seconds are enough."""


async def plan_lots(session: AsyncSession, flow: Flow, now: datetime) -> None:
    """Make an open flow's lots of the next four weeks, open those whose hour has come, and say when to look again.

    The flow is locked by the caller. A flow without a lot to come, nor a live one, ends here.
    """
    await session.flush()
    live = await live_lots_for_update(session, flow.id)
    made = [lot_of(flow, day, now) for day in _days_to_make(flow, live, now)]
    for lot in made:
        await _make(session, lot)
    await release_and_expire(session, now, flow=flow)
    _look_again(flow, [*live, *made], now)
    await tell_what_is_left(session, flow, now)
    if flow.plan_at is None:
        event = flow.end(now)
        if event is not None:
            await record(session, event)
        await note(session, None, flow.organisation_id, "flow.ended", about=flow.id)


async def replan_lots(session: AsyncSession, flow: Flow, now: datetime) -> None:
    """After an open flow changed: lots already open stay as they are, the announced ones are made anew.

    The open lot of a one-off is the flow itself, so it follows it, unless somebody counts on a part of it.
    """
    await forget_planned(session, flow)
    if flow.recurrence is None:
        live = await live_lots_for_update(session, flow.id)
        if len(live) == 1 and live[0].is_open and not live[0].promised_value:
            live[0].follow(flow, flow.calendar(now).starts_on, now)
            await record(session, live[0].change(now))
    await plan_lots(session, flow, now)


async def tell_what_is_left(session: AsyncSession, flow: Flow, now: datetime) -> None:
    """Tell when nothing of an open flow is left to take or to come, and when something is again; it is locked."""
    if not flow.is_open:
        return
    await session.flush()
    live = await live_lots_for_update(session, flow.id)
    if not live:
        return
    is_over = all(lot.state is LotState.TAKEN for lot in live) and not _following(flow, now)
    if is_over and flow.taken_at is None:
        await record(session, flow.all_taken(now))
    elif not is_over and flow.taken_at is not None:
        await record(session, flow.freed(now))


async def forget_planned(session: AsyncSession, flow: Flow) -> None:
    """Drop the lots nobody has heard of."""
    await session.flush()
    await session.execute(delete(Lot).where(Lot.flow_id == flow.id, Lot.state == LotState.PLANNED))


async def expire_open_lots(session: AsyncSession, flow: Flow, now: datetime) -> None:
    """Close what is still to take of a flow that ends."""
    live = await live_lots_for_update(session, flow.id)
    await record(session, *(event for lot in live if (event := lot.expire(now)) is not None))


async def release_and_expire(
    session: AsyncSession, now: datetime, *, flow: Flow | None = None, lot_id: UUID | None = None
) -> int:
    """Move on the lots whose hour has come, of one flow or of all, or one alone; returns how many."""
    lots = await lots_due(session, now, flow_id=flow.id if flow else None, lot_id=lot_id)
    served = await serving_first(session, {lot.flow_id for lot in lots})
    for lot in lots:
        if lot.state is LotState.PLANNED:
            lot.wait_for_subscribers(now, serves_first=lot.flow_id in served)
    await record(session, *(event for lot in lots if (event := lot.move_on(now)) is not None))
    await session.flush()
    return len(lots)


async def fire_due(database: Database) -> int:
    """Do everything that is due, each flow in a transaction of its own; returns how many things there were.

    Any number of timers may run: a locked row is left to the one that holds it.
    """
    fired = 0
    while await _plan_one(database):
        fired += 1
    while moved := await _move_some(database):
        fired += moved
    return fired


async def _plan_one(database: Database) -> bool:
    async with database.sessions.begin() as session:
        now = now_of(session)
        flow = await flow_due(session, now)
        if flow is None:
            return False
        flow_id = flow.id
        try:
            async with session.begin_nested():
                await plan_lots(session, flow, now)
        except Exception:
            # One flow that fails must not hold up the others.
            log.exception("lots_not_planned", flow=str(flow_id))
            flow.plan_at = now + RETRY
        return True


async def _move_some(database: Database) -> int:
    try:
        async with database.sessions.begin() as session:
            return await release_and_expire(session, now_of(session))
    except Exception:
        # Which of them it is shows when each goes alone.
        log.exception("lots_not_moved")
    async with database.sessions.begin() as session:
        due = [lot.id for lot in await lots_due(session, now_of(session))]
    return await one_by_one(database, due, _move, put_off=_later, failed="lot_not_moved")


async def _move(session: AsyncSession, lot_id: UUID) -> None:
    await release_and_expire(session, now_of(session), lot_id=lot_id)


async def _later(session: AsyncSession, lot_id: UUID) -> None:
    await session.execute(update(Lot).where(Lot.id == lot_id).values(due_at=now_of(session) + RETRY))


async def run_lot_timer(database: Database) -> None:
    """Fire what is due, for ever."""
    async for _ in every(TIMER_S):
        await fire_due(database)


def _days_to_make(flow: Flow, live: Sequence[Lot], now: datetime) -> list[date]:
    """The days of the next four weeks, after the last lot that is already open; a one-off's day, whenever it is."""
    calendar = flow.calendar(now)
    if flow.recurrence is None:
        return [] if live else [day for day in [calendar.starts_on] if flow.expiry(day) > now]
    kept = [lot.day for lot in live if lot.state is not LotState.PLANNED and not lot.extra]
    since = max([day_of(now), *(day + timedelta(days=1) for day in kept)])
    made = {lot.day for lot in live}
    days = calendar.until(since, day_of(now + AHEAD))
    return [day for day in days if day not in made and flow.expiry(day) > now]


async def _make(session: AsyncSession, lot: Lot) -> None:
    """Add a lot, unless its day has one that is over."""
    columns = {column.key: getattr(lot, column.key) for column in Lot.__mapper__.column_attrs}
    await session.execute(insert(Lot).values(columns).on_conflict_do_nothing(index_elements=["flow_id", "day"]))


def _following(flow: Flow, now: datetime) -> list[date]:
    """The first day beyond the four weeks that have their lots; none for a one-off, or at the end of a season."""
    if flow.recurrence is None:
        return []
    return flow.calendar(now).following(day_of(now + AHEAD) + timedelta(days=1), count=1)


def _look_again(flow: Flow, lots: Sequence[Lot], now: datetime) -> None:
    """When the next day enters the four weeks; when there is none, when the last lot is gone; None when all is over."""
    following = _following(flow, now)
    gone = max((lot.expires_at for lot in lots if lot.state in LIVE), default=None)
    if following:
        flow.plan_at = at(following[0], flow.pickup_from) - AHEAD
    elif gone is not None:
        # A lot that was taken outlives its day until it is collected: look again tomorrow.
        flow.plan_at = gone if gone > now else now + timedelta(days=1)
    else:
        flow.plan_at = None
