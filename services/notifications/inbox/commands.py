"""Tell an organisation something once, and note what a member has read."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any, NamedTuple
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
# What is told of one thing again and again, and by what its notices are known to be of it.
CHANGING = ("answer_id", "taking_id")
# Versions of one answer may overtake each other, too: each that is news has a notice, unless a newer one has.
TELL_OF_CHANGE = Statement("""
INSERT INTO notices (id, topic, organisation_id, about_id, about_kind, told_for, params, created_at)
SELECT CAST(:id AS uuid), CAST(:topic AS text), CAST(:organisation_id AS uuid), CAST(:about_id AS uuid),
  CAST(:about_kind AS text), CAST(:told_for AS uuid), CAST(:params AS jsonb), CAST(:now AS timestamptz)
WHERE NOT EXISTS (
  SELECT FROM notices
  WHERE organisation_id = CAST(:organisation_id AS uuid)
    AND params ->> CAST(:changing AS text) = CAST(:params AS jsonb) ->> CAST(:changing AS text)
    AND (params ->> 'version')::bigint > (CAST(:params AS jsonb) ->> 'version')::bigint)
ON CONFLICT DO NOTHING RETURNING id
""")
# Rankings of one demand are told by two events and may overtake each other: each of its notices keeps the version of
# the ranking heard last, and whatever is older than any of them tells nothing.
TELL_OF_RANKING = Statement("""
INSERT INTO notices AS n (id, topic, organisation_id, about_id, about_kind, told_for, params, created_at)
SELECT CAST(:id AS uuid), CAST(:topic AS text), CAST(:organisation_id AS uuid), CAST(:about_id AS uuid),
  CAST(:about_kind AS text), CAST(:about_id AS uuid), CAST(:params AS jsonb), CAST(:now AS timestamptz)
WHERE NOT EXISTS (
  SELECT FROM notices
  WHERE told_for = CAST(:about_id AS uuid) AND organisation_id = CAST(:organisation_id AS uuid)
    AND (params ->> 'version')::bigint > (CAST(:params AS jsonb) ->> 'version')::bigint)
ON CONFLICT (told_for, organisation_id, topic)
  DO UPDATE SET params = n.params || jsonb_build_object('version', excluded.params -> 'version')
RETURNING xmax = 0 AS is_new  -- a row that an insert made has no xmax
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
  AND (CAST(:topic AS text) IS NULL OR n.topic = :topic)
ON CONFLICT DO NOTHING
""")


class Heard(Enum):
    """What news of a ranking is to its author: `TOO_LATE` when a newer ranking was told already."""

    FIRST = auto()
    AGAIN = auto()
    TOO_LATE = auto()


class Told(NamedTuple):
    """What became of a notice, and the events to record of it."""

    heard: Heard
    events: tuple[NotificationCreated, ...] = ()
    notice_id: UUID | None = None


async def tell(
    session: AsyncSession,
    topic: Topic,
    *,
    organisation_id: UUID,
    told_for: UUID,
    params: Mapping[str, Any],
    now: datetime,
) -> UUID | None:
    """Put a notice in an organisation's inbox; None when it was told `told_for` this already, or what came after."""
    row = _row(topic, params) | {"organisation_id": organisation_id, "now": now}
    changing = next((name for name in CHANGING if name in params), None)
    notice_id: UUID | None = (
        await TELL.scalar(session, told_for=told_for, **row)
        if changing is None
        else await TELL_OF_CHANGE.scalar(session, told_for=told_for, changing=changing, **row)
    )
    if notice_id is not None:
        await record(session, _created(row))
    return notice_id


async def tell_of_ranking(
    session: AsyncSession,
    topic: Topic,
    *,
    organisation_id: UUID,
    version: int,
    params: Mapping[str, Any],
    now: datetime,
) -> Told:
    """Put a notice in the author's inbox, once for each demand and topic; `version` is the ranking's.

    Its event is left to the caller, who has more to write in the same round trip.
    """
    row = _row(topic, {**params, "version": version}) | {"organisation_id": organisation_id, "now": now}
    is_new = await TELL_OF_RANKING.scalar(session, **row)
    if is_new is None:
        return Told(Heard.TOO_LATE)
    return Told(Heard.FIRST, (_created(row),), row["id"]) if is_new else Told(Heard.AGAIN)


def _row(topic: Topic, params: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in params.items() if name not in ("about_id", "about_kind")}
    return {
        "id": new_id(),
        "topic": topic.value,
        "about_id": UUID(str(params["about_id"])),
        "about_kind": params["about_kind"],
        "params": msgspec.json.encode(shown).decode(),
    }


def _created(row: Mapping[str, Any]) -> NotificationCreated:
    return NotificationCreated(
        version=1,
        notification_id=row["id"],
        organisation_id=row["organisation_id"],
        member_id=None,
        topic=row["topic"],
        about=row["about_id"],
    )


async def mark_read(session: AsyncSession, member: Identity, *, notice_id: UUID, now: datetime) -> None:
    """The member has read a notice; raises `NoticeUnknown` for one that is not theirs."""
    values = _who(member) | {"notice": notice_id, "now": now}
    if (await session.execute(READ_ONE, values)).first() is None:
        raise NoticeUnknown


async def mark_all_read(session: AsyncSession, member: Identity, *, now: datetime, topic: str | None = None) -> None:
    """The member has read everything that is there now, or everything about one topic."""
    await session.execute(READ_ALL, _who(member) | {"now": now, "topic": topic})


def _who(member: Identity) -> dict[str, Any]:
    return {"member": member.member_id, "organisation": member.organisation_id}
