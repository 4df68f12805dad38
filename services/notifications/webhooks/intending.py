"""Intend messages: one row for each webhook that wants an event, in the transaction that hears of it."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.webhooks.catalogue import whose
from services.notifications.webhooks.payload import written
from services.notifications.webhooks.queries import LISTENING
from shared.database import new_id, now_of
from shared.database.statement import Statement
from shared.events import Envelope

# How long messages are kept. What is older is not meant again either: its row would not be there to say that it left.
KEPT = timedelta(days=30)

# INVARIANT: an event leaves once. Read again, after a restored database or from the beginning of its stream, it finds
# its row.
INTEND = Statement("""
    INSERT INTO webhook_deliveries (id, webhook_id, organisation_id, event_id, type, payload, created_at, next_at)
    SELECT id, webhook_id, CAST(:organisation_id AS uuid), CAST(:event_id AS uuid), :type, :payload,
           CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:webhooks AS uuid[])) AS fresh (id, webhook_id)
    ON CONFLICT (webhook_id, event_id) DO NOTHING
""")


async def intend(session: AsyncSession, envelope: Envelope | None) -> None:
    """Have the event leave to every webhook of its organisation that wants it; most have none, and cost a question."""
    now = now_of(session)
    if envelope is None or envelope.time <= now - KEPT:
        return
    organisation_id = whose(envelope.data)
    webhooks = await LISTENING.scalars(
        session, organisation_id=organisation_id, type=envelope.type, told_at=envelope.time
    )
    if webhooks:
        await INTEND.execute(
            session,
            ids=[new_id() for _ in webhooks],
            webhooks=webhooks,
            organisation_id=organisation_id,
            event_id=envelope.id,
            type=envelope.type,
            payload=written(envelope),
            now=now,
        )
