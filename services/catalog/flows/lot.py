"""A lot: one dated part of a flow, its states and what it tells."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base, coded
from services.catalog.flows.errors import LotNotOpen, LotNotReleased, LotPromised, NotSoMuchLeft, UseByBeforeLot
from services.catalog.flows.models import Flow
from services.catalog.flows.recurrence import at
from shared.database import new_id
from shared.events.catalog import LotChanged, LotExpired, LotReleased
from shared.events.facts import Quantity, plain

OPEN_AHEAD = timedelta(weeks=2)
"""How long before its slot a recurring lot opens to takers: later ones are announced, not promised."""


class LotState(StrEnum):
    """Where a lot stands: `taken` when nothing of it is left to take, `collected` once all its parts have left."""

    PLANNED = "planned"
    RELEASED = "released"
    TAKEN = "taken"
    COLLECTED = "collected"
    EXPIRED = "expired"
    MISSED = "missed"


LIVE = (LotState.PLANNED, LotState.RELEASED, LotState.TAKEN)

Told = TypeVar("Told", LotReleased, LotChanged, LotExpired)


class Lot(Base):
    """One lot; `due_at` is when the timer moves it on: to be released, then to be gone.

    `taken_value` and `held_value` are the parts that takers have and that options keep: `takings` has whose they are.
    `collected_value` is what of the taken parts has left, as promised: what it weighed is each taking's.
    Its life begins at `released_at`. Until `serve_at` is empty again it is kept for those who go before all others, its
    subscribers and whoever takes over what was freed; `served_at` is when its subscribers had theirs. An `extra` lot is
    besides the rule of its flow: its holder called it off.
    """

    __tablename__ = "lots"
    __table_args__ = (
        # However many timers run, a day of a flow has one lot.
        UniqueConstraint("flow_id", "day"),
        Index("ix_lots_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_lots_serve_at", "serve_at", postgresql_where=text("serve_at IS NOT NULL")),
        # Whatever the code says, a lot is never over-taken.
        CheckConstraint(
            "taken_value >= 0 AND held_value >= 0 AND taken_value + held_value <= quantity_value",
            name="never_overtaken",
        ),
        CheckConstraint("collected_value >= 0 AND collected_value <= taken_value", name="collected_once"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    flow_id: Mapped[UUID] = mapped_column(ForeignKey("flows.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    version: Mapped[int] = mapped_column(default=0)
    state: Mapped[LotState] = coded(LotState, default=LotState.PLANNED)
    day: Mapped[date]
    use_by_on: Mapped[date | None]
    quantity_value: Mapped[Decimal]
    quantity_unit: Mapped[str]
    taken_value: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    held_value: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    collected_value: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    available_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    serve_at: Mapped[datetime | None]
    served_at: Mapped[datetime | None]
    extra: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def quantity(self) -> Quantity:
        """What it holds."""
        return Quantity(value=self.quantity_value, unit=self.quantity_unit)

    @property
    def is_open(self) -> bool:
        """True while it may be taken."""
        return self.state is LotState.RELEASED

    @property
    def promised_value(self) -> Decimal:
        """What takers count on: taken or kept."""
        return self.taken_value + self.held_value

    @property
    def left_value(self) -> Decimal:
        """What may be taken of it now."""
        return self.quantity_value - self.promised_value if self.is_open else Decimal(0)

    def may_be_taken(self, now: datetime) -> bool:
        """True while it is open and its time has not run out, whenever the timer comes by."""
        return self.is_open and self.expires_at > now

    def wait_for_subscribers(self, now: datetime, *, serves_first: bool) -> None:
        """Just opened: keep it for its subscribers until they were served, if there may be any."""
        self.serve_at, self.served_at = (now, None) if serves_first else (None, now)

    def follow(self, flow: Flow, day: date, now: datetime) -> None:
        """Take its quantity and times from its flow."""
        quantity = flow.quantity
        if quantity is None:
            raise ValueError("a published flow has a quantity")
        self.day = day
        self.quantity_value, self.quantity_unit = flow.calendar(now).share(quantity, day), quantity.unit
        self.available_at, self.expires_at = at(day, flow.pickup_from), flow.expiry(day)
        self.use_by_on = flow.use_by(day)

    def be_used_by(self, day: date | None) -> None:
        """Say its own use-by date, where there is one to say; raises `UseByBeforeLot`."""
        if day is None:
            return
        if day < self.day:
            raise UseByBeforeLot(day=f"{self.day:%d/%m/%Y}")
        self.use_by_on = day

    def move_on(self, now: datetime) -> LotReleased | LotExpired | None:
        """What its due time asks for; None when nobody need be told."""
        if self.state is LotState.PLANNED and self.expires_at > now:
            self.state, self.due_at, self.released_at = LotState.RELEASED, self.expires_at, now
            return self._tell(LotReleased, now)
        return self.expire(now)

    def expire(self, now: datetime) -> LotExpired | None:
        """What is left of it is gone; one that was never released has never been heard of."""
        was_open = self.is_open
        self.due_at, self.updated_at = None, now
        if self.state not in (LotState.PLANNED, LotState.RELEASED):
            return None
        self.state = LotState.TAKEN if self.taken_value else LotState.EXPIRED
        self._close_when_collected()
        return self._tell(LotExpired, now) if was_open else None

    def change(self, now: datetime) -> LotChanged:
        """After its quantity or its times changed; raises when it is over, or promised beyond what it now holds."""
        if not self.may_be_taken(now):
            raise LotNotReleased
        if self.quantity_value < self.promised_value:
            raise LotPromised(promised=f"{plain(self.promised_value):f}", unit=self.quantity_unit)
        self.due_at = self.expires_at
        self._close_when_full()
        return self._tell(LotChanged, now)

    def take(self, value: Decimal, now: datetime) -> LotChanged:
        """Give a part to a taker; raises `NotSoMuchLeft`, `LotNotOpen`."""
        self._refuse_unless_left(value, now)
        self.taken_value += value
        self._close_when_full()
        return self._tell(LotChanged, now)

    def hold(self, value: Decimal, now: datetime) -> LotChanged:
        """Keep a part for a taker; raises `NotSoMuchLeft`, `LotNotOpen`."""
        self._refuse_unless_left(value, now)
        self.held_value += value
        return self._tell(LotChanged, now)

    def take_held(self, value: Decimal, now: datetime) -> LotChanged:
        """Give a taker the part that was kept for them; raises `LotNotOpen` when the lot is gone meanwhile."""
        if not self.may_be_taken(now):
            raise LotNotOpen
        self.held_value -= value
        self.taken_value += value
        self._close_when_full()
        return self._tell(LotChanged, now)

    def free_held(self, value: Decimal, now: datetime) -> LotChanged | None:
        """What was kept is free again; None when the lot is over, of which everybody has heard."""
        self.held_value -= value
        return self._tell(LotChanged, now) if self.is_open else None

    def free_taken(self, value: Decimal, now: datetime, *, reopens: bool, missed: bool = False) -> LotChanged | None:
        """What was taken is free again while the lot lives, if its flow still gives (`reopens`)."""
        self.taken_value -= value
        if reopens and self.expires_at > now and self.state in (LotState.RELEASED, LotState.TAKEN):
            self.state, self.due_at = LotState.RELEASED, self.expires_at
            return self._tell(LotChanged, now)
        self.updated_at = now
        if self.state is LotState.TAKEN and not self.taken_value:
            self.state = LotState.MISSED if missed else LotState.EXPIRED
        self._close_when_collected()
        return None

    def collect(self, value: Decimal, now: datetime) -> None:
        """A taken part has left, both its sides say; nobody else need be told."""
        self.collected_value += value
        self.updated_at = now
        self._close_when_collected()

    def _refuse_unless_left(self, value: Decimal, now: datetime) -> None:
        if not self.may_be_taken(now):
            raise LotNotOpen
        if value > self.left_value:
            raise NotSoMuchLeft

    def _close_when_full(self) -> None:
        if self.taken_value == self.quantity_value:
            self.state = LotState.TAKEN

    def _close_when_collected(self) -> None:
        if self.state is LotState.TAKEN and self.collected_value == self.taken_value:
            self.state = LotState.COLLECTED

    def _tell(self, event: type[Told], now: datetime) -> Told:
        self.version += 1
        self.updated_at = now
        return event(
            version=self.version,
            lot_id=self.id,
            flow_id=self.flow_id,
            organisation_id=self.organisation_id,
            quantity=self.quantity,
            left=plain(self.left_value),
            available_at=self.available_at,
            expires_at=self.expires_at,
            use_by_on=self.use_by_on,
        )


def lot_of(flow: Flow, day: date, now: datetime) -> Lot:
    """A planned lot of a flow's day; a one-off opens at once."""
    lot = Lot(
        id=new_id(),
        flow_id=flow.id,
        organisation_id=flow.organisation_id,
        version=0,
        state=LotState.PLANNED,
        taken_value=Decimal(0),
        held_value=Decimal(0),
        collected_value=Decimal(0),
        extra=False,
        created_at=now,
        updated_at=now,
    )
    lot.follow(flow, day, now)
    lot.due_at = now if flow.recurrence is None else lot.available_at - OPEN_AHEAD
    return lot
