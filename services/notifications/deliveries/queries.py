"""What a delivery needs to become a message: the notices or the letter, the address of the moment, the language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.messages.digest import DIGEST
from services.notifications.messages.security import LINK
from shared.events.catalog import LinkPurpose
from shared.events.notifications import LetterSent, NoticeTold

TO_NEW_ADDRESS = f"{LINK}{LinkPurpose.CHANGE_EMAIL.value}"

# The notices of a digest, newest first.
GATHERED = """
SELECT jsonb_build_object('notices', coalesce(jsonb_agg(told.params
    || jsonb_build_object('topic', told.topic, 'about_kind', told.about_kind, 'about_id', told.about_id)
    ORDER BY told.id DESC), '[]'))
FROM deliveries inside JOIN notices told ON told.id = inside.notice_id WHERE inside.gathered_in = g.id
"""
# One kind of letter goes to the address to come; catalog tells it on another stream, so it may not be here yet.
# Whose organisation may not act any more is still told about their own account. Who became a viewer meanwhile is not
# written to about what only others may answer.
PARCEL = f"""
SELECT d.id, d.member_id, d.channel, d.state, d.attempts, d.last_error,
  coalesce(n.created_at, l.created_at, g.made_at) AS created_at,
  coalesce(n.topic, l.topic, '{DIGEST}') AS topic,
  coalesce(n.params || jsonb_build_object('about_kind', n.about_kind, 'about_id', n.about_id),
    l.params || jsonb_strip_nulls(jsonb_build_object('organisation', o.name)), ({GATHERED})) AS params,
  CASE WHEN l.topic = '{TO_NEW_ADDRESS}' THEN c.email_asked ELSE c.email END AS address, c.name,
  coalesce(l.language, c.language, 'fr') AS language, o.name AS organisation,
  c.member_id IS NULL OR (l.topic = '{TO_NEW_ADDRESS}' AND c.email_asked IS NULL AND c.email IS NOT NULL) AS is_unknown,
  coalesce(m.has_left, false)
    OR (l.id IS NULL AND (coalesce(o.is_suspended, false) OR coalesce(m.role = 'viewer', false))) AS is_gone,
  l.expires_at
FROM deliveries d
LEFT JOIN notices n ON n.id = d.notice_id
LEFT JOIN security_letters l ON l.id = d.letter_id
LEFT JOIN digests g ON g.id = d.digest_id
LEFT JOIN contacts c ON c.member_id = d.member_id
LEFT JOIN members m ON m.id = d.member_id
LEFT JOIN organisations o ON o.id = d.organisation_id
"""
ONE = text(f"{PARCEL} WHERE d.id = :id")
SAID = text("""
SELECT d.member_id, d.organisation_id, d.channel, n.told_for, n.topic
FROM deliveries d
LEFT JOIN deliveries inside ON inside.gathered_in = d.digest_id
JOIN notices n ON n.id = coalesce(inside.notice_id, d.notice_id)
WHERE d.id = :id ORDER BY n.id
""")
OUTBOX = text(f"{PARCEL} WHERE d.state = 'not_sent' ORDER BY d.id DESC LIMIT :limit")


class Parcel(NamedTuple):
    """A delivery with everything looked up; `is_unknown` when catalog has not told the address yet."""

    id: UUID
    member_id: UUID
    channel: str
    state: str
    attempts: int
    last_error: str | None
    created_at: datetime
    topic: str
    params: Mapping[str, Any]
    address: str | None
    name: str | None
    language: str
    organisation: str | None
    is_unknown: bool
    is_gone: bool
    expires_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """True when what it says would not be true any more."""
        return self.expires_at is not None and self.expires_at <= now


def _parcel(row: Row[Any]) -> Parcel:
    return Parcel._make(row)


async def parcel_by_id(session: AsyncSession, delivery_id: UUID) -> Parcel | None:
    """One delivery."""
    row = (await session.execute(ONE, {"id": delivery_id})).first()
    return _parcel(row) if row else None


async def not_sent(session: AsyncSession, *, limit: int) -> list[Parcel]:
    """The newest deliveries that no channel carried."""
    return [_parcel(row) for row in await session.execute(OUTBOX, {"limit": limit})]


async def letter_sent(session: AsyncSession, delivery_id: UUID) -> LetterSent | None:
    """What a letter said; None for one about an account, which says nothing of the organisation's."""
    rows = (await session.execute(SAID, {"id": delivery_id})).all()
    if not rows:
        return None
    return LetterSent(
        version=1,
        delivery_id=delivery_id,
        member_id=rows[0].member_id,
        organisation_id=rows[0].organisation_id,
        channel=rows[0].channel,
        told=tuple(NoticeTold(told_for=row.told_for, topic=row.topic) for row in rows),
    )
