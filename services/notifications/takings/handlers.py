"""A holder hears what is taken of its lots, a taker what becomes of its part: each what the other, or time, did."""

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.models import Topic
from services.notifications.inbox.telling import tell_editors
from shared.clock import day_of
from shared.events.facts import Quantity
from shared.events.takings import (
    Side,
    TakingCancelled,
    TakingConfirmed,
    TakingDisputed,
    TakingDone,
    TakingEnding,
    TakingHeld,
    TakingMade,
    TakingMissed,
    TakingReleased,
    TakingState,
    TakingUnconfirmed,
)
from shared.messaging.handling import Handlers


async def on_held(session: AsyncSession, event: TakingHeld) -> None:
    """The holder hears of an option, its taker that it is kept longer, or for them though they did not ask."""
    if event.offered and not event.extended:
        await _tell(session, event, "offered", to=Side.TAKER)
    else:
        await _tell(session, event, "held", to=Side.TAKER if event.extended else Side.HOLDER)


async def on_ending(session: AsyncSession, event: TakingEnding) -> None:
    """The taker has little time left; a letter does not wait beyond it."""
    more = {"deadline_on": day_of(event.held_until).isoformat()} if event.held_until else {}
    await _tell(session, event, "ending", to=Side.TAKER, **more)


async def on_released(session: AsyncSession, event: TakingReleased) -> None:
    """The taker hears that time ran out; what it lets go itself is no news, and the lot's page has it."""
    if event.expired:
        await _tell(session, event, "expired", to=Side.TAKER)


async def on_made(session: AsyncSession, event: TakingMade) -> None:
    """The holder hears who takes how much, and when they come; a subscriber hears it too, who pressed nothing."""
    await _tell(session, event, "made", to=Side.HOLDER)
    if event.subscription_id is not None:
        wanted = {"figure": str(event.wanted.value), "figure_unit": event.wanted.unit} if event.wanted else {}
        await _tell(session, event, "short" if wanted else "served", to=Side.TAKER, **wanted)


async def on_cancelled(session: AsyncSession, event: TakingCancelled) -> None:
    """Whoever did not call it off hears of it, and why."""
    await _tell(session, event, "cancelled", to=event.by.other, reason=event.reason.value)


async def on_missed(session: AsyncSession, event: TakingMissed) -> None:
    """Whoever did not say so hears of it."""
    await _tell(session, event, "missed", to=event.by.other)


async def on_done(session: AsyncSession, event: TakingDone) -> None:
    """The other side is asked for its own figure; once both have said one, what comes of them is told instead."""
    if event.by.other in event.awaited:
        await _tell(session, event, "done", to=event.by.other, **_figure(event.figure))


async def on_confirmed(session: AsyncSession, event: TakingConfirmed) -> None:
    """Whoever did not speak last hears that it is settled, and which figure counts."""
    await _tell(session, event, "confirmed", to=event.by.other, **_figure(event.counted))


async def on_disputed(session: AsyncSession, event: TakingDisputed) -> None:
    """Whoever did not speak last reads what the other says; who did has just been shown both."""
    theirs = event.holder_says if event.by is Side.HOLDER else event.taker_says
    await _tell(session, event, "disputed", to=event.by.other, **_figure(theirs))


async def on_unconfirmed(session: AsyncSession, event: TakingUnconfirmed) -> None:
    """Those who have not said whether it left are asked."""
    for side in event.awaited:
        await _tell(session, event, "unconfirmed", to=side)


def _figure(quantity: Quantity) -> dict[str, str]:
    return {"figure": str(quantity.value), "figure_unit": quantity.unit}


async def _tell(session: AsyncSession, event: TakingState, what: str, *, to: Side, **more: Any) -> None:
    params = {
        "about_id": str(event.taking_id),
        "about_kind": "taking",
        "taking_id": str(event.taking_id),
        "version": event.version,
        "what": what,
        "title": event.title,
        "taker": event.taker_name,
        "holder": event.organisation_name,
        "quantity": str(event.quantity.value),
        "quantity_unit": event.quantity.unit,
        **{name: at.isoformat() for name in ("slot_from", "held_until") if (at := getattr(event, name)) is not None},
        **more,
    }
    topic, told = (Topic.TAKEN, event.organisation_id) if to is Side.HOLDER else (Topic.PICK_UP, event.taker_id)
    await tell_editors(session, topic, organisation_id=told, told_for=_told_for(event), params=params)


def _told_for(event: TakingState) -> UUID:
    return uuid5(event.taking_id, str(event.version))


HANDLERS: Handlers = {
    TakingHeld: on_held,
    TakingEnding: on_ending,
    TakingReleased: on_released,
    TakingMade: on_made,
    TakingCancelled: on_cancelled,
    TakingMissed: on_missed,
    TakingDone: on_done,
    TakingConfirmed: on_confirmed,
    TakingDisputed: on_disputed,
    TakingUnconfirmed: on_unconfirmed,
}
