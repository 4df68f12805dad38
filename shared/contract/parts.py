"""One made-up event of each kind about a part of a lot: kept, taken, called off, gone, and how much of it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.events import subscriptions
from shared.events.event import Event
from shared.events.facts import Quantity
from shared.events.takings import (
    Basis,
    Cancelled,
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
    TakingUnconfirmed,
)

Facts = dict[str, Any]

PROMISED, WEIGHED = (Quantity(value=Decimal(value), unit="kg") for value in ("120", "104.5"))


def parts_of_lots(about: Facts, later: datetime) -> Iterator[Event]:
    """Each of them, about one taking; `later` is when its option ends, or its slot begins."""
    part: Facts = {**about, "quantity": PROMISED}
    kept: Facts = {**part, "held_until": later}
    yield TakingHeld(version=1, **kept)
    yield TakingEnding(version=2, **kept)
    yield TakingReleased(version=3, **kept, expired=True)
    slot: Facts = {**part, "slot_from": later, "slot_until": later + timedelta(hours=1)}
    yield TakingMade(version=1, **slot)
    yield TakingCancelled(version=2, **slot, by=Side.TAKER, reason=Cancelled.NO_VEHICLE)
    yield TakingMissed(version=2, **slot, by=Side.HOLDER)
    yield TakingUnconfirmed(version=2, **slot, awaited=(Side.HOLDER, Side.TAKER))
    estimated: Facts = {"figure": PROMISED, "basis": Basis.ESTIMATED}
    yield TakingDone(version=3, **slot, by=Side.HOLDER, **estimated, awaited=(Side.TAKER,))
    yield TakingDisputed(version=5, **slot, by=Side.TAKER, holder_says=PROMISED, taker_says=WEIGHED)
    measured: Facts = {"counted": WEIGHED, "counted_by": Side.TAKER, "basis": Basis.MEASURED}
    yield TakingConfirmed(version=7, **slot, by=Side.HOLDER, **measured)


def standing_parts(about: Facts, lot_id: UUID) -> Iterator[Event]:
    """Each kind of event about one subscription, which never had anything of a lot."""
    part: Facts = {**about, "percent": 30, "from_on": date(2026, 12, 1), "until_on": date(2027, 11, 30)}
    weighed: Facts = {**part, "percent": None, "quantity": PROMISED}
    yield subscriptions.SubscriptionAsked(version=1, **part)
    yield subscriptions.SubscriptionAccepted(version=2, **part)
    yield subscriptions.SubscriptionRefused(version=2, **weighed, reason=subscriptions.RefusedFor.PROMISED)
    yield subscriptions.SubscriptionPaused(version=3, **part, by=Side.HOLDER)
    yield subscriptions.SubscriptionResumed(version=4, **part, by=Side.HOLDER)
    papers = subscriptions.UnservedFor.PAPERS
    yield subscriptions.SubscriptionUnserved(version=5, **part, lot_id=lot_id, day=date(2027, 1, 15), reason=papers)
    yield subscriptions.SubscriptionEnded(version=6, **part, by=Side.TAKER)
