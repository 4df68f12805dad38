"""What subscribing asks, what a holder decides, and subscriptions as JSON."""

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from msgspec import Struct
from pydantic import Field, StringConstraints

from services.catalog.posting.schemas import Amount
from services.catalog.subscriptions.models import LONGEST_CRITERIA, LONGEST_WORDS, Subscription, Terms
from services.catalog.takings.schemas import Hour, Reference
from shared.events.facts import Level
from shared.events.subscriptions import RefusedFor
from shared.events.takings import Transport
from shared.web.asked import Asked

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_WORDS)]


class SubscriptionAskedFor(Asked):
    """A part of each lot: a quantity, in the flow's unit unless another is said, or a percentage; and how it leaves.

    Each is picked up so many days after the lot's own, between hours on Paris's clocks: those of the flow by default.
    """

    quantity_value: Amount | None = None
    quantity_unit: str | None = None
    percent: Annotated[int | None, Field(ge=1, le=100)] = None
    level: Level
    transport: Transport
    from_on: Annotated[date, Field(examples=["2026-12-01"])]
    until_on: Annotated[date, Field(examples=["2027-11-30"])]
    slot_after_days: Annotated[int, Field(ge=0, le=30)] = 0
    slot_from: Hour | None = None
    slot_until: Hour | None = None
    carrier_receipt: Reference = ""
    words: Words = ""


class SubscriptionForm(SubscriptionAskedFor):
    """The same, from a page: `once` was made with the form, so that a button pressed twice asks once."""

    once: UUID


class SubscriptionOf(SubscriptionAskedFor):
    """The same, by a program: to which flow."""

    flow_id: UUID


class RefuseAsked(Asked):
    """Why its holder does not want it."""

    reason: RefusedFor | None = None


class TermsAsked(Asked):
    """How a holder has subscribers: all at once (`open_to_all`), or chosen, after a call if it has days."""

    open_to_all: bool = False
    call_opens_on: date | None = None
    call_closes_on: date | None = None
    criteria: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_CRITERIA)] = ""
    fallback_id: UUID | None = None


class SubscriptionOut(Struct, frozen=True):
    """A subscription as its two organisations read it; `organisation` is whose flow it is."""

    id: UUID
    version: int
    flow_id: UUID
    organisation_id: UUID
    organisation_name: str
    taker_id: UUID
    taker_name: str
    state: str
    quantity: dict[str, Any] | None
    percent: int | None
    level: str
    transport: str
    from_on: date
    until_on: date
    slot_after_days: int
    slot_from: time | None
    slot_until: time | None
    carrier_receipt: str
    words: str
    reason: str | None
    acted_by: str | None
    asked_at: datetime

    @classmethod
    def of(cls, subscription: Subscription) -> "SubscriptionOut":
        """The JSON of a subscription whose organisations are loaded."""
        quantity = subscription.quantity
        return cls(
            id=subscription.id,
            version=subscription.version,
            flow_id=subscription.flow_id,
            organisation_id=subscription.organisation_id,
            organisation_name=subscription.organisation.name,
            taker_id=subscription.taker_id,
            taker_name=subscription.taker.name,
            state=subscription.state,
            quantity=quantity.model_dump(mode="json") if quantity else None,
            percent=subscription.percent,
            level=subscription.level,
            transport=subscription.transport,
            from_on=subscription.from_on,
            until_on=subscription.until_on,
            slot_after_days=subscription.slot_after_days,
            slot_from=subscription.slot_from,
            slot_until=subscription.slot_until,
            carrier_receipt=subscription.carrier_receipt,
            words=subscription.words,
            reason=subscription.reason,
            acted_by=subscription.acted_by,
            asked_at=subscription.asked_at,
        )


class Subscriptions(Struct, frozen=True):
    """One page of subscriptions, the newest first; `next` is the cursor of the following one."""

    items: list[SubscriptionOut]
    next: str | None


class TermsOut(Struct, frozen=True):
    """On what terms a flow has subscribers, for all to read: who takes over what is freed is its holder's to know."""

    flow_id: UUID
    version: int
    open_to_all: bool
    call_opens_on: date | None
    call_closes_on: date | None
    criteria: str

    @classmethod
    def of(cls, flow_id: UUID, terms: Terms | None) -> "TermsOut":
        """The JSON of what a holder said, or of what holds while it said nothing."""
        if terms is None:
            return cls(flow_id, 0, open_to_all=False, call_opens_on=None, call_closes_on=None, criteria="")
        return cls(flow_id, terms.version, terms.open_to_all, terms.call_opens_on, terms.call_closes_on, terms.criteria)
