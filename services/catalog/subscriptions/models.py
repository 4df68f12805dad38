"""A subscription of one organisation to a flow, its states; and the terms on which a flow's holder has them."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.db import Base, coded
from services.catalog.flows.models import Flow
from services.catalog.organisations.models import Organisation
from services.catalog.subscriptions.errors import (
    CallMissing,
    CallNotClosed,
    CallNotOpen,
    NotAsked,
    NotPaused,
    NotRunning,
    OtherPaused,
    OverAlready,
)
from services.catalog.takings.models import LONGEST_REFERENCE
from shared.clock import day_of
from shared.database import new_id
from shared.events.facts import Level, Quantity
from shared.events.subscriptions import (
    RefusedFor,
    SubscriptionAccepted,
    SubscriptionAsked,
    SubscriptionEnded,
    SubscriptionPaused,
    SubscriptionRefused,
    SubscriptionResumed,
    SubscriptionState,
    SubscriptionUnserved,
    UnservedFor,
)
from shared.events.takings import Side, Transport

NOTICE = timedelta(days=14)
"""Who ends it still serves, or is served, the lots of so many days: those already open, and those called off."""

LONGEST_WORDS = 1000
LONGEST_CRITERIA = 4000

Told = TypeVar("Told", bound=SubscriptionState)


class State(StrEnum):
    """Where a subscription stands; one that is `ending` is served until its last day, like one that runs."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    PAUSED = "paused"
    ENDING = "ending"
    REFUSED = "refused"
    ENDED = "ended"


SERVED = (State.ACCEPTED, State.ENDING)


class Subscription(Base):
    """A part of each lot of `organisation_id`'s flow, for `taker_id`, from `from_on` to `until_on`, both included.

    The part is `percent` of the lot, or a quantity. Each is picked up `slot_after_days` after the lot's day, between
    two hours of Paris's clocks, or those of the flow. `acted_by` is who of the two paused or ended it.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index("uq_subscriptions_asked", "flow_id", "taker_id", unique=True, postgresql_where=text("state = 'asked'")),
        CheckConstraint(
            "(percent BETWEEN 1 AND 100 AND quantity_value IS NULL) OR (percent IS NULL AND quantity_value > 0)",
            name="one_part",
        ),
        CheckConstraint("until_on >= from_on", name="dated"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    flow_id: Mapped[UUID] = mapped_column(ForeignKey("flows.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    taker_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[State] = coded(State)
    version: Mapped[int] = mapped_column(default=0)
    percent: Mapped[int | None]
    quantity_value: Mapped[Decimal | None]
    quantity_unit: Mapped[str | None]
    level: Mapped[Level] = coded(Level)
    transport: Mapped[Transport] = coded(Transport)
    slot_after_days: Mapped[int] = mapped_column(default=0)
    slot_from: Mapped[time | None]
    slot_until: Mapped[time | None]
    carrier_receipt: Mapped[str] = mapped_column(String(LONGEST_REFERENCE), default="")
    from_on: Mapped[date]
    until_on: Mapped[date]
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS), default="")
    reason: Mapped[RefusedFor | None] = coded(RefusedFor)
    acted_by: Mapped[Side | None] = coded(Side)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    asked_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    flow: Mapped[Flow] = relationship(lazy="raise")
    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id], lazy="raise")
    taker: Mapped[Organisation] = relationship(foreign_keys=[taker_id], lazy="raise")

    @property
    def quantity(self) -> Quantity | None:
        """Its part of each lot, unless it is a percentage."""
        if self.quantity_value is None or self.quantity_unit is None:
            return None
        return Quantity(value=self.quantity_value, unit=self.quantity_unit)

    def side_of(self, organisation_id: UUID) -> Side:
        """Which of its two an organisation is."""
        return Side.TAKER if organisation_id == self.taker_id else Side.HOLDER

    def serves(self, day: date) -> bool:
        """True for the lots that it has its part of."""
        return self.state in SERVED and self.from_on <= day <= self.until_on

    def is_over(self, now: datetime) -> bool:
        """True once its last day has passed, or when it never began."""
        return self.state in (State.REFUSED, State.ENDED) or self.until_on < day_of(now)

    def may_be_decided(self, terms: "Terms | None", now: datetime) -> bool:
        """True while it waits for an answer, and its call is closed if there is one."""
        return self.state is State.ASKED and not (terms and terms.is_calling(now))

    def may_be_ended(self, now: datetime) -> bool:
        """True until somebody ended it, or time did."""
        return self.state in (State.ASKED, State.ACCEPTED, State.PAUSED) and not self.is_over(now)

    def may_be_resumed(self, side: Side) -> bool:
        """True for who paused it."""
        return self.state is State.PAUSED and self.acted_by is side

    def ask(self, now: datetime) -> SubscriptionAsked:
        """Wait for its holder."""
        self.state = State.ASKED
        return self._tell(SubscriptionAsked, now)

    def accept(self, now: datetime, *, automatic: bool = False) -> SubscriptionAccepted:
        """Serve the lots that open from now on; raises `NotAsked`, `OverAlready`."""
        if self.state is not State.ASKED:
            raise NotAsked
        if self.is_over(now):
            raise OverAlready
        self.state = State.ACCEPTED
        return self._tell(SubscriptionAccepted, now, automatic=automatic)

    def refuse(self, reason: RefusedFor, now: datetime) -> SubscriptionRefused:
        """Its holder does not want it; raises `NotAsked`."""
        if self.state is not State.ASKED:
            raise NotAsked
        self.state, self.reason = State.REFUSED, reason
        return self._tell(SubscriptionRefused, now, reason=reason)

    def pause(self, side: Side, now: datetime) -> SubscriptionPaused:
        """Serve no lot for now; raises `NotRunning`."""
        if self.state is not State.ACCEPTED or self.is_over(now):
            raise NotRunning
        self.state, self.acted_by = State.PAUSED, side
        return self._tell(SubscriptionPaused, now, by=side)

    def resume(self, side: Side, now: datetime) -> SubscriptionResumed:
        """Serve lots again, as who paused it; raises `NotPaused`, `OtherPaused`, `OverAlready`."""
        if self.state is not State.PAUSED:
            raise NotPaused
        if self.acted_by is not side:
            raise OtherPaused
        if self.is_over(now):
            raise OverAlready
        self.state, self.acted_by = State.ACCEPTED, None
        return self._tell(SubscriptionResumed, now, by=side)

    def end(self, side: Side, now: datetime) -> SubscriptionEnded:
        """End it: what waits for an answer at once, as does what is paused; what runs, with notice.

        Raises `OverAlready`.
        """
        if not self.may_be_ended(now):
            raise OverAlready
        today = day_of(now)
        last = today + NOTICE if self.state is State.ACCEPTED else today
        if self.state is State.ASKED or self.from_on > last:
            self.state = State.ENDED
        else:
            self.state = State.ENDING if self.state is State.ACCEPTED else State.ENDED
            self.until_on = min(self.until_on, last)
        self.acted_by = side
        return self._tell(SubscriptionEnded, now, by=side)

    def give_way(self, newer: "Subscription", now: datetime) -> SubscriptionEnded:
        """End it on the eve of a newer one of the same two."""
        last = newer.from_on - timedelta(days=1)
        if last < self.from_on:
            self.state = State.ENDED
        else:
            self.state, self.until_on = State.ENDING, min(self.until_on, last)
        self.acted_by = Side.TAKER
        return self._tell(SubscriptionEnded, now, by=Side.TAKER, replaced=True)

    def miss_out(self, lot_id: UUID, day: date, reason: UnservedFor, now: datetime) -> SubscriptionUnserved:
        """A lot opened, and it had nothing of it."""
        return self._tell(SubscriptionUnserved, now, lot_id=lot_id, day=day, reason=reason)

    def _tell(self, event: type[Told], now: datetime, **more: Any) -> Told:
        self.version += 1
        self.updated_at = now
        return event(
            version=self.version,
            subscription_id=self.id,
            flow_id=self.flow_id,
            organisation_id=self.organisation_id,
            organisation_name=self.organisation.name,
            title=self.flow.title,
            taker_id=self.taker_id,
            taker_name=self.taker.name,
            quantity=self.quantity,
            percent=self.percent,
            level=self.level,
            from_on=self.from_on,
            until_on=self.until_on,
            at=now,
            **more,
        )


class Terms(Base):
    """How a holder has subscribers of a flow: whoever asks (`open_to_all`), or chosen, perhaps after a call.

    Who takes over what others call off late or miss is `fallback_id`. Days are included.
    """

    __tablename__ = "subscription_terms"
    __table_args__ = (CheckConstraint("call_closes_on >= call_opens_on", name="dated"),)

    flow_id: Mapped[UUID] = mapped_column(ForeignKey("flows.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    version: Mapped[int] = mapped_column(default=0)
    open_to_all: Mapped[bool] = mapped_column(default=False)
    fallback_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    call_opens_on: Mapped[date | None]
    call_closes_on: Mapped[date | None]
    criteria: Mapped[str] = mapped_column(String(LONGEST_CRITERIA), default="")
    updated_at: Mapped[datetime]

    def is_calling(self, now: datetime) -> bool:
        """True until its call is closed: before that nobody is chosen."""
        return self.call_closes_on is not None and day_of(now) <= self.call_closes_on

    def is_under_way(self, now: datetime) -> bool:
        """True from its call's first day to its last."""
        return self.call_opens_on is not None and self.call_opens_on <= day_of(now) and self.is_calling(now)


def refuse_outside_call(terms: Terms | None, now: datetime, *, is_public: bool) -> None:
    """Raise why nobody may ask now; a public holder has a call, others need not."""
    if terms is None or terms.call_opens_on is None or terms.call_closes_on is None:
        if is_public:
            raise CallMissing
        return
    if not terms.is_under_way(now):
        raise CallNotOpen(opens=f"{terms.call_opens_on:%d/%m/%Y}", closes=f"{terms.call_closes_on:%d/%m/%Y}")


def refuse_before_close(terms: Terms | None, now: datetime) -> None:
    """Raise while others may still answer the call."""
    if terms is not None and terms.call_closes_on is not None and terms.is_calling(now):
        raise CallNotClosed(closes=f"{terms.call_closes_on:%d/%m/%Y}")
