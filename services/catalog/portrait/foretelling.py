"""Before a status or a permit ends, its holders are told; and on the day after, that it no longer counts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.organisations.standing import TOLD_BEFORE
from services.catalog.portrait.models import ToldEnding
from shared.clock import day_of
from shared.database import Database, new_id, now_of
from shared.events.standing import EndingNoticed
from shared.messaging.outbox import record
from shared.observability.pulse import every

TIMER_S = 1800.0
"""An end is a day: half an hour after midnight is early enough, and looking reads every status."""

# The paper is renewed in weeks: two left are the last call.
TOLD_AGAIN = timedelta(days=14)
# Longer ago is no news: a status that ended before anybody here could be told.
NEWS = timedelta(days=14)
# What was told is forgotten once nothing could tell it again.
KEPT = timedelta(days=90)
BATCH = 200

# Days are written as ISO texts, which compare as days do; most facts have no end, and none is read then. A permit of
# an organisation is one of its sites', unless a list said so before it had any.
DUE = text("""
WITH ends AS (
  SELECT o.id AS organisation_id, o.id AS about_id, 'status' AS what, fact ->> 'code' AS code,
    fact ->> 'expires_on' AS expires_on, NULL AS site_name
  FROM legal_entities e JOIN organisations o ON o.legal_entity_id = e.id
  CROSS JOIN LATERAL jsonb_array_elements(e.facts) AS fact
  UNION ALL
  SELECT s.organisation_id, s.id, 'permit', permit ->> 'code', permit ->> 'expires_on', s.name
  FROM sites s CROSS JOIN LATERAL jsonb_array_elements(s.permits) AS permit
  UNION ALL
  SELECT o.id, o.id, 'permit', permit ->> 'code', permit ->> 'expires_on', NULL
  FROM organisations o CROSS JOIN LATERAL jsonb_array_elements(o.permits) AS permit
  WHERE NOT EXISTS (SELECT FROM sites s WHERE s.organisation_id = o.id
    AND s.permits @> jsonb_build_array(jsonb_build_object('code', permit ->> 'code')))
), due AS (
  SELECT organisation_id, about_id, what, code, expires_on::date AS expires_on, site_name,
    CASE WHEN expires_on < :today THEN -1 WHEN expires_on <= :again THEN :again_days ELSE :before_days
    END AS days_before
  FROM ends WHERE expires_on BETWEEN :since AND :before
)
SELECT due.* FROM due JOIN organisations o ON o.id = due.organisation_id
WHERE o.state IN ('registered', 'verified')
  AND EXISTS (SELECT FROM members m WHERE m.organisation_id = o.id AND m.left_at IS NULL)
  AND NOT EXISTS (SELECT FROM told_endings t
    WHERE (t.organisation_id, t.about_id, t.what, t.code, t.expires_on, t.days_before)
        = (due.organisation_id, due.about_id, due.what, due.code, due.expires_on, due.days_before))
ORDER BY due.expires_on, due.organisation_id, due.about_id, due.code LIMIT :limit
""")


async def run_foretelling_timer(database: Database) -> None:
    """Look after ends that come near, for ever; any number of timers may run."""
    async for _ in every(TIMER_S):
        told = BATCH
        while told == BATCH:
            async with database.sessions.begin() as session:
                told = await foretell_ends(session)


async def foretell_ends(session: AsyncSession) -> int:
    """Tell what ends within sixty days, within fourteen, or has just ended, each once; returns how many.

    INVARIANT: nothing is told twice for one threshold, whatever restarts: a row says so, in the same transaction.
    """
    now = now_of(session)
    due = await _due(session, now)
    if due:
        rows = [{"id": new_id(), "told_at": now, **_key(each)} for each in due]
        inserted = insert(ToldEnding).values(rows).on_conflict_do_nothing().returning(ToldEnding.id)
        fresh = set(await session.scalars(inserted))
        told = [_noticed(row, each) for row, each in zip(rows, due, strict=True) if row["id"] in fresh]
        await record(session, *told)
    await session.execute(delete(ToldEnding).where(ToldEnding.expires_on < day_of(now) - KEPT))
    return len(due)


async def _due(session: AsyncSession, now: datetime) -> Sequence[Any]:
    today = day_of(now)
    days = {"today": today, "again": today + TOLD_AGAIN, "before": today + TOLD_BEFORE, "since": today - NEWS}
    values = {name: day.isoformat() for name, day in days.items()}
    thresholds = {"again_days": TOLD_AGAIN.days, "before_days": TOLD_BEFORE.days}
    return (await session.execute(DUE, {**values, **thresholds, "limit": BATCH})).all()


def _key(due: Any) -> dict[str, Any]:
    names = ("organisation_id", "about_id", "what", "code", "expires_on", "days_before")
    return {name: getattr(due, name) for name in names}


def _noticed(row: dict[str, Any], due: Any) -> EndingNoticed:
    return EndingNoticed(
        version=1,
        ending_id=row["id"],
        organisation_id=due.organisation_id,
        what=due.what,
        code=due.code,
        site_id=due.about_id if due.site_name is not None else None,
        site_name=due.site_name,
        expires_on=due.expires_on,
        days_before=due.days_before,
    )
