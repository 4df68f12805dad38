"""Messages that cannot be applied: counted, then kept with their reason, never lost and never in the way."""

from uuid import UUID

from nats.aio.msg import Msg
from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.database import Database, new_id
from shared.events import decode
from shared.events.envelope import UnknownType, Unreadable
from shared.messaging.tables import attempt, dead_letter, inbox


async def count_attempt(database: Database, consumer: str, message: Msg, error: Exception) -> int:
    """Add one failed attempt, in a transaction of its own, and return how many there are."""
    text = repr(error)[:2000]
    statement = upsert(attempt).values(
        consumer=consumer, stream_seq=message.metadata.sequence.stream, n=1, last_error=text
    )
    statement = statement.on_conflict_do_update(
        index_elements=[attempt.c.consumer, attempt.c.stream_seq],
        set_={"n": attempt.c.n + 1, "last_error": text, "at": func.clock_timestamp()},
    )
    async with database.sessions.begin() as session:
        return int((await session.execute(statement.returning(attempt.c.n))).scalar_one())


async def forget_attempts(database: Database, consumer: str, message: Msg) -> None:
    """Drop the counter of a message that has found its place."""
    async with database.sessions.begin() as session:
        await session.execute(
            delete(attempt).where(
                attempt.c.consumer == consumer, attempt.c.stream_seq == message.metadata.sequence.stream
            )
        )


async def quarantine(database: Database, consumer: str, message: Msg, *, reason: str, attempts: int = 1) -> None:
    """Keep the message whole in the dead-letter table; doing it twice keeps one letter."""
    where = message.metadata.sequence.stream
    event_id = _event_id(message)
    async with database.sessions.begin() as session:
        await session.execute(
            upsert(dead_letter)
            .values(
                id=new_id(),
                consumer=consumer,
                event_id=event_id,
                stream=message.metadata.stream,
                stream_seq=where,
                subject=message.subject,
                payload=message.data,
                headers=dict(message.headers or {}),
                reason=reason[:2000],
                fingerprint=reason.partition(":")[0].partition("(")[0][:200],
                attempts=attempts,
            )
            .on_conflict_do_nothing()
        )
        if event_id is not None:
            await session.execute(
                upsert(inbox)
                .values(consumer=consumer, event_id=event_id, stream_seq=where, outcome="quarantined")
                .on_conflict_do_nothing()
            )


def _event_id(message: Msg) -> UUID | None:
    try:
        return decode(message.data).id
    except (Unreadable, UnknownType):
        return None
