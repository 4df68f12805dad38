"""Messages that cannot be applied: kept whole with their reason, never lost and never in the way."""

from uuid import UUID

from nats.aio.msg import Msg
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.database import Database, new_id
from shared.events import decode
from shared.events.envelope import UnknownType, Unreadable
from shared.messaging.tables import dead_letter, inbox


async def quarantine(database: Database, consumer: str, message: Msg, *, reason: str, attempts: int = 1) -> None:
    """Keep the message whole in the dead-letter table; doing it twice keeps one letter, open again."""
    where = message.metadata.sequence.stream
    event_id = _event_id(message)
    async with database.sessions.begin() as session:
        await session.execute(_keep(message, where, event_id, reason).values(consumer=consumer, attempts=attempts))
        if event_id is not None:
            await session.execute(
                upsert(inbox)
                .values(consumer=consumer, event_id=event_id, stream_seq=where, outcome="quarantined")
                .on_conflict_do_nothing()
            )


def _keep(message: Msg, where: int, event_id: UUID | None, reason: str) -> Insert:
    letter = upsert(dead_letter).values(
        id=new_id(),
        event_id=event_id,
        stream=message.metadata.stream,
        stream_seq=where,
        subject=message.subject,
        payload=message.data,
        headers=dict(message.headers or {}),
        reason=reason[:2000],
        fingerprint=fingerprint(reason),
    )
    return letter.on_conflict_do_update(
        index_elements=[dead_letter.c.consumer, dead_letter.c.subject, func.sha256(dead_letter.c.payload)],
        set_={
            "stream_seq": where,
            "reason": letter.excluded.reason,
            "last_at": func.clock_timestamp(),
            "resolved_at": None,
            "resolved_by": None,
        },
    )


def fingerprint(reason: str) -> str:
    """What reasons of one kind have in common: the error's name, without what it says about this message."""
    return reason.partition(":")[0].partition("(")[0][:200]


def _event_id(message: Msg) -> UUID | None:
    try:
        return decode(message.data).id
    except (Unreadable, UnknownType):
        return None
