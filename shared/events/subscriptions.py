"""What catalog publishes about standing subscriptions: who takes a part of each lot of a flow, from when until when."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.events.event import Event
from shared.events.facts import Quantity
from shared.events.levels import OneLevel, TellsLevel
from shared.events.takings import Side


class RefusedFor(StrEnum):
    """Why a holder refuses a subscription."""

    PROMISED = "promised"
    CRITERIA = "criteria"
    TOO_LITTLE = "too_little"
    TOO_MUCH = "too_much"
    TREATMENT = "treatment"
    SLOT = "slot"
    PAPERS = "papers"
    OTHER = "other"


class UnservedFor(StrEnum):
    """Why a subscriber had nothing of a lot that opened."""

    NOTHING_LEFT = "nothing_left"
    BELOW_MINIMUM = "below_minimum"
    PAPERS = "papers"
    SLOT = "slot"
    UNIT = "unit"
    TAKER = "taker"


class SubscriptionState(TellsLevel, Event):
    """Who takes which part of each lot of a flow; `organisation_id` is its holder's.

    The part is a `quantity` of each lot, or `percent` of it.
    """

    subscription_id: UUID
    flow_id: UUID
    organisation_id: UUID
    organisation_name: str
    title: str
    taker_id: UUID
    taker_name: str
    quantity: Quantity | None = None
    percent: int | None = None
    level: OneLevel
    from_on: date
    until_on: date
    at: datetime


class SubscriptionAsked(SubscriptionState, type="catalog.subscription.asked.v1", aggregate="subscription_id"):
    """Somebody asks for a part of each lot; its holder accepts or refuses, after its call if there is one."""


class SubscriptionAccepted(SubscriptionState, type="catalog.subscription.accepted.v1", aggregate="subscription_id"):
    """Lots that open from now on are taken for the subscriber; `automatic` where the flow is open to all."""

    automatic: bool = False


class SubscriptionRefused(
    SubscriptionState, type="catalog.subscription.refused.v1", aggregate="subscription_id", lasts=False
):
    """Its holder does not want it."""

    reason: RefusedFor


class SubscriptionPaused(SubscriptionState, type="catalog.subscription.paused.v1", aggregate="subscription_id"):
    """One of the two wants no lot served for now."""

    by: Side


class SubscriptionResumed(SubscriptionState, type="catalog.subscription.resumed.v1", aggregate="subscription_id"):
    """Lots are served again."""

    by: Side


class SubscriptionEnded(
    SubscriptionState, type="catalog.subscription.ended.v1", aggregate="subscription_id", lasts=False
):
    """One of the two ends it: `until_on` is the last day whose lot is served. `replaced` where a newer one begins."""

    by: Side
    replaced: bool = False


class SubscriptionUnserved(SubscriptionState, type="catalog.subscription.unserved.v1", aggregate="subscription_id"):
    """A lot opened and the subscriber had nothing of it."""

    lot_id: UUID
    day: date
    reason: UnservedFor
