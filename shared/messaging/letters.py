"""Dead letters as an operator reads them: which are open, and what is in one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.messaging.tables import NOW, dead_letter

# The consumer of a letter that never left: its outbox row is parked, and stops its aggregate.
RELAY = "relay"


@dataclass(frozen=True)
class Letter:
    """One message that could not be applied or sent, without what is in it."""

    id: UUID
    consumer: str
    event_id: UUID | None
    stream: str | None
    stream_seq: int | None
    subject: str | None
    reason: str
    attempts: int
    first_at: datetime
    last_at: datetime
    replay_count: int
    resolved_at: datetime | None
    resolved_by: str | None


@dataclass(frozen=True)
class OpenedLetter(Letter):
    """A letter with its message, byte for byte."""

    payload: bytes
    headers: dict[str, Any] | None


LISTED = [dead_letter.c[name] for name in Letter.__dataclass_fields__]


async def letters(session: AsyncSession, *, also_resolved: bool = False, limit: int) -> list[Letter]:
    """The letters of a service, in the order in which they came."""
    query = select(*LISTED).order_by(dead_letter.c.first_at, dead_letter.c.id).limit(limit)
    if not also_resolved:
        query = query.where(dead_letter.c.resolved_at.is_(None))
    return [Letter(**row) for row in (await session.execute(query)).mappings()]


async def open_letters(session: AsyncSession) -> list[UUID]:
    """The ids of all open letters, in the order in which they came: an older event of an aggregate first."""
    query = select(dead_letter.c.id).where(dead_letter.c.resolved_at.is_(None))
    return list(await session.scalars(query.order_by(dead_letter.c.first_at, dead_letter.c.id)))


async def count_open_letters(session: AsyncSession, consumer: str | None = None) -> int:
    """How many letters wait for somebody, of one consumer or of all."""
    query = select(func.count()).select_from(dead_letter).where(dead_letter.c.resolved_at.is_(None))
    if consumer is not None:
        query = query.where(dead_letter.c.consumer == consumer)
    return await session.scalar(query) or 0


async def letter_by_id(session: AsyncSession, letter_id: UUID) -> OpenedLetter | None:
    """One letter with its message; None when this service has no such letter."""
    query = select(*LISTED, dead_letter.c.payload, dead_letter.c.headers).where(dead_letter.c.id == letter_id)
    row = (await session.execute(query)).mappings().one_or_none()
    return OpenedLetter(**row) if row else None


async def close_letter(session: AsyncSession, letter_id: UUID, *, by: str, why: str) -> bool:
    """Give up a letter that nobody can ever apply; False when it is resolved already, or is the relay's.

    The relay's letter stands for an event that holds back the later ones of its aggregate: it can only be replayed.
    """
    open_one = (dead_letter.c.id == letter_id) & dead_letter.c.resolved_at.is_(None) & (dead_letter.c.consumer != RELAY)
    closed = update(dead_letter).where(open_one).values(resolved_at=NOW, resolved_by=f"{by}: {why}")
    return await session.scalar(closed.returning(dead_letter.c.id)) is not None
