"""Record events in the transaction of the change they tell of."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import after_commit
from shared.database.statement import Statement
from shared.events import Event, encode
from shared.events.contacts import MemberContact
from shared.events.envelope import envelop
from shared.messaging.tables import outbox

# WITH ORDINALITY: ids follow the order of recording, and the relay publishes by id.
RECORD = Statement("""
    INSERT INTO outbox (event_id, type, aggregate_id, version, subject, payload)
    SELECT event_id, type, aggregate_id, version, subject, payload::json
    FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:aggregates AS uuid[]), CAST(:versions AS bigint[]),
                CAST(:subjects AS text[]), CAST(:payloads AS text[]))
         WITH ORDINALITY AS fresh (event_id, type, aggregate_id, version, subject, payload, position)
    ORDER BY position
""")


async def record(session: AsyncSession, *events: Event) -> None:
    """Add events to the outbox of the service that owns `session`; the relay publishes them after the commit."""
    if not events:
        return
    envelopes = [envelop(event) for event in events]
    for event in events:
        if isinstance(event, MemberContact):
            await _forget_older_contacts(session, event)
    await RECORD.execute(
        session,
        ids=[envelope.id for envelope in envelopes],
        types=[envelope.type for envelope in envelopes],
        aggregates=[envelope.subject for envelope in envelopes],
        versions=[envelope.sequence for envelope in envelopes],
        subjects=[envelope.data.subject for envelope in envelopes],
        payloads=[encode(envelope) for envelope in envelopes],
    )
    filled = session.info.get("outbox_filled")
    if filled is not None:
        after_commit(session, filled.set)


async def _forget_older_contacts(session: AsyncSession, event: MemberContact) -> None:
    # Erasing a person is replacing the last contact: no older copy may stay behind in the outbox. Nor one that is not
    # marked yet: published after this one, it would bring the address back.
    await session.execute(
        delete(outbox).where(
            outbox.c.type == event.type,
            outbox.c.aggregate_id == event.aggregate_id,
            outbox.c.version < event.version,
        )
    )
