"""A holder hears who subscribes to its flows, a subscriber what is answered: each what the other, or time, did."""

from typing import Any
from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.models import Topic
from services.notifications.inbox.telling import tell_editors
from shared.events.subscriptions import (
    SubscriptionAccepted,
    SubscriptionAsked,
    SubscriptionEnded,
    SubscriptionPaused,
    SubscriptionRefused,
    SubscriptionResumed,
    SubscriptionState,
    SubscriptionUnserved,
)
from shared.events.takings import Side
from shared.messaging.handling import Handlers


async def on_asked(session: AsyncSession, event: SubscriptionAsked) -> None:
    """The holder has something to answer."""
    await _tell(session, event, "asked", to=Side.HOLDER)


async def on_accepted(session: AsyncSession, event: SubscriptionAccepted) -> None:
    """The subscriber hears the answer; where nobody was asked for one, the holder hears of the subscriber."""
    await _tell(session, event, "accepted", to=Side.HOLDER if event.automatic else Side.TAKER)


async def on_refused(session: AsyncSession, event: SubscriptionRefused) -> None:
    """Whoever asked hears why not."""
    await _tell(session, event, "refused", to=Side.TAKER, reason=event.reason.value)


async def on_paused(session: AsyncSession, event: SubscriptionPaused) -> None:
    """The one who did not pause it hears of it."""
    await _tell(session, event, "paused", to=event.by.other)


async def on_resumed(session: AsyncSession, event: SubscriptionResumed) -> None:
    """The one who did not resume it hears of it."""
    await _tell(session, event, "resumed", to=event.by.other)


async def on_ended(session: AsyncSession, event: SubscriptionEnded) -> None:
    """The one who did not end it hears of it; both know of a newer one in its place."""
    if not event.replaced:
        await _tell(session, event, "ended", to=event.by.other)


async def on_unserved(session: AsyncSession, event: SubscriptionUnserved) -> None:
    """Both hear that nothing was taken, and why: either may mend it."""
    for side in Side:
        await _tell(session, event, "unserved", to=side, reason=event.reason.value, day=event.day.isoformat())


async def _tell(session: AsyncSession, event: SubscriptionState, what: str, *, to: Side, **more: Any) -> None:
    quantity = event.quantity
    part = {"quantity": str(quantity.value), "quantity_unit": quantity.unit} if quantity else {}
    params = {
        "about_id": str(event.subscription_id),
        "about_kind": "subscription",
        "subscription_id": str(event.subscription_id),
        "version": event.version,
        "what": what,
        "title": event.title,
        "taker": event.taker_name,
        "holder": event.organisation_name,
        "percent": event.percent,
        "from_on": event.from_on.isoformat(),
        "until_on": event.until_on.isoformat(),
        **part,
        **more,
    }
    topic, told = (Topic.TAKEN, event.organisation_id) if to is Side.HOLDER else (Topic.PICK_UP, event.taker_id)
    told_for = uuid5(event.subscription_id, str(event.version))
    await tell_editors(session, topic, organisation_id=told, told_for=told_for, params=params)


HANDLERS: Handlers = {
    SubscriptionAsked: on_asked,
    SubscriptionAccepted: on_accepted,
    SubscriptionRefused: on_refused,
    SubscriptionPaused: on_paused,
    SubscriptionResumed: on_resumed,
    SubscriptionEnded: on_ended,
    SubscriptionUnserved: on_unserved,
}
