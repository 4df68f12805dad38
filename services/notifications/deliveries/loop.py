"""The delivery loop: claim one, hand it to its channel, settle it; a crash can only repeat the one in doubt."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Counter

from services.notifications.channels import Channel, DeliveryFailed, Letter
from services.notifications.deliveries.commands import (
    RETRIES,
    Claim,
    claim_next,
    set_aside,
    settle_failed,
    settle_sent,
)
from services.notifications.deliveries.gathering import gather_due
from services.notifications.deliveries.planning import plan_intended
from services.notifications.deliveries.queries import Parcel, parcel_by_id
from services.notifications.messages import message_of
from shared.clock import Clock
from shared.database import Database
from shared.observability.pulse import beat

log = structlog.get_logger(__name__)

POLL_S = 2.0

Channels = Mapping[str, Channel[Any]]


async def deliver_for_ever(
    database: Database, channels: Channels, clock: Clock, counted: Counter | None = None
) -> None:
    """Deliver what is due, then look again every two seconds; each e-mail's result is counted."""
    while True:
        beat()
        while (result := await deliver_next(database, channels, clock)) is not None:
            beat()
            if counted is not None:
                counted.labels(result).inc()
        await asyncio.sleep(POLL_S)


async def deliver_next(database: Database, channels: Channels, clock: Clock) -> str | None:
    """Deliver what is due longest: `sent`, `retry`, `gave_up`; None when nothing is due."""
    taken = await _taken(database, channels, clock)
    if taken is None and await prepare(database, clock):
        taken = await _taken(database, channels, clock)
    # The claim is committed before anything leaves, and no transaction is open while the channel talks.
    if taken is None:
        return None
    claim, parcel = taken
    try:
        await _hand_over(channels[claim.channel], parcel, now=clock())
    except DeliveryFailed as failed:
        log.warning("delivery_failed", delivery=str(claim.id), reason=str(failed), permanent=failed.permanent)
        await _settle_failed(database, claim, failed, clock)
        return "gave_up" if failed.permanent or claim.attempts > len(RETRIES) else "retry"
    async with database.sessions.begin() as session:
        await settle_sent(session, claim, now=clock())
    return "sent"


async def prepare(database: Database, clock: Clock) -> int:
    """Plan what was intended and gather what is due together; how many deliveries that changed."""
    async with database.sessions.begin() as session:
        intended = await plan_intended(session, now=clock())
    async with database.sessions.begin() as session:
        return intended + await gather_due(session, now=clock())


async def _taken(database: Database, channels: Channels, clock: Clock) -> tuple[Claim, Parcel] | None:
    async with database.sessions.begin() as session:
        await set_aside(session, list(channels), now=clock())
        claim = await claim_next(session, list(channels), now=clock()) if channels else None
        parcel = await parcel_by_id(session, claim.id) if claim else None
    return (claim, parcel) if claim and parcel else None


async def _settle_failed(database: Database, claim: Claim, failed: DeliveryFailed, clock: Clock) -> None:
    async with database.sessions.begin() as session:
        await settle_failed(session, claim, reason=str(failed), permanent=failed.permanent, now=clock())


async def _hand_over(channel: Channel[Any], parcel: Parcel, *, now: datetime) -> None:
    if parcel.is_gone:
        raise DeliveryFailed("not a member of an active organisation any more", permanent=True)
    if parcel.is_late(now):
        raise DeliveryFailed("its link is not good any more", permanent=True)
    if not parcel.address:
        # Erased addresses stay erased; one that catalog has not told yet may come in a moment.
        raise DeliveryFailed("no address", permanent=not parcel.is_unknown)
    await _send(channel, _composed(channel, parcel))


def _composed(channel: Channel[Any], parcel: Parcel) -> Any:
    """Whatever keeps it from being written now will do so every time: raises `DeliveryFailed`, permanent."""
    try:
        return channel.compose(letter_of(parcel))
    except DeliveryFailed:
        raise
    except Exception as error:
        raise DeliveryFailed(_unexpected("cannot be written", error), permanent=True) from error


async def _send(channel: Channel[Any], composed: Any) -> None:
    """What a channel did not foresee is a failure of this letter, to try again: the others still leave."""
    try:
        await channel.send(composed)
    except DeliveryFailed:
        raise
    except Exception as error:
        raise DeliveryFailed(_unexpected("cannot be sent", error), permanent=False) from error


def _unexpected(what: str, error: Exception) -> str:
    # Not the error's own words: they may repeat the address, which must not outlive the contact.
    return f"{what}: {type(error).__name__}"


def letter_of(parcel: Parcel) -> Letter:
    """The parcel in words, in its reader's language."""
    return Letter(
        id=parcel.id,
        member_id=parcel.member_id,
        address=parcel.address or "",
        name=parcel.name or "",
        language=parcel.language,
        message=message_of(parcel.topic, parcel.params, parcel.language),
    )
