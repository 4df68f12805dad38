"""One organisation's part of one lot: kept for a while, taken, and how that ends."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.db import Base, coded
from services.catalog.flows.errors import LotNotOpen
from services.catalog.flows.lot import Lot
from services.catalog.flows.models import Flow
from services.catalog.organisations.models import Organisation
from services.catalog.takings.errors import (
    FigureCorrected,
    HoldOver,
    NobodySaidDone,
    NotHeld,
    NotToCome,
    OtherSaysDone,
    SlotBegun,
    SlotNotBegun,
    SlotNotOver,
)
from services.catalog.takings.figures import Figure, agree, counting, refuse_implausible
from shared.database import new_id
from shared.events.facts import Level, Quantity
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
    TakingState,
    TakingUnconfirmed,
    Transport,
)

LONGEST_HOLD = timedelta(hours=48)
HELD_SHARE = 4
"""An option keeps at most a quarter of what is left of the lot's life (domain.md, rule 1)."""

WARNED_SHARE = 4
"""Its taker is warned when a quarter of its time is left: twelve hours of the longest."""

MOST_HOLDS = 3
"""An option costs its taker nothing, and everybody else the lot: three let one compare, and keep no market closed."""

REMINDED_AFTER = (timedelta(days=1), timedelta(days=7))
"""When those who have not said whether it left are reminded, from the end of the slot on: twice, and never again."""

LATE = timedelta(hours=48)
"""What is called off less than this before its slot is offered to whoever is next, like what was missed."""

LONGEST_REFERENCE = 100

Told = TypeVar("Told", bound=TakingState)


class State(StrEnum):
    """Where a part stands; `cancelled`, `missed`, `released` and `expired` gave it back."""

    HELD = "held"
    MADE = "made"
    DISPUTED = "disputed"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    MISSED = "missed"
    RELEASED = "released"
    EXPIRED = "expired"


class PickUp(NamedTuple):
    """How a part leaves, and when."""

    transport: Transport
    slot_from: datetime
    slot_until: datetime
    carrier_receipt: str
    tracking_slip: str


def held_until(since: datetime, expires_at: datetime) -> datetime:
    """Until when an option keeps a part: the smaller of 48 hours and a quarter of what is left of the lot's life."""
    return since + min(LONGEST_HOLD, (expires_at - since) / HELD_SHARE)


class Taking(Base):
    """A part of a lot of `organisation_id`, for `taker_id`; a reason and who ended it stand where it was called off.

    `due_at` is when the timer looks at it: to warn of an option's end, then to end it; to remind, `reminded` times so
    far, those who have not said whether it left. What each side says of that are `holder_said` and `taker_said`;
    `counted_by` is whose figure counts, once both agree. One made for a subscriber has its `subscription_id`; an option
    that nobody asked for, on a part that another freed, is `offered`; a freed part that is still to be offered
    `passes_on`.
    """

    __tablename__ = "takings"
    __table_args__ = (
        Index("ix_takings_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        CheckConstraint("quantity_value > 0", name="something"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lots.id"), index=True)
    flow_id: Mapped[UUID] = mapped_column(ForeignKey("flows.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    taker_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[State] = coded(State)
    version: Mapped[int] = mapped_column(default=0)
    quantity_value: Mapped[Decimal]
    quantity_unit: Mapped[str]
    level: Mapped[Level] = coded(Level)
    transport: Mapped[Transport | None] = coded(Transport)
    slot_from: Mapped[datetime | None]
    slot_until: Mapped[datetime | None]
    carrier_receipt: Mapped[str] = mapped_column(String(LONGEST_REFERENCE), default="")
    tracking_slip: Mapped[str] = mapped_column(String(LONGEST_REFERENCE), default="")
    held_until: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    reason: Mapped[Cancelled | None] = coded(Cancelled)
    ended_by: Mapped[Side | None] = coded(Side)
    holder_said: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    taker_said: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    counted_by: Mapped[Side | None] = coded(Side)
    reminded: Mapped[int] = mapped_column(default=0, server_default="0")
    subscription_id: Mapped[UUID | None]
    passes_on: Mapped[bool] = mapped_column(default=False, server_default="false")
    offered: Mapped[bool] = mapped_column(default=False, server_default="false")
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    lot: Mapped[Lot] = relationship(lazy="raise")
    flow: Mapped[Flow] = relationship(lazy="raise")
    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id], lazy="raise")
    taker: Mapped[Organisation] = relationship(foreign_keys=[taker_id], lazy="raise")

    @property
    def quantity(self) -> Quantity:
        """Its part."""
        return Quantity(value=self.quantity_value, unit=self.quantity_unit)

    def side_of(self, organisation_id: UUID) -> Side:
        """Which of its two an organisation is."""
        return Side.TAKER if organisation_id == self.taker_id else Side.HOLDER

    def is_held(self, now: datetime) -> bool:
        """True while the option keeps its part, whenever the timer comes by; none does of a lot that is not given."""
        is_open = self.state is State.HELD and self.held_until is not None and self.held_until > now
        return is_open and self.lot.may_be_taken(now)

    def may_be_cancelled(self, now: datetime) -> bool:
        """True until its slot begins."""
        return self.state is State.MADE and self.slot_from is not None and now < self.slot_from

    def is_late_to_cancel(self, now: datetime) -> bool:
        """True while its slot runs: it is called off no more, and not missed yet."""
        return self.state is State.MADE and not self.may_be_cancelled(now) and not self.is_overdue(now)

    def is_overdue(self, now: datetime) -> bool:
        """True once its slot is over, while not both have said what came of it."""
        return self.state is State.MADE and self.slot_until is not None and now >= self.slot_until

    def may_be_missed(self, side: Side, now: datetime) -> bool:
        """True once its slot is over, unless the other side says that it left."""
        return self.is_overdue(now) and self.figure_of(side.other) is None

    def may_be_done(self, now: datetime) -> bool:
        """True from the beginning of its slot on, until both agree."""
        if self.state is State.DISPUTED:
            return True
        return self.state is State.MADE and self.slot_from is not None and now >= self.slot_from

    def figure_of(self, side: Side) -> Figure | None:
        """How much left, as a side says."""
        said = self.holder_said if side is Side.HOLDER else self.taker_said
        return Figure.model_validate(said) if said else None

    @property
    def counted(self) -> Figure | None:
        """The figure that counts, once both agree."""
        return self.figure_of(self.counted_by) if self.counted_by else None

    def keep(self, until: datetime, now: datetime, *, extended: bool = False) -> TakingHeld:
        """Keep the part until then; told before it ends."""
        self.state, self.held_until = State.HELD, until
        self.due_at = until - (until - now) / WARNED_SHARE
        return self._tell(TakingHeld, now, extended=extended, offered=bool(self.offered))

    def keep_longer(self, now: datetime) -> TakingHeld:
        """Keep it once more as long as the rule gives from its end on."""
        return self.keep(held_until(self.refuse_unless_held(now), self.lot.expires_at), now, extended=True)

    def warn(self, now: datetime) -> TakingEnding:
        """Its end is near: the timer comes back for it."""
        self.due_at = self.held_until
        return self._tell(TakingEnding, now)

    def release(self, now: datetime) -> TakingReleased:
        """Its taker lets it go; raises `NotHeld`."""
        if self.state is not State.HELD:
            raise NotHeld
        self.state, self.due_at = State.RELEASED, None
        return self._tell(TakingReleased, now)

    def expire(self, now: datetime) -> TakingReleased:
        """Its time is over."""
        self.state, self.due_at = State.EXPIRED, None
        return self._tell(TakingReleased, now, expired=True)

    def refuse_unless_held(self, now: datetime) -> datetime:
        """Until when it is kept; raises `NotHeld`, `LotNotOpen`, or `HoldOver` when the timer has not come by yet."""
        if self.state is not State.HELD or self.held_until is None:
            raise NotHeld
        if self.held_until <= now:
            raise HoldOver
        if not self.is_held(now):
            raise LotNotOpen
        return self.held_until

    def make(self, pick_up: PickUp, now: datetime, *, wanted: Quantity | None = None) -> TakingMade:
        """It is taken, and somebody comes; `wanted` is what a subscriber asked for, when that is not all there."""
        self.state, self.held_until = State.MADE, None
        self.transport, self.slot_from, self.slot_until, self.carrier_receipt, self.tracking_slip = pick_up
        self.due_at, self.reminded = pick_up.slot_until + REMINDED_AFTER[0], 0
        return self._tell(TakingMade, now, subscription_id=self.subscription_id, wanted=wanted)

    def cancel(self, side: Side, reason: Cancelled, now: datetime) -> TakingCancelled:
        """Called off before its slot; raises `NotToCome`, `SlotBegun`."""
        if self.state is not State.MADE:
            raise NotToCome
        if not self.may_be_cancelled(now):
            raise SlotBegun
        self.state, self.reason, self.ended_by, self.due_at = State.CANCELLED, reason, side, None
        return self._tell(TakingCancelled, now, by=side, reason=reason)

    def miss(self, side: Side, now: datetime) -> TakingMissed:
        """Nothing was picked up within its slot; whoever said that it left takes that back.

        Raises `NotToCome`, `SlotNotOver`, `OtherSaysDone`.
        """
        if self.state is not State.MADE:
            raise NotToCome
        if not self.is_overdue(now):
            raise SlotNotOver
        if self.figure_of(side.other) is not None:
            raise OtherSaysDone
        self.state, self.ended_by, self.due_at = State.MISSED, side, None
        self.holder_said = self.taker_said = None
        return self._tell(TakingMissed, now, by=side)

    def say_done(self, side: Side, figure: Figure, now: datetime) -> list[TakingState]:
        """A side says how much left, or corrects itself; said again it is no news.

        Once both have, they agree or it is disputed; one alone confirms nothing. Raises `NotToCome`, `SlotNotBegun`,
        `FigureImplausible`.
        """
        own = self.figure_of(side)
        if own is not None and own.said == figure.said:
            return []
        if self.state not in (State.MADE, State.DISPUTED):
            raise NotToCome
        if not self.may_be_done(now):
            raise SlotNotBegun
        refuse_implausible(figure.value, self.quantity)
        said = figure.model_dump(mode="json")
        if side is Side.HOLDER:
            self.holder_said = said
        else:
            self.taker_said = said
        says = {"figure": self._quantity(figure), "basis": figure.basis, "awaited": self._awaited()}
        return [self._tell(TakingDone, now, by=side, **says), *self._compared(side, now)]

    def accept(self, side: Side, value: Decimal, now: datetime) -> list[TakingState]:
        """A side takes the other's figure, this `value`, for its own; the other's stays the one that was measured.

        Raises `NobodySaidDone`, and `FigureCorrected` when the other says something else by now.
        """
        theirs, own = self.figure_of(side.other), self.figure_of(side)
        if theirs is None:
            raise NobodySaidDone
        if theirs.value != value:
            raise FigureCorrected
        ticket = own.ticket if own else ""
        return self.say_done(side, Figure(value=value, basis=Basis.ESTIMATED, ticket=ticket, said_at=now), now)

    def remind(self, now: datetime) -> TakingUnconfirmed:
        """Ask those who have not said whether it left; the timer comes back until it has asked often enough."""
        self.reminded += 1
        following = REMINDED_AFTER[self.reminded : self.reminded + 1]
        self.due_at = self.slot_until + following[0] if following and self.slot_until else None
        return self._tell(TakingUnconfirmed, now, awaited=self._awaited())

    def _awaited(self) -> tuple[Side, ...]:
        return tuple(side for side in Side if self.figure_of(side) is None)

    def _compared(self, side: Side, now: datetime) -> list[TakingState]:
        holder, taker = self.figure_of(Side.HOLDER), self.figure_of(Side.TAKER)
        if holder is None or taker is None:
            return []
        self.due_at = None
        if not agree(holder, taker):
            self.state = State.DISPUTED
            says = {"holder_says": self._quantity(holder), "taker_says": self._quantity(taker)}
            return [self._tell(TakingDisputed, now, by=side, **says)]
        counted = counting(holder, taker)
        self.state, self.counted_by = State.CONFIRMED, counted.side
        counts = {"counted": self._quantity(counted.figure), "basis": counted.figure.basis}
        return [self._tell(TakingConfirmed, now, by=side, counted_by=counted.side, **counts)]

    def _quantity(self, figure: Figure) -> Quantity:
        return Quantity(value=figure.value, unit=self.quantity_unit)

    def _tell(self, event: type[Told], now: datetime, **more: Any) -> Told:
        self.version += 1
        self.updated_at = now
        return event(
            version=self.version,
            taking_id=self.id,
            lot_id=self.lot_id,
            flow_id=self.flow_id,
            organisation_id=self.organisation_id,
            organisation_name=self.organisation.name,
            title=self.flow.title,
            taker_id=self.taker_id,
            taker_name=self.taker.name,
            quantity=self.quantity,
            level=self.level,
            slot_from=self.slot_from,
            slot_until=self.slot_until,
            held_until=self.held_until,
            at=now,
            **more,
        )
