"""What owners do about a webhook: set it up, change it, stop it, try it, have messages sent again."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.webhooks import address
from services.notifications.webhooks.catalogue import TEST
from services.notifications.webhooks.errors import (
    AddressRefused,
    AddressTaken,
    SecretJustChanged,
    TooManyWebhooks,
    TrialWaiting,
    WebhookOwnersOnly,
    WebhookStopped,
)
from services.notifications.webhooks.models import State, Webhook, WebhookDelivery
from services.notifications.webhooks.payload import trial_message
from services.notifications.webhooks.queries import (
    count_webhooks,
    delivery_by_id,
    has_a_test_waiting,
    is_taken,
    secrets_of,
    webhook_by_id,
)
from services.notifications.webhooks.schemas import WebhookWanted
from services.notifications.webhooks.secret import new_secret
from shared.database import new_id
from shared.database.statement import Statement
from shared.identity import Identity, Role

MOST = 10
# As long as somebody needs to put the new secret where the old one is, on a Friday.
OVERLAP = timedelta(days=3)

TURN = Statement("SELECT pg_advisory_xact_lock(20261127, hashtext(CAST(:organisation_id AS uuid)::text))")
# Written straight: a session would read back what pages may not.
ADD_SECRET = text("""
    INSERT INTO webhook_secrets (id, webhook_id, organisation_id, secret, made_at)
    VALUES (:id, :webhook_id, :organisation_id, :secret, :now)
""")
END_SECRETS = text("""
    UPDATE webhook_secrets SET expires_at = :until WHERE webhook_id = :webhook_id AND expires_at IS NULL
""")
SEND_FAILED_AGAIN = text("""
    UPDATE webhook_deliveries SET state = 'pending', attempts = 0, tried_first_at = NULL, next_at = :now
    WHERE webhook_id = :webhook_id AND state = 'failed' AND created_at >= :since
    RETURNING id
""")


class Made(NamedTuple):
    """A webhook with its secret, which nobody will see again."""

    webhook: Webhook
    secret: str


def owners_only(identity: Identity) -> None:
    """Raise `WebhookOwnersOnly` for anybody else."""
    if not identity.may(Role.OWNER):
        raise WebhookOwnersOnly


async def add_webhook(
    session: AsyncSession, owner: Identity, wanted: WebhookWanted, *, to_loopback: bool, now: datetime
) -> Made:
    """Have an address told; raises `WebhookOwnersOnly`, `AddressRefused`, `AddressTaken`, `TooManyWebhooks`."""
    owners_only(owner)
    url = _readable(wanted.url, to_loopback=to_loopback)
    # Counted one at a time, so that a form sent twice makes one.
    await TURN.execute(session, organisation_id=owner.organisation_id)
    if await is_taken(session, owner.organisation_id, url):
        raise AddressTaken
    if await count_webhooks(session, owner.organisation_id) >= MOST:
        raise TooManyWebhooks(most=MOST)
    webhook = Webhook(
        id=new_id(),
        organisation_id=owner.organisation_id,
        url=url,
        events=wanted.events,
        state=State.ACTIVE,
        version=1,
        created_at=now,
    )
    session.add(webhook)
    await session.flush()
    return Made(webhook, await _add_secret(session, webhook, now=now))


async def change_webhook(
    session: AsyncSession, owner: Identity, webhook_id: UUID, wanted: WebhookWanted, *, to_loopback: bool
) -> Webhook:
    """Lead it elsewhere, or tell it other things; raises what `add_webhook` does, and `WebhookUnknown`."""
    webhook = await _own(session, owner, webhook_id)
    url = _readable(wanted.url, to_loopback=to_loopback)
    if await is_taken(session, owner.organisation_id, url, but=webhook.id):
        raise AddressTaken
    webhook.change(url=url, events=wanted.events)
    await session.flush()
    return webhook


async def pause_webhook(session: AsyncSession, owner: Identity, webhook_id: UUID) -> Webhook:
    """Let what comes wait; raises `WebhookStopped`."""
    webhook = await _own(session, owner, webhook_id)
    webhook.pause()
    await session.flush()
    return webhook


async def resume_webhook(session: AsyncSession, owner: Identity, webhook_id: UUID) -> Webhook:
    """Set it going again, with what has waited; raises `WebhookRunning`."""
    webhook = await _own(session, owner, webhook_id)
    webhook.resume()
    await session.flush()
    return webhook


async def remove_webhook(session: AsyncSession, owner: Identity, webhook_id: UUID) -> Webhook:
    """Forget it, with its secrets and all it was sent."""
    webhook = await _own(session, owner, webhook_id)
    await session.delete(webhook)
    await session.flush()
    return webhook


async def rotate_secret(session: AsyncSession, owner: Identity, webhook_id: UUID, *, now: datetime) -> Made:
    """A new secret; messages are signed with both until the old one ends. Raises `SecretJustChanged`."""
    webhook = await _own(session, owner, webhook_id)
    if len(await secrets_of(session, webhook.id, now=now)) > 1:
        raise SecretJustChanged
    await session.execute(END_SECRETS, {"webhook_id": webhook.id, "until": now + OVERLAP})
    webhook.version += 1
    await session.flush()
    return Made(webhook, await _add_secret(session, webhook, now=now))


async def send_test(session: AsyncSession, owner: Identity, webhook_id: UUID, *, now: datetime) -> WebhookDelivery:
    """Have a message leave that only shows that it arrives; raises `TrialWaiting`, `WebhookStopped`."""
    webhook = await _own(session, owner, webhook_id)
    if webhook.state != State.ACTIVE:
        raise WebhookStopped
    if await has_a_test_waiting(session, webhook.id):
        raise TrialWaiting
    event_id = new_id()
    delivery = WebhookDelivery(
        id=new_id(),
        webhook_id=webhook.id,
        organisation_id=webhook.organisation_id,
        event_id=event_id,
        type=TEST,
        payload=trial_message(event_id, webhook.id, webhook.organisation_id, now=now),
        created_at=now,
        next_at=now,
    )
    session.add(delivery)
    await session.flush()
    await session.refresh(delivery)
    return delivery


async def send_again(
    session: AsyncSession, owner: Identity, webhook_id: UUID, delivery_id: UUID, *, now: datetime
) -> WebhookDelivery:
    """Have one message leave again, under its own id; raises `DeliveryUnknown`, `DeliveryOnItsWay`."""
    webhook = await _own(session, owner, webhook_id)
    if webhook.state == State.STOPPED:
        raise WebhookStopped
    delivery = await delivery_by_id(session, webhook.id, delivery_id, for_update=True)
    delivery.send_again(now=now)
    await session.flush()
    return delivery


async def send_failed_again(
    session: AsyncSession, owner: Identity, webhook_id: UUID, since: datetime, *, now: datetime
) -> int:
    """Have every message leave again that was not taken since then; tells how many."""
    webhook = await _own(session, owner, webhook_id)
    if webhook.state == State.STOPPED:
        raise WebhookStopped
    values = {"webhook_id": webhook.id, "since": since, "now": now}
    return len((await session.execute(SEND_FAILED_AGAIN, values)).all())


def _readable(url: str, *, to_loopback: bool) -> str:
    try:
        return address.read(url, to_loopback=to_loopback)
    except address.NotPublic as error:
        raise AddressRefused from error


async def _own(session: AsyncSession, owner: Identity, webhook_id: UUID) -> Webhook:
    owners_only(owner)
    return await webhook_by_id(session, webhook_id, organisation_id=owner.organisation_id, for_update=True)


async def _add_secret(session: AsyncSession, webhook: Webhook, *, now: datetime) -> str:
    secret = new_secret()
    values = {"webhook_id": webhook.id, "organisation_id": webhook.organisation_id, "secret": secret}
    await session.execute(ADD_SECRET, {"id": new_id(), "now": now, **values})
    return secret
