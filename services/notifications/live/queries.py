"""Read live events after a position, and the unread counts that go with them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.database.statement import Statement

# So many at once; whoever is further behind continues from there.
LIMIT = 500

COLUMNS = "id, organisation_id, kind, payload::text AS payload"
AFTER = Statement(f"SELECT {COLUMNS} FROM live_events WHERE id > :position ORDER BY id LIMIT {LIMIT}")
MISSED = Statement(
    f"SELECT {COLUMNS} FROM live_events "
    f"WHERE organisation_id = :organisation_id AND id > :position ORDER BY id LIMIT {LIMIT}"
)
HEAD = text("SELECT coalesce(max(id), 0) FROM live_events")
REVOKED_SINCE = text("SELECT payload FROM live_events WHERE kind = 'session-revoked' AND created_at >= :since")
UNREAD = Statement("""
SELECT who.member_id, (
  SELECT count(*) FROM notices n
  WHERE n.organisation_id = who.organisation_id AND (n.member_id IS NULL OR n.member_id = who.member_id)
    AND NOT EXISTS (SELECT FROM readings r WHERE r.notice_id = n.id AND r.member_id = who.member_id))
FROM unnest(CAST(:members AS uuid[]), CAST(:organisations AS uuid[])) AS who(member_id, organisation_id)
""")


class Told(NamedTuple):
    """A live event as read back; most are for organisations without an open page, and never decoded."""

    id: int
    organisation_id: UUID | None
    kind: str
    encoded: str

    @property
    def payload(self) -> dict[str, Any]:
        """What it tells."""
        found: dict[str, Any] = msgspec.json.decode(self.encoded)
        return found


async def told_after(session: AsyncSession | AsyncConnection, position: int) -> list[Told]:
    """Everything told after `position`, for everybody, oldest first, at most `LIMIT`."""
    return [_told(row) for row in await AFTER.fetch(session, position=position)]


async def missed_by(session: AsyncSession, organisation_id: UUID, *, position: int) -> list[Told]:
    """What an organisation's page missed after `position`, oldest first, at most `LIMIT`."""
    return [_told(row) for row in await MISSED.fetch(session, organisation_id=organisation_id, position=position)]


def _told(row: Any) -> Told:
    return Told(row.id, row.organisation_id, row.kind, row.payload)


async def newest_position(session: AsyncSession | AsyncConnection) -> int:
    """The position after everything committed so far."""
    return int((await session.execute(HEAD)).scalar_one())


async def revoked_since(session: AsyncSession, moment: datetime) -> list[UUID]:
    """The sessions ended since then."""
    rows = await session.execute(REVOKED_SINCE, {"since": moment})
    return [UUID(payload["session_id"]) for (payload,) in rows]


async def unread_of(session: AsyncSession | AsyncConnection, who: Collection[tuple[UUID, UUID]]) -> dict[UUID, int]:
    """Unread notices by member, for `(member, organisation)` pairs, in one statement."""
    found = await UNREAD.fetch(
        session, members=[member for member, _ in who], organisations=[organisation for _, organisation in who]
    )
    return {row[0]: row[1] for row in found}
