"""Plan waves, ask suppliers when they are due, call off what is no longer wanted."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import in_order
from services.matching.ranking.score import REASONS
from services.matching.ranking.sides import Demand
from services.matching.waves.policy import Asking, Candidate, Pace, next_wave, take_turn
from services.matching.waves.queries import askings, candidates, due_queued, due_waves
from shared.clock import Calendar
from shared.database import after_commit, new_id, now_of
from shared.database.statement import Part, Statement, together
from shared.events.matching import SupplierSolicited
from shared.messaging.outbox import record

SOLICITATIONS = UUID("7cb3a4fa-d5de-4ff3-b8bb-f6dbc0dd7648")

# A wave that is not full yet opens again; one that waits already only ever becomes due earlier.
PLAN = Statement("""
    INSERT INTO waves AS w (id, demand_id, number, due_at)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:demands AS uuid[]), CAST(:numbers AS int[]),
                         CAST(:due_at AS timestamptz[]))
    ON CONFLICT (demand_id, number) DO UPDATE SET
        due_at = CASE WHEN w.done_at IS NULL THEN least(w.due_at, excluded.due_at) ELSE excluded.due_at END,
        done_at = NULL
""")
DONE = Statement("""
    UPDATE waves SET done_at = :now, asked = asked + :asked WHERE demand_id = :demand AND done_at IS NULL
""")
FORGET_WAVES = text("DELETE FROM waves WHERE demand_id = ANY(CAST(:demands AS uuid[])) AND done_at IS NULL")
FORGET_QUEUED = text("""
    DELETE FROM solicitations WHERE demand_id = ANY(CAST(:demands AS uuid[])) AND solicited_at IS NULL
""")
DEMANDS = text("SELECT state::text FROM demands WHERE id = ANY(CAST(:demands AS uuid[]))")
ASK = Statement("""
    INSERT INTO solicitations (id, demand_id, organisation_id, offer_id, wave, score, due_at, solicited_at)
    SELECT id, CAST(:demand_id AS uuid), organisation_id, offer_id, CAST(:wave AS int), score, due_at, solicited_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:organisations AS uuid[]), CAST(:offers AS uuid[]), CAST(:scores AS int[]),
                CAST(:due_at AS timestamptz[]), CAST(:solicited_at AS timestamptz[]))
         AS fresh (id, organisation_id, offer_id, score, due_at, solicited_at)
    ON CONFLICT (demand_id, organisation_id) DO NOTHING
""")
ASK_QUEUED = text("""
    UPDATE solicitations SET solicited_at = :now, offer_id = :offer_id, score = :score WHERE id = :id
""")
POSTPONE = text("UPDATE solicitations SET due_at = :due_at WHERE id = :id")
DROP = text("DELETE FROM solicitations WHERE id = :id")


async def plan(session: AsyncSession, demand_ids: Collection[UUID]) -> None:
    """Let those who newly fit be asked: by the wave that waits already, or by one planned now."""
    if demand_ids:
        await together(session, *_planned(session, await askings(session, demand_ids, now=now_of(session))))


def first_wave(session: AsyncSession, demand: Demand) -> list[Part]:
    """The same for a need that was never ranked before, not run yet: it has no wave, and nothing need be read."""
    asking = Asking(public_tender=demand.public_tender, deadline_on=demand.deadline_on, lot_expires_at=None)
    return _planned(session, {demand.id: asking})


def _planned(session: AsyncSession, found: Mapping[UUID, Asking]) -> list[Part]:
    now, calendar = now_of(session), _calendar(session)
    waves = [
        (demand_id, wave)
        for demand_id, asking in found.items()
        if asking.last is None or asking.last.done_at is not None or asking.pace(now) is Pace.URGENT
        if (wave := next_wave(asking, now, calendar)) is not None
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


async def hurry(session: AsyncSession, flow_id: UUID, *, expires_at: datetime) -> None:
    """A lot of this flow has not long to live: whoever fits and was not asked yet is asked at once."""
    now = now_of(session)
    found = await askings(session, [flow_id], now=now)
    lot = Asking(public_tender=False, deadline_on=None, lot_expires_at=expires_at)
    if found and expires_at > now and lot.pace(now) is Pace.URGENT:
        await plan(session, [flow_id])


async def call_off(session: AsyncSession, demand_ids: Sequence[UUID]) -> None:
    """Nobody more is asked about these."""
    if demand_ids:
        await session.execute(FORGET_WAVES, {"demands": demand_ids})
        await session.execute(FORGET_QUEUED, {"demands": demand_ids})


async def ask_due(session: AsyncSession) -> int:
    """Run every wave and every queued solicitation that is due; how many suppliers were asked."""
    await in_order(session)
    now = now_of(session)
    due = await due_waves(session, now=now)
    asked = [each for demand_id in due for each in await _run_wave(session, demand_id, now)]
    asked += await _ask_queued(session, now)
    if asked:
        await _tell(session, asked, now)
    return len(asked)


def solicitation_id(demand_id: UUID, candidate: Candidate) -> UUID:
    """The same for the same pair: matching that was restored from a backup asks again, and nobody is told again."""
    return uuid5(SOLICITATIONS, f"{demand_id}:{candidate.organisation_id}")


class Asked(NamedTuple):
    """One supplier asked just now."""

    id: UUID
    demand_id: UUID
    wave: int
    candidate: Candidate


async def _run_wave(session: AsyncSession, demand_id: UUID, now: datetime) -> list[Asked]:
    asking = (await askings(session, [demand_id], now=now)).get(demand_id)
    ends_at = asking.ends_at() if asking else None
    if asking is None or asking.last is None or (ends_at is not None and ends_at <= now):
        await call_off(session, [demand_id])
        return []
    number = asking.last.number
    turn = take_turn(await candidates(session, demand_id), asking, now)
    asked = [Asked(solicitation_id(demand_id, each), demand_id, number, each) for each in turn.asked]
    calendar = _calendar(session)
    rows: list[tuple[UUID, Candidate, datetime, datetime | None]] = [
        (each.id, each.candidate, now, now) for each in asked
    ]
    rows += [
        (solicitation_id(demand_id, each), each, calendar.next_open(free_at), None) for each, free_at in turn.queued
    ]
    if rows:
        await ASK.execute(
            session,
            demand_id=demand_id,
            wave=number,
            ids=[known for known, *_ in rows],
            organisations=[each.organisation_id for _, each, *_ in rows],
            offers=[each.offer_id for _, each, *_ in rows],
            scores=[each.score for _, each, *_ in rows],
            due_at=[due_at for *_, due_at, _ in rows],
            solicited_at=[solicited_at for *_, solicited_at in rows],
        )
    await DONE.execute(session, demand=demand_id, now=now, asked=len(asked))
    if turn.left:
        await plan(session, [demand_id])
    return asked


async def _ask_queued(session: AsyncSession, now: datetime) -> list[Asked]:
    queued = await due_queued(session, now=now)
    wanted = await askings(session, {each.demand_id for each in queued}, now=now) if queued else {}
    asked: list[Asked] = []
    this_time: set[UUID] = set()
    for each in queued:
        asking, candidate = wanted.get(each.demand_id), each.candidate
        ends_at = asking.ends_at() if asking else None
        if asking is None or candidate is None or (ends_at is not None and ends_at <= now):
            await session.execute(DROP, {"id": each.id})
            continue
        free_at = _calendar(session).next_open(candidate.free_at(now))
        if free_at > now or candidate.organisation_id in this_time:
            # One at a time: the budget was read before this turn began.
            await session.execute(POSTPONE, {"id": each.id, "due_at": free_at})
            continue
        this_time.add(candidate.organisation_id)
        await session.execute(
            ASK_QUEUED, {"id": each.id, "now": now, "offer_id": candidate.offer_id, "score": candidate.score}
        )
        asked.append(Asked(each.id, each.demand_id, each.wave, candidate))
    return asked


async def _tell(session: AsyncSession, asked: Sequence[Asked], now: datetime) -> None:
    states = await session.scalars(DEMANDS, {"demands": list({each.demand_id for each in asked})})
    demands = {demand.id: demand for demand in map(Demand.model_validate_json, states)}
    await record(
        session,
        *(
            SupplierSolicited(
                version=1,
                solicitation_id=each.id,
                organisation_id=each.candidate.organisation_id,
                offer_id=each.candidate.offer_id,
                demand=demands[each.demand_id].told(),
                wave=each.wave,
                score=each.candidate.score,
                reasons=REASONS.validate_json(each.candidate.reasons),
                solicited_at=now,
            )
            for each in asked
        ),
    )


def _calendar(session: AsyncSession) -> Calendar:
    calendar: Calendar = session.info["calendar"]
    return calendar


def _wake(session: AsyncSession) -> None:
    planned = session.info.get("wave_planned")
    if planned is not None:
        after_commit(session, planned.set)
