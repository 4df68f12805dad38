"""Every question asked of webhooks."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from services.notifications.webhooks.catalogue import TEST
from services.notifications.webhooks.errors import DeliveryUnknown, WebhookUnknown
from services.notifications.webhooks.models import Progress, Webhook, WebhookDelivery, WebhookSecret
from shared.database.statement import Statement
from shared.database.versions import refuse_when_changed

PAGE = 25

# Who is told an event: the stopped are not, for the paused it waits. To an organisation that may not act any more
# that is the last thing told.
LISTENING = Statement("""
    SELECT w.id FROM webhooks w LEFT JOIN organisations o ON o.id = w.organisation_id
    WHERE w.organisation_id = :organisation_id AND :type = ANY(w.events) AND w.state <> 'stopped'
      AND w.created_at <= :told_at
      AND (NOT coalesce(o.is_suspended, false) OR :type = 'catalog.organisation.suspended.v1')
""")
OWNERS = Statement("""
    SELECT id FROM members WHERE organisation_id = :organisation_id AND role = 'owner' AND NOT has_left
""")


class Secret(NamedTuple):
    """What pages may know of a secret: since when, and until when; None for the newest."""

    made_at: datetime
    expires_at: datetime | None


async def webhooks_of(
    session: AsyncSession, organisation_id: UUID, *, after: UUID | None = None, limit: int | None = None
) -> Sequence[Webhook]:
    """An organisation's webhooks, the oldest first."""
    query = select(Webhook).where(Webhook.organisation_id == organisation_id).order_by(Webhook.id).limit(limit)
    return (await session.scalars(query.where(Webhook.id > after) if after else query)).all()


async def webhook_by_id(
    session: AsyncSession, webhook_id: UUID, *, organisation_id: UUID, for_update: bool = False
) -> Webhook:
    """One of an organisation's webhooks, locked and as its caller has seen it if asked; raises `WebhookUnknown`."""
    query = select(Webhook).where(Webhook.id == webhook_id, Webhook.organisation_id == organisation_id)
    found = await session.scalar(query.with_for_update() if for_update else query)
    if found is None:
        raise WebhookUnknown
    if for_update:
        refuse_when_changed(session, found.version)
    return found


async def is_taken(session: AsyncSession, organisation_id: UUID, url: str, *, but: UUID | None = None) -> bool:
    """True when another webhook of the organisation has the address."""
    query = select(Webhook.id).where(Webhook.organisation_id == organisation_id, Webhook.url == url, Webhook.id != but)
    return await session.scalar(query) is not None


async def count_webhooks(session: AsyncSession, organisation_id: UUID) -> int:
    """How many webhooks an organisation has."""
    query = select(func.count()).where(Webhook.organisation_id == organisation_id)
    return await session.scalar(query) or 0


async def secrets_of(session: AsyncSession, webhook_id: UUID, *, now: datetime) -> list[Secret]:
    """Since and until when each secret is good, the newest first."""
    query = (
        select(WebhookSecret.made_at, WebhookSecret.expires_at)
        .where(WebhookSecret.webhook_id == webhook_id)
        .where(WebhookSecret.expires_at.is_(None) | (WebhookSecret.expires_at > now))
        .order_by(WebhookSecret.made_at.desc(), WebhookSecret.id.desc())
    )
    return [Secret(*row) for row in await session.execute(query)]


async def deliveries_of(
    session: AsyncSession, webhook_id: UUID, *, before: UUID | None = None, limit: int = PAGE
) -> Sequence[WebhookDelivery]:
    """A webhook's messages without what was sent, the newest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    query = query.options(defer(WebhookDelivery.payload, raiseload=True))
    query = query.order_by(WebhookDelivery.id.desc()).limit(limit)
    return (await session.scalars(query.where(WebhookDelivery.id < before) if before else query)).all()


async def delivery_by_id(
    session: AsyncSession, webhook_id: UUID, delivery_id: UUID, *, for_update: bool = False
) -> WebhookDelivery:
    """One of a webhook's messages; raises `DeliveryUnknown`."""
    query = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id, WebhookDelivery.webhook_id == webhook_id)
    found = await session.scalar(query.with_for_update() if for_update else query)
    if found is None:
        raise DeliveryUnknown
    return found


async def has_a_test_waiting(session: AsyncSession, webhook_id: UUID) -> bool:
    """True while a test has not been tried yet."""
    waiting = (WebhookDelivery.state == Progress.PENDING) & (WebhookDelivery.attempts == 0)
    query = select(WebhookDelivery.id).where(WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.type == TEST)
    return await session.scalar(query.where(waiting).limit(1)) is not None
