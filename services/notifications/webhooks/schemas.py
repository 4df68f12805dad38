"""What setting up a webhook asks, and how webhooks and their messages read as JSON."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Struct
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from services.notifications.webhooks.address import LONGEST
from services.notifications.webhooks.catalogue import PUBLIC
from services.notifications.webhooks.models import Progress, Webhook, WebhookDelivery
from services.notifications.webhooks.queries import Secret
from shared.web.asked import Asked


def _known(code: str) -> str:
    if code not in PUBLIC:
        raise ValueError("Choisissez parmi les événements proposés.")
    return code


def _once(codes: list[str]) -> list[str]:
    """Each once, in the order in which they are offered."""
    return [code for code in PUBLIC if code in codes]


EventType = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": [*PUBLIC]})]


class WebhookWanted(Asked):
    """Where to tell, and what."""

    url: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST),
        Field(description="A public https address, port 443.", examples=["https://exemple.fr/boucle"]),
    ]
    events: Annotated[
        list[EventType],
        Field(
            min_length=1,
            max_length=100,
            description=f"Any of: {', '.join(PUBLIC)}.",
            examples=[["catalog.need.published.v1"]],
        ),
        AfterValidator(_once),
    ]


class Since(Asked):
    """From when on what was not taken is to be sent again."""

    since: AwareDatetime = Field(
        description="Whatever failed and was told since then.", examples=["2026-11-24T00:00:00Z"]
    )


class FailedSince(Asked):
    """The same on a page: from which day on."""

    since: date


class SecretOut(Struct, frozen=True):
    """Since and until when a secret is good; null for the newest."""

    made_at: datetime
    expires_at: datetime | None


class WebhookOut(Struct, frozen=True):
    """A webhook; `because` says why Boucle stopped it: `gone` (410) or `unreachable`. `secret` only when it is new."""

    id: UUID
    version: int
    url: str
    events: list[str]
    state: str
    because: str | None
    failing_since: datetime | None
    created_at: datetime
    secrets: list[SecretOut]
    secret: str | None = None

    @classmethod
    def of(cls, webhook: Webhook, secrets: list[Secret], secret: str | None = None) -> "WebhookOut":
        """The JSON of a webhook."""
        return cls(
            id=webhook.id,
            version=webhook.version,
            url=webhook.url,
            events=list(webhook.events),
            state=webhook.state,
            because=webhook.because,
            failing_since=webhook.failing_since,
            created_at=webhook.created_at,
            secrets=[SecretOut(*each) for each in secrets],
            secret=secret,
        )


class WebhooksOut(Struct, frozen=True):
    """A page of webhooks; `next` is the cursor of the following one."""

    items: list[WebhookOut]
    next: str | None


class DeliveryOut(Struct, frozen=True):
    """A message and its last attempt; `next_at` is when it is tried again, null when it is not.

    `answer` is the beginning of what the receiver said; `error` why there was no answer: `timeout`, `private_address`…
    `body` is what was sent, null in lists.
    """

    id: UUID
    message_id: UUID
    type: str
    state: str
    attempts: int
    created_at: datetime
    tried_at: datetime | None
    next_at: datetime | None
    status: int | None
    duration_ms: int | None
    answer: str | None
    error: str | None
    body: Mapping[str, Any] | None

    @classmethod
    def of(cls, delivery: WebhookDelivery, *, with_body: bool = False) -> "DeliveryOut":
        """The JSON of a message."""
        return cls(
            id=delivery.id,
            message_id=delivery.event_id,
            type=delivery.type,
            state=delivery.state,
            attempts=delivery.attempts,
            created_at=delivery.created_at,
            tried_at=delivery.tried_at,
            next_at=delivery.next_at if delivery.state == Progress.PENDING else None,
            status=delivery.status,
            duration_ms=delivery.duration_ms,
            answer=delivery.answer,
            error=delivery.error,
            body=msgspec.json.decode(delivery.payload) if with_body else None,
        )


class DeliveriesOut(Struct, frozen=True):
    """A page of messages, the newest first."""

    items: list[DeliveryOut]
    next: str | None


class SentAgain(Struct, frozen=True):
    """How many messages leave again."""

    count: int
