"""Every SELECT of the waves: what is due, how a demand is asked about, who has not been asked yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.waves.policy import EXPOSURE_WINDOW, WAVE_SIZE, WEEKLY_BUDGET, Asking, Candidate, Wave
from shared.database.statement import Statement

# Nobody is asked about what nobody may answer: its author is suspended.
ASKINGS = Statement("""
    SELECT d.id, (d.state ->> 'public_tender')::boolean AS public_tender, d.deadline_on, d.interested,
           (SELECT min(l.expires_at) FROM lots l WHERE l.flow_id = d.id AND l.is_open AND l.expires_at > :now)
               AS lot_expires_at,
           w.number, w.asked, w.done_at, w.after
    FROM demands d
    LEFT JOIN LATERAL (
        SELECT number, asked, done_at,
               (SELECT done_at FROM waves p WHERE p.demand_id = d.id AND p.number = waves.number - 1) AS after
        FROM waves WHERE demand_id = d.id ORDER BY number DESC LIMIT 1
    ) w ON true
    WHERE d.id = ANY(CAST(:demands AS uuid[])) AND d.status = 'open'
        AND NOT EXISTS (SELECT FROM organisations g WHERE g.id = d.organisation_id AND g.status = 'closed')
""")
DUE = Statement("""
    SELECT w.demand_id FROM waves w WHERE w.done_at IS NULL AND w.due_at <= :now
    ORDER BY w.due_at LIMIT 5 FOR UPDATE SKIP LOCKED
""")
# What an organisation was asked lately and what it asks for. A week counts every solicitation, of whatever pace; a
# share of exposure counts those that not everybody got.
STANDING = f"""
    JOIN supplies o ON o.id = m.offer_id
    CROSS JOIN LATERAL (
        SELECT coalesce((o.state ->> 'weekly_asks')::int, {WEEKLY_BUDGET}) AS budget,
               (o.state ->> 'asks_resume_on')::date::timestamp AT TIME ZONE 'Europe/Paris' AS back_at
    ) w
    LEFT JOIN LATERAL (
        SELECT (array_agg(solicited_at ORDER BY solicited_at DESC))[w.budget] AS full_at,
               count(*) FILTER (WHERE chosen IS DISTINCT FROM 'everyone') AS asked
        FROM solicitations WHERE organisation_id = m.organisation_id AND solicited_at > :since
    ) b ON true
    LEFT JOIN LATERAL (
        SELECT max(solicited_at) AS asked_at FROM solicitations WHERE organisation_id = m.organisation_id
    ) l ON true
    LEFT JOIN exposures e ON e.organisation_id = m.organisation_id
"""
TOLD = """
    m.organisation_id, m.offer_id, m.score, m.points, m.reasons::text AS reasons, m.weights, m.rank, m.total,
    l.asked_at, b.full_at, w.back_at, e.fair, b.asked
"""
# Whoever was suspended answers nothing, so nobody asks it.
IS_OPEN = """
    NOT EXISTS (SELECT FROM organisations g WHERE g.id = m.organisation_id AND g.status = 'closed')
"""
# Who was asked, waits to be, or answered by itself is asked no more; who took its answer back may be.
TO_ASK = f"""
    {IS_OPEN} AND
    NOT EXISTS (
        SELECT FROM solicitations s WHERE s.demand_id = m.demand_id AND s.organisation_id = m.organisation_id)
    AND NOT EXISTS (
        SELECT FROM answers a WHERE a.demand_id = m.demand_id AND a.organisation_id = m.organisation_id
        AND a.answer <> 'withdrawn')
"""
# One candidate per organisation, its best offer; its rank is the one that the demand's author reads.
CANDIDATES = Statement(f"""
    SELECT {TOLD}
    FROM (
        SELECT *, row_number() OVER (ORDER BY score DESC, offer_id) AS rank, count(*) OVER () AS total FROM (
            SELECT DISTINCT ON (organisation_id) * FROM matches WHERE demand_id = :demand
            ORDER BY organisation_id, score DESC, offer_id
        ) best
    ) m {STANDING}
    WHERE {TO_ASK}
    ORDER BY m.rank
""")
QUEUED = Statement(f"""
    WITH due AS (
        SELECT id, demand_id, organisation_id, wave, due_at FROM solicitations
        WHERE solicited_at IS NULL AND due_at <= :now
        ORDER BY due_at, id LIMIT 50 FOR UPDATE SKIP LOCKED
    )
    SELECT s.id, s.demand_id, s.wave, m.*
    FROM due s
    LEFT JOIN LATERAL (
        SELECT {TOLD}
        FROM (
            SELECT *, 1 + (SELECT count(DISTINCT r.organisation_id) FROM matches r WHERE r.demand_id = s.demand_id
                           AND (r.score > mine.score OR r.score = mine.score AND r.offer_id < mine.offer_id)) AS rank,
                   (SELECT count(DISTINCT r.organisation_id) FROM matches r WHERE r.demand_id = s.demand_id) AS total
            FROM (
                SELECT * FROM matches WHERE demand_id = s.demand_id AND organisation_id = s.organisation_id
                ORDER BY score DESC, offer_id LIMIT 1
            ) mine
        ) m {STANDING}
        WHERE {IS_OPEN}
    ) m ON true
    ORDER BY s.due_at, s.id
""")
LEFT = Statement(f"""
    SELECT EXISTS (SELECT FROM matches m WHERE m.demand_id = :demand AND {TO_ASK})
""")
# Of an organisation that is back: what it looks for, and what it may be asked about.
OF_RETURNED = Statement(f"""
    SELECT d.id FROM demands d
    WHERE d.status = 'open' AND EXISTS (
        SELECT FROM matches m
        WHERE m.demand_id = d.id AND :organisation IN (d.organisation_id, m.organisation_id) AND {TO_ASK})
    ORDER BY d.id
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
# Also those whose offer left the ranking since.
LOG = text("""
    SELECT s.organisation_id, s.offer_id, s.wave, s.solicited_at, s.due_at, s.rank, s.score, s.chosen,
           o.state ->> 'supplier_name' AS name
    FROM solicitations s LEFT JOIN supplies o ON o.id = s.offer_id
    WHERE s.demand_id = :demand ORDER BY s.wave, s.solicited_at NULLS LAST, s.rank, s.id LIMIT :most
""")


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
            interested=row.interested,
            last=Wave(row.number, row.asked, row.done_at, row.after) if row.number else None,
        )
        for row in rows
    }


async def due_waves(session: AsyncSession, *, now: datetime) -> Sequence[UUID]:
    """The demands whose wave is due, locked; what another replica holds is skipped."""
    return await DUE.scalars(session, now=now)


async def candidates(session: AsyncSession, demand_id: UUID, *, now: datetime) -> list[Candidate]:
    """Those who fit and were not asked (nor queued) yet, nor answered by themselves."""
    rows = await CANDIDATES.fetch(session, demand=demand_id, since=now - EXPOSURE_WINDOW)
    return [_candidate(row) for row in rows]


async def somebody_is_left(session: AsyncSession, demand_id: UUID) -> bool:
    """True when somebody fits who was not asked (nor queued) yet, nor answered by itself."""
    return bool(await LEFT.scalar(session, demand=demand_id))


async def unasked_of(session: AsyncSession, organisation_id: UUID) -> Sequence[UUID]:
    """The open demands of an organisation that somebody fits unasked, and others' that it fits itself unasked."""
    return await OF_RETURNED.scalars(session, organisation=organisation_id)


async def due_queued(session: AsyncSession, *, now: datetime) -> list[Queued]:
    """Those who waited long enough, locked."""
    rows = await QUEUED.fetch(session, now=now, since=now - EXPOSURE_WINDOW)
    return [
        Queued(row.id, row.demand_id, row.wave, _candidate(row) if row.organisation_id is not None else None)
        for row in rows
    ]


def _candidate(row: Any) -> Candidate:
    return Candidate(
        organisation_id=row.organisation_id,
        offer_id=row.offer_id,
        score=row.score,
        points=row.points,
        reasons=row.reasons,
        asked_at=row.asked_at,
        full_at=row.full_at,
        back_at=row.back_at,
        rank=row.rank,
        weights=row.weights,
        # This demand is not in what was counted yet: of its first wave, all who fit have an equal share.
        fair=(row.fair or 0.0) + min(1.0, WAVE_SIZE / row.total),
        asked=row.asked,
    )


async def next_due(session: AsyncSession) -> datetime | None:
    """When there is something to do again."""
    due: datetime | None = await NEXT_DUE.scalar(session)
    return due


async def waves_of(session: AsyncSession, demand_id: UUID) -> Sequence[Row[Any]]:
    """The waves of a demand for its page: number, due_at, done_at, asked, queued."""
    return (await session.execute(ON_PAGE, {"demand": demand_id})).all()


async def log_of(session: AsyncSession, demand_id: UUID, *, most: int) -> Sequence[Row[Any]]:
    """Everybody who was asked about a demand or waits to be, wave by wave."""
    return (await session.execute(LOG, {"demand": demand_id, "most": most})).all()


async def asked_of(session: AsyncSession, demand_id: UUID) -> dict[UUID, Row[Any]]:
    """Who was asked about a demand, or waits to be, by organisation."""
    return {row.organisation_id: row for row in await session.execute(ASKED, {"demand": demand_id})}
