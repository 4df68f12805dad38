"""What a delivery needs to become a message: the notice, the address of the moment, the language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncSession

PARCEL = """
SELECT d.id, d.channel, d.state, d.attempts, d.last_error, n.created_at, n.topic,
  n.params || jsonb_build_object('about_kind', n.about_kind, 'about_id', n.about_id) AS params,
  c.email AS address, c.name, coalesce(c.language, 'fr') AS language, o.name AS organisation,
  c.member_id IS NULL AS is_unknown, coalesce(m.has_left, false) OR coalesce(o.is_suspended, false) AS is_gone
FROM deliveries d JOIN notices n ON n.id = d.notice_id
LEFT JOIN contacts c ON c.member_id = d.member_id
LEFT JOIN members m ON m.id = d.member_id
LEFT JOIN organisations o ON o.id = d.organisation_id
"""
ONE = text(f"{PARCEL} WHERE d.id = :id")
OUTBOX = text(f"{PARCEL} WHERE d.state = 'not_sent' ORDER BY d.id DESC LIMIT :limit")


class Parcel(NamedTuple):
    """A delivery with everything looked up; `is_unknown` when catalog has not told the address yet."""

    id: UUID
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


def _parcel(row: Row[Any]) -> Parcel:
    return Parcel._make(row)


async def parcel_by_id(session: AsyncSession, delivery_id: UUID) -> Parcel | None:
    """One delivery."""
    row = (await session.execute(ONE, {"id": delivery_id})).first()
    return _parcel(row) if row else None


async def not_sent(session: AsyncSession, *, limit: int) -> list[Parcel]:
    """The newest deliveries that no channel carried."""
    return [_parcel(row) for row in await session.execute(OUTBOX, {"limit": limit})]
