"""Write live events, numbered in commit order, and prune old ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.live.models import LiveEvent
from shared.database import after_commit
from shared.database.statement import Part, Statement, together

# How far back a page may resume; what it missed before lies in the inbox.
KEPT = timedelta(days=3)

# The notification goes out with the commit. Notifying commits wait for each other, which these do anyway.
CHANNEL = "live_events"
# The lock is held until commit: who gets the next numbers commits first. Otherwise 8 could be seen before 7 is
# committed, a page would resume after 8, and 7 would never reach it.
ANNOUNCE = Statement(f"""
WITH in_turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(1819243109)),
told AS MATERIALIZED (SELECT pg_notify('{CHANNEL}', :process))
INSERT INTO live_events (organisation_id, kind, payload, created_at)
SELECT fresh.organisation_id, fresh.kind, fresh.payload::jsonb, CAST(:now AS timestamptz)
FROM in_turn, told, unnest(CAST(:organisations AS uuid[]), CAST(:kinds AS text[]), CAST(:payloads AS text[]))
     AS fresh(organisation_id, kind, payload)
""")


class Kind(StrEnum):
    """What an open page can listen to (`live:<kind>`); `session-revoked` is for the processes themselves."""

    DEMAND_MATCHED = "demand-matched"
    NEW_FOR_YOU = "new-for-you"
    SOLICITED = "solicited"
    NOTICE = "notice"
    SESSION_REVOKED = "session-revoked"


class News(NamedTuple):
    """One live event to be: for an organisation's open pages, or for every process."""

    organisation_id: UUID | None
    kind: Kind
    payload: dict[str, Any]


async def announce(session: AsyncSession, news: Sequence[News], *, now: datetime) -> None:
    """Add live events in one statement; the commit wakes the hub of this process, and by the database every other."""
    await together(session, *announcing(session, news, now=now))


def announcing(session: AsyncSession, news: Sequence[News], *, now: datetime) -> list[Part]:
    """The same, not run yet, so that it can go in one round trip with others."""
    if not news:
        return []
    fresh = session.info.get("live_fresh")
    if fresh is not None:
        after_commit(session, fresh.set)
    return [
        ANNOUNCE(
            process=session.info.get("live_process", ""),
            now=now,
            organisations=[each.organisation_id for each in news],
            kinds=[each.kind.value for each in news],
            payloads=[msgspec.json.encode(each.payload).decode() for each in news],
        )
    ]


async def prune(session: AsyncSession, *, now: datetime) -> None:
    """Forget events nobody may resume from any more."""
    await session.execute(delete(LiveEvent).where(LiveEvent.created_at < now - KEPT))
