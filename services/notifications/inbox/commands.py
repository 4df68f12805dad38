"""Tell an organisation something once, and note what a member has read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.errors import NoticeUnknown
from services.notifications.inbox.models import Notice, Topic
from shared.database import new_id
from shared.events.notifications import NotificationCreated
from shared.identity import Identity
from shared.messaging.outbox import record

# The table itself: the unit of work of mapped objects is not needed for one row.
NOTICES = cast(Table, Notice.__table__)

READ_ONE = text("""
INSERT INTO readings (notice_id, member_id, read_at)
SELECT n.id, :member, :now FROM notices n
WHERE n.id = :notice AND n.organisation_id = :organisation AND (n.member_id IS NULL OR n.member_id = :member)
ON CONFLICT (notice_id, member_id) DO UPDATE SET read_at = readings.read_at
RETURNING notice_id
""")
READ_ALL = text("""
INSERT INTO readings (notice_id, member_id, read_at)
SELECT n.id, :member, :now FROM notices n
WHERE n.organisation_id = :organisation AND (n.member_id IS NULL OR n.member_id = :member)
ON CONFLICT DO NOTHING
""")


async def tell(
    session: AsyncSession,
    topic: Topic,
    *,
    organisation_id: UUID,
    told_for: UUID,
    params: Mapping[str, Any],
    now: datetime,
) -> UUID | None:
    """Put a notice in an organisation's inbox; None when it was told `told_for` this already."""
    row = {
        "id": new_id(),
        "topic": topic.value,
        "organisation_id": organisation_id,
        "member_id": None,
        "about_id": params["about_id"],
        "about_kind": params["about_kind"],
        "told_for": told_for,
        "params": {name: value for name, value in params.items() if name not in ("about_id", "about_kind")},
        "created_at": now,
    }
    statement = insert(NOTICES).on_conflict_do_nothing().returning(NOTICES.c.id)
    notice_id: UUID | None = (await session.execute(statement, row)).scalar_one_or_none()
    if notice_id is None:
        return None
    created = NotificationCreated(
        version=1,
        notification_id=notice_id,
        organisation_id=organisation_id,
        member_id=None,
        topic=topic.value,
        about=UUID(str(params["about_id"])),
    )
    await record(session, created)
    return notice_id


async def mark_read(session: AsyncSession, member: Identity, *, notice_id: UUID, now: datetime) -> None:
    """The member has read a notice; raises `NoticeUnknown` for one that is not theirs."""
    values = _who(member) | {"notice": notice_id, "now": now}
    if (await session.execute(READ_ONE, values)).first() is None:
        raise NoticeUnknown


async def mark_all_read(session: AsyncSession, member: Identity, *, now: datetime) -> None:
    """The member has read everything that is there now."""
    await session.execute(READ_ALL, _who(member) | {"now": now})


def _who(member: Identity) -> dict[str, Any]:
    return {"member": member.member_id, "organisation": member.organisation_id}
