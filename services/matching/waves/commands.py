"""Plan waves, hurry them, call them off: what events change about who will be asked."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.ranking.sides import Demand
from services.matching.waves.policy import Asking, Pace, next_wave
from services.matching.waves.queries import askings, somebody_is_left
from shared.clock import Calendar
from shared.database import after_commit, new_id, now_of
from shared.database.statement import Part, Statement, together

# A wave that is not full yet opens again; one that waits already only ever becomes due earlier.
PLAN = Statement("""
    INSERT INTO waves AS w (id, demand_id, number, due_at)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:demands AS uuid[]), CAST(:numbers AS int[]),
                         CAST(:due_at AS timestamptz[]))
    ON CONFLICT (demand_id, number) DO UPDATE SET
        due_at = CASE WHEN w.done_at IS NULL THEN least(w.due_at, excluded.due_at) ELSE excluded.due_at END,
        done_at = NULL
""")
FORGET_WAVES = text("DELETE FROM waves WHERE demand_id = ANY(CAST(:demands AS uuid[])) AND done_at IS NULL")
FORGET_QUEUED = text("""
    DELETE FROM solicitations WHERE demand_id = ANY(CAST(:demands AS uuid[])) AND solicited_at IS NULL
""")
# Only where the answer stands: an older one that came late has not been kept.
ASK_NO_MORE = Statement("""
    DELETE FROM solicitations s USING answers a
    WHERE s.demand_id = :demand AND s.organisation_id = :organisation AND s.solicited_at IS NULL
        AND a.demand_id = s.demand_id AND a.organisation_id = s.organisation_id AND a.answer <> 'withdrawn'
""")
LOOK_AGAIN = Statement("""
    UPDATE solicitations SET due_at = :now WHERE organisation_id = :organisation AND solicited_at IS NULL
""")

WAIT_NO_MORE = Statement("""
    UPDATE solicitations SET due_at = :now WHERE demand_id = :demand AND solicited_at IS NULL AND due_at > :now
""")


async def plan(session: AsyncSession, demand_ids: Collection[UUID]) -> None:
    """Let those who newly fit be asked: by the wave that waits already, or by one planned now."""
    if demand_ids:
        await together(session, *_planned(session, await askings(session, demand_ids, now=now_of(session))))


async def plan_again(session: AsyncSession, demand: Demand) -> None:
    """A demand changed, though nobody new fits: its deadline may be nearer, or it became a public tender."""
    if demand.public_tender:
        await wait_no_more(session, demand.id)
    if await somebody_is_left(session, demand.id):
        await plan(session, [demand.id])


def first_wave(session: AsyncSession, demand: Demand) -> list[Part]:
    """The same for a need that was never ranked before, not run yet: it has no wave, and nothing need be read."""
    asking = Asking(public_tender=demand.public_tender, deadline_on=demand.deadline_on, lot_expires_at=None)
    return _planned(session, {demand.id: asking})


def _planned(session: AsyncSession, found: Mapping[UUID, Asking]) -> list[Part]:
    now, calendar = now_of(session), calendar_of(session)
    waves = [
        (demand_id, wave)
        for demand_id, asking in found.items()
        if _may_move(asking, now) and (wave := next_wave(asking, now, calendar)) is not None
    ]
    if not waves:
        return []
    _wake(session)
    return [
        PLAN(
            ids=[new_id() for _ in waves],
            demands=[demand_id for demand_id, _ in waves],
            numbers=[wave.number for _, wave in waves],
            due_at=[wave.due_at for _, wave in waves],
        )
    ]


def _may_move(asking: Asking, now: datetime) -> bool:
    """False where a wave waits already that nothing makes due earlier: neither its pace nor a deadline that nears."""
    is_waiting = asking.last is not None and asking.last.done_at is None
    return not is_waiting or asking.pace(now) is not Pace.PACED or asking.nears(now)


async def hurry(session: AsyncSession, flow_id: UUID, *, expires_at: datetime) -> None:
    """A lot of this flow has not long to live: whoever fits and was not asked yet is asked at once."""
    now = now_of(session)
    found = await askings(session, [flow_id], now=now)
    lot = Asking(public_tender=False, deadline_on=None, lot_expires_at=expires_at)
    if found and expires_at > now and lot.pace(now) is Pace.URGENT:
        await plan(session, [flow_id])


async def wait_no_more(session: AsyncSession, demand_id: UUID) -> None:
    """Everybody is told about this one: whoever waits for its week waits no longer."""
    await WAIT_NO_MORE.execute(session, demand=demand_id, now=now_of(session))


async def ask_no_more(session: AsyncSession, demand_id: UUID, organisation_id: UUID) -> None:
    """A supplier answered before its turn came: what waits for its week goes, and takes nothing of it."""
    await ASK_NO_MORE.execute(session, demand=demand_id, organisation=organisation_id)


async def look_again(session: AsyncSession, organisation_id: UUID) -> None:
    """A supplier may now be asked more, or sooner: what waits for it is looked at by the next turn."""
    await LOOK_AGAIN.execute(session, organisation=organisation_id, now=now_of(session))


async def call_off(session: AsyncSession, demand_ids: Sequence[UUID]) -> None:
    """Nobody more is asked about these."""
    if demand_ids:
        await session.execute(FORGET_WAVES, {"demands": demand_ids})
        await session.execute(FORGET_QUEUED, {"demands": demand_ids})


def calendar_of(session: AsyncSession) -> Calendar:
    """When people may be asked something."""
    calendar: Calendar = session.info["calendar"]
    return calendar


def _wake(session: AsyncSession) -> None:
    planned = session.info.get("wave_planned")
    if planned is not None:
        after_commit(session, planned.set)
