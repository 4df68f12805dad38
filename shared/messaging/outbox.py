"""Record events in the transaction of the change they tell of."""

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import after_commit
from shared.events import Event, encode
from shared.events.contacts import MemberContact
from shared.events.envelope import Envelope, envelop
from shared.messaging.tables import outbox


async def record(session: AsyncSession, *events: Event) -> None:
    """Add events to the outbox of the service that owns `session`; the relay publishes them after the commit."""
    if not events:
        return
    envelopes = [envelop(event) for event in events]
    for event in events:
        if isinstance(event, MemberContact):
            await _forget_older_contacts(session, event)
    await session.execute(insert(outbox), [_row(envelope) for envelope in envelopes])
    filled = session.info.get("outbox_filled")
    if filled is not None:
        after_commit(session, filled.set)


def _row(envelope: Envelope) -> dict[str, object]:
    return {
        "event_id": envelope.id,
        "type": envelope.type,
        "aggregate_id": envelope.subject,
        "version": envelope.sequence,
        "subject": envelope.data.subject,
        "payload": encode(envelope),
    }


async def _forget_older_contacts(session: AsyncSession, event: MemberContact) -> None:
    # Erasing a person is replacing the last contact: no older copy may stay behind in the outbox.
    await session.execute(
        delete(outbox).where(
            outbox.c.type == event.type,
            outbox.c.aggregate_id == event.aggregate_id,
            outbox.c.published_at.is_not(None),
        )
    )
