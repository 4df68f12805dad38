"""Claim messages that are due and settle what became of them; forget the old ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.webhooks import schedule
from services.notifications.webhooks.intending import KEPT
from services.notifications.webhooks.models import Progress, State, Webhook, WebhookDelivery, WebhookSecret, Word
from services.notifications.webhooks.sending import Answer
from services.notifications.webhooks.telling import tell_owners

# Longer than one attempt may take, with what is around it: after it the sender is surely dead, and another takes over.
CLAIM = timedelta(seconds=90)
# One that hangs holds up no more than this many senders.
AT_ONCE = 2
GONE = 410

# From every webhook that may be asked its message that is due longest; of these the oldest is taken. A row that
# somebody is taking at this moment is passed over.
CLAIM_NEXT = text(f"""
UPDATE webhook_deliveries d
SET state = 'claimed', attempts = d.attempts + 1, next_at = :until, tried_first_at = coalesce(d.tried_first_at, :now)
FROM (
  SELECT due.id, w.url FROM webhooks w CROSS JOIN LATERAL (
    SELECT id, next_at FROM webhook_deliveries
    WHERE webhook_id = w.id AND state IN ('pending', 'claimed') AND next_at <= :now
    ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED) due
  WHERE w.state = 'active' AND (w.resting_until IS NULL OR w.resting_until <= :now)
    AND (SELECT count(*) FROM webhook_deliveries other
         WHERE other.webhook_id = w.id AND other.state = 'claimed' AND other.next_at > :now) < {AT_ONCE}
  ORDER BY due.next_at LIMIT 1
) next
WHERE d.id = next.id
RETURNING d.id, d.webhook_id, next.url, d.event_id, d.payload, d.next_at AS until
""")
SECRETS = text("""
SELECT secret FROM webhook_secrets WHERE webhook_id = :webhook_id AND (expires_at IS NULL OR expires_at > :now)
ORDER BY made_at DESC, id DESC
""")

# The receiver took a message: whatever was wrong is mended.
IS_WELL = text("""
UPDATE webhooks SET failing_since = NULL, warned_at = NULL, resting_until = NULL
WHERE id = :id AND (failing_since IS NOT NULL OR resting_until IS NOT NULL)
""")


class Claim(NamedTuple):
    """A message that is ours to send until `until`, and what to sign it with."""

    id: UUID
    webhook_id: UUID
    url: str
    event_id: UUID
    payload: str
    until: datetime
    secrets: Sequence[str]


async def claim_next(session: AsyncSession, *, now: datetime) -> Claim | None:
    """Take the message that is due longest."""
    row = (await session.execute(CLAIM_NEXT, {"now": now, "until": now + CLAIM})).first()
    if row is None:
        return None
    secrets = (await session.scalars(SECRETS, {"webhook_id": row.webhook_id, "now": now})).all()
    return Claim(**row._mapping, secrets=secrets)


async def settle(session: AsyncSession, claim: Claim, answer: Answer, *, now: datetime) -> str:
    """Write down what became of it: `sent`, `retry`, `gave_up`, or `lost` when the claim is not ours any more."""
    # The webhook first, as pages lock them; one that is well is not locked at all, or its senders would queue there.
    if answer.is_taken:
        await session.execute(IS_WELL, {"id": claim.webhook_id})
        webhook = None
    else:
        webhook = await session.get(Webhook, claim.webhook_id, with_for_update=True)
    ours = (WebhookDelivery.state == Progress.CLAIMED) & (WebhookDelivery.next_at == claim.until)
    query = select(WebhookDelivery).where(WebhookDelivery.id == claim.id, ours)
    delivery = await session.scalar(query.with_for_update())
    if delivery is None:
        return "lost"
    delivery.tried_at, delivery.status, delivery.error = now, answer.status, answer.error
    delivery.answer, delivery.duration_ms = answer.text, answer.duration_ms
    if answer.is_taken:
        delivery.taken()
        return "sent"
    return await _not_taken(session, webhook, delivery, answer, now=now) if webhook is not None else "lost"


async def _not_taken(
    session: AsyncSession, webhook: Webhook, delivery: WebhookDelivery, answer: Answer, *, now: datetime
) -> str:
    rest = schedule.rest_after(answer.status, answer.retry_after)
    word = webhook.failed(delivery.next_at - CLAIM, now=now, rest=rest)
    if answer.status == GONE:
        delivery.drop()
        word = webhook.gone() or word
    elif delivery.refused(now=now, asked=answer.retry_after):
        word = webhook.given_up(delivery.tried_first_at or now, now=now) or word
    if word is not None:
        await tell_owners(session, webhook, word, now=now)
    if webhook.state == State.STOPPED:
        await session.flush()
        await session.execute(DROP_WAITING, {"webhook_id": webhook.id, "now": now})
    return "retry" if delivery.state == Progress.PENDING and word is not Word.STOPPED else "gave_up"


# They can be sent again from a date on, once it goes again.
DROP_WAITING = text("""
UPDATE webhook_deliveries SET state = 'failed', error = 'stopped'
WHERE webhook_id = :webhook_id AND (state = 'pending' OR (state = 'claimed' AND next_at <= :now))
""")


async def prune(session: AsyncSession, *, now: datetime) -> None:
    """Forget messages after thirty days, whatever became of them, and secrets that have ended."""
    await session.execute(delete(WebhookDelivery).where(WebhookDelivery.created_at < now - KEPT))
    await session.execute(delete(WebhookSecret).where(WebhookSecret.expires_at < now))
