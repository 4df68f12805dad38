"""Read a member's inbox: the organisation's notices, and what this member has not read of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.live.queries import unread_of
from shared.identity import Identity

PAGE = 30

# Ids are UUIDv7, so that their order is the order of telling, and a cursor needs nothing else.
NOTICES = text("""
SELECT n.id, n.topic, n.created_at, r.read_at IS NOT NULL AS is_read,
  n.params || jsonb_build_object('about_kind', n.about_kind, 'about_id', n.about_id) AS params
FROM notices n LEFT JOIN readings r ON r.notice_id = n.id AND r.member_id = :member
WHERE n.organisation_id = :organisation AND (n.member_id IS NULL OR n.member_id = :member)
  AND (CAST(:topic AS text) IS NULL OR n.topic = :topic)
  AND (CAST(:is_read AS boolean) IS NULL OR (r.read_at IS NOT NULL) = :is_read)
  AND (CAST(:before AS uuid) IS NULL OR n.id < :before)
ORDER BY n.id DESC LIMIT :limit
""")
ABOUT = text("""
SELECT about_kind, about_id FROM notices n
WHERE n.id = :notice AND n.organisation_id = :organisation AND (n.member_id IS NULL OR n.member_id = :member)
""")


class Only(NamedTuple):
    """What of an inbox is asked for: one topic, what was read or was not; None for both."""

    topic: str | None = None
    is_read: bool | None = None


EVERYTHING = Only()


class Lying(NamedTuple):
    """A notice as it lies in one member's inbox."""

    id: UUID
    topic: str
    created_at: datetime
    is_read: bool
    params: Mapping[str, Any]


async def inbox_of(
    session: AsyncSession, member: Identity, only: Only = EVERYTHING, *, before: UUID | None, limit: int = PAGE
) -> tuple[list[Lying], UUID | None]:
    """One page, newest first, and the cursor of the next one if there is one."""
    values = {
        "member": member.member_id,
        "organisation": member.organisation_id,
        **only._asdict(),
        "before": before,
        "limit": limit + 1,
    }
    found = [Lying(*row) for row in await session.execute(NOTICES, values)]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def unread_count(session: AsyncSession, member: Identity) -> int:
    """How much the member has not read."""
    counts = await unread_of(session, [(member.member_id, member.organisation_id)])
    return counts[member.member_id]


async def about(session: AsyncSession, member: Identity, notice_id: UUID) -> tuple[str, UUID]:
    """What a notice is about: the kind and id of its demand."""
    values = {"notice": notice_id, "member": member.member_id, "organisation": member.organisation_id}
    row = (await session.execute(ABOUT, values)).one()
    return row[0], row[1]
