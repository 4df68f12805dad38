"""Tell an organisation something once, and note what a member has read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.errors import NoticeUnknown
from services.notifications.inbox.models import Topic
from shared.database import new_id
from shared.database.statement import Statement
from shared.events.notifications import NotificationCreated
from shared.identity import Identity
from shared.messaging.outbox import record

TELL = Statement("""
INSERT INTO notices (id, topic, organisation_id, about_id, about_kind, told_for, params, created_at)
VALUES (:id, :topic, :organisation_id, :about_id, :about_kind, :told_for, CAST(:params AS jsonb), :now)
ON CONFLICT DO NOTHING RETURNING id
""")
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
    shown = {name: value for name, value in params.items() if name not in ("about_id", "about_kind")}
    notice_id: UUID | None = await TELL.scalar(
        session,
        id=new_id(),
        topic=topic.value,
        organisation_id=organisation_id,
        about_id=UUID(str(params["about_id"])),
        about_kind=params["about_kind"],
        told_for=told_for,
        params=msgspec.json.encode(shown).decode(),
        now=now,
    )
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
