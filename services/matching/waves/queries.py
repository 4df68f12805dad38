"""Every SELECT of the waves: what is due, how a demand is asked about, who has not been asked yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.waves.policy import Asking, Candidate, Wave
from shared.database.statement import Statement

ASKINGS = Statement("""
    SELECT d.id, (d.state ->> 'public_tender')::boolean AS public_tender, d.deadline_on,
           (SELECT min(l.expires_at) FROM lots l WHERE l.flow_id = d.id AND l.is_open AND l.expires_at > :now)
               AS lot_expires_at,
           w.number, w.asked, w.done_at
    FROM demands d
    LEFT JOIN LATERAL (
        SELECT number, asked, done_at FROM waves WHERE demand_id = d.id ORDER BY number DESC LIMIT 1
    ) w ON true
    WHERE d.id = ANY(CAST(:demands AS uuid[])) AND d.status = 'open'
""")
DUE = Statement("""
    SELECT w.demand_id FROM waves w WHERE w.done_at IS NULL AND w.due_at <= :now
    ORDER BY w.due_at LIMIT 5 FOR UPDATE SKIP LOCKED
""")
# One candidate per organisation, its best offer. The weekly budget counts every solicitation, of whatever pace.
BUDGET = """
    LEFT JOIN LATERAL (
        SELECT max(solicited_at) AS asked_at, (array_agg(solicited_at ORDER BY solicited_at DESC))[5] AS fifth_at
        FROM solicitations WHERE organisation_id = m.organisation_id AND solicited_at IS NOT NULL
    ) b ON true
"""
CANDIDATES = Statement(f"""
    SELECT DISTINCT ON (m.organisation_id)
        m.organisation_id, m.offer_id, m.score, m.reasons::text AS reasons, b.asked_at, b.fifth_at
    FROM matches m {BUDGET}
    WHERE m.demand_id = :demand AND NOT EXISTS (
        SELECT FROM solicitations s WHERE s.demand_id = m.demand_id AND s.organisation_id = m.organisation_id)
    ORDER BY m.organisation_id, m.score DESC, m.offer_id
""")
QUEUED = Statement(f"""
    SELECT s.id, s.demand_id, s.wave, m.organisation_id, m.offer_id, m.score, m.reasons::text AS reasons,
           b.asked_at, b.fifth_at
    FROM solicitations s
    LEFT JOIN LATERAL (
        SELECT * FROM matches WHERE demand_id = s.demand_id AND organisation_id = s.organisation_id
        ORDER BY score DESC, offer_id LIMIT 1
    ) m ON true
    {BUDGET}
    WHERE s.solicited_at IS NULL AND s.due_at <= :now
    ORDER BY s.due_at LIMIT 50 FOR UPDATE OF s SKIP LOCKED
""")
NEXT_DUE = Statement("""
    SELECT least((SELECT min(due_at) FROM waves WHERE done_at IS NULL),
                 (SELECT min(due_at) FROM solicitations WHERE solicited_at IS NULL))
""")
ON_PAGE = text("""
    SELECT w.number, w.due_at, w.done_at, w.asked,
           (SELECT count(*) FROM solicitations s
            WHERE s.demand_id = w.demand_id AND s.wave = w.number AND s.solicited_at IS NULL) AS queued
    FROM waves w WHERE w.demand_id = :demand ORDER BY w.number
""")
ASKED = text("SELECT organisation_id, solicited_at, due_at FROM solicitations WHERE demand_id = :demand")


@dataclass(frozen=True)
class Queued:
    """A supplier that waited for its budget; `candidate` is None when it does not fit any more."""

    id: UUID
    demand_id: UUID
    wave: int
    candidate: Candidate | None


async def askings(session: AsyncSession, demand_ids: Collection[UUID], *, now: datetime) -> dict[UUID, Asking]:
    """How each open demand is asked about, with its last wave."""
    rows = await ASKINGS.fetch(session, demands=list(demand_ids), now=now)
    return {
        row.id: Asking(
            public_tender=row.public_tender,
            deadline_on=row.deadline_on,
            lot_expires_at=row.lot_expires_at,
            last=Wave(row.number, row.asked, row.done_at) if row.number else None,
        )
        for row in rows
    }


async def due_waves(session: AsyncSession, *, now: datetime) -> Sequence[UUID]:
    """The demands whose wave is due, locked; what another replica holds is skipped."""
    return await DUE.scalars(session, now=now)


async def candidates(session: AsyncSession, demand_id: UUID) -> list[Candidate]:
    """Those who fit and were not asked (nor queued) yet."""
    rows = await CANDIDATES.fetch(session, demand=demand_id)
    return [_candidate(row) for row in rows]


async def due_queued(session: AsyncSession, *, now: datetime) -> list[Queued]:
    """Those who waited long enough, locked."""
    rows = await QUEUED.fetch(session, now=now)
    return [
        Queued(row.id, row.demand_id, row.wave, _candidate(row) if row.organisation_id is not None else None)
        for row in rows
    ]


def _candidate(row: Any) -> Candidate:
    return Candidate(row.organisation_id, row.offer_id, row.score, row.reasons, row.asked_at, row.fifth_at)


async def next_due(session: AsyncSession) -> datetime | None:
    """When there is something to do again."""
    due: datetime | None = await NEXT_DUE.scalar(session)
    return due


async def waves_of(session: AsyncSession, demand_id: UUID) -> Sequence[Row[Any]]:
    """The waves of a demand for its page: number, due_at, done_at, asked, queued."""
    return (await session.execute(ON_PAGE, {"demand": demand_id})).all()


async def asked_of(session: AsyncSession, demand_id: UUID) -> dict[UUID, Row[Any]]:
    """Who was asked about a demand, or waits to be, by organisation."""
    return {row.organisation_id: row for row in await session.execute(ASKED, {"demand": demand_id})}
