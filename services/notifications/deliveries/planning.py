"""Plan what was intended by what its reader wants: at once, with others later, or not at all."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries.models import State
from services.notifications.messages.kinds import KINDS
from services.notifications.rhythm import Channel, Days, Hours, Plan, Rhythm, planned
from shared.clock import Calendar

AT_ONCE = 500

INTENDED = text("""
SELECT d.id, d.channel, d.next_at AS since, n.topic, n.params ->> 'deadline_on' AS deadline_on,
  p.rhythm, h.opens, h.closes, h.days
FROM deliveries d JOIN notices n ON n.id = d.notice_id
LEFT JOIN preferences p ON (p.member_id, p.topic, p.channel) = (d.member_id, n.topic, d.channel)
LEFT JOIN mail_hours h ON h.member_id = d.member_id
WHERE d.state = 'pending' AND d.rhythm IS NULL AND d.next_at <= :now
ORDER BY d.next_at LIMIT :limit FOR UPDATE OF d SKIP LOCKED
""")
PLAN = text("""
UPDATE deliveries d
SET rhythm = plan.rhythm, state = plan.state, next_at = coalesce(plan.next_at, d.next_at), settled_at = plan.settled_at
FROM unnest(CAST(:ids AS uuid[]), CAST(:rhythms AS text[]), CAST(:states AS text[]), CAST(:due AS timestamptz[]),
  CAST(:settled AS timestamptz[])) AS plan (id, rhythm, state, next_at, settled_at)
WHERE d.id = plan.id
""")


async def plan_intended(session: AsyncSession, *, now: datetime) -> int:
    """Say of each delivery that is new, or whose reader changed their mind, when it is due; how many there were."""
    calendar: Calendar = session.info["calendar"]
    rows = (await session.execute(INTENDED, {"now": now, "limit": AT_ONCE})).all()
    if rows:
        await session.execute(PLAN, _written(rows, [_plan(row, calendar, now) for row in rows], now=now))
    return len(rows)


def _plan(row: Row[Any], calendar: Calendar, now: datetime) -> Plan:
    hours = Hours.unchosen(calendar) if row.days is None else Hours(row.opens, row.closes, Days(row.days))
    deadline_on = None if row.deadline_on is None else date.fromisoformat(row.deadline_on)
    return planned(_wanted(row), hours, now, since=row.since, deadline_on=deadline_on)


def _wanted(row: Row[Any]) -> Rhythm:
    """What its reader chose, or is proposed; a topic that is no more is written of to nobody."""
    if row.rhythm is not None:
        return Rhythm(row.rhythm)
    kind = KINDS.get(row.topic)
    return (kind.proposed(Channel(row.channel)) if kind else None) or Rhythm.NEVER


def _written(rows: Sequence[Row[Any]], plans: Sequence[Plan], *, now: datetime) -> dict[str, list[Any]]:
    return {
        "ids": [row.id for row in rows],
        "rhythms": [plan.rhythm.value for plan in plans],
        "states": [State.UNWANTED.value if plan.at is None else State.PENDING.value for plan in plans],
        "due": [plan.at for plan in plans],
        "settled": [now if plan.at is None else None for plan in plans],
    }
