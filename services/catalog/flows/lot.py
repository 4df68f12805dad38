"""A lot: one dated part of a flow, its states and what it tells."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base, coded
from services.catalog.flows.errors import LotNotReleased
from services.catalog.flows.models import Flow
from services.catalog.flows.recurrence import at
from shared.database import new_id
from shared.events.catalog import LotChanged, LotExpired, LotReleased
from shared.events.facts import Quantity

OPEN_AHEAD = timedelta(weeks=2)
"""How long before its slot a recurring lot opens to takers: later ones are announced, not promised."""


class LotState(StrEnum):
    """Where a lot stands; `taken`, `collected` and `missed` come with answers and collections."""

    PLANNED = "planned"
    RELEASED = "released"
    TAKEN = "taken"
    COLLECTED = "collected"
    EXPIRED = "expired"
    MISSED = "missed"


LIVE = (LotState.PLANNED, LotState.RELEASED, LotState.TAKEN)

Told = TypeVar("Told", LotReleased, LotChanged, LotExpired)


class Lot(Base):
    """One lot; `due_at` is when the timer moves it on: to be released, then to be gone."""

    __tablename__ = "lots"
    __table_args__ = (
        # However many timers run, a day of a flow has one lot.
        UniqueConstraint("flow_id", "day"),
        Index("ix_lots_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    flow_id: Mapped[UUID] = mapped_column(ForeignKey("flows.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    version: Mapped[int] = mapped_column(default=0)
    state: Mapped[LotState] = coded(LotState, default=LotState.PLANNED)
    day: Mapped[date]
    quantity_value: Mapped[Decimal]
    quantity_unit: Mapped[str]
    available_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
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

    def follow(self, flow: Flow, day: date, now: datetime) -> None:
        """Take its quantity and times from its flow."""
        quantity = flow.quantity
        if quantity is None:
            raise ValueError("a published flow has a quantity")
        self.day = day
        self.quantity_value, self.quantity_unit = flow.calendar(now).share(quantity, day), quantity.unit
        self.available_at, self.expires_at = at(day, flow.pickup_from), flow.expiry(day)

    def move_on(self, now: datetime) -> LotReleased | LotExpired | None:
        """What its due time asks for; None when nobody need be told."""
        if self.state is LotState.PLANNED and self.expires_at > now:
            self.state, self.due_at = LotState.RELEASED, self.expires_at
            return self._tell(LotReleased, now)
        return self.expire(now)

    def expire(self, now: datetime) -> LotExpired | None:
        """Nobody took it in time; one that was never released has never been heard of."""
        was_open = self.is_open
        self.due_at, self.updated_at = None, now
        if self.state not in (LotState.PLANNED, LotState.RELEASED):
            return None
        self.state = LotState.EXPIRED
        return self._tell(LotExpired, now) if was_open else None

    def change(self, now: datetime) -> LotChanged:
        """After its quantity or its times changed; only a lot nobody took changes."""
        if not self.is_open or self.expires_at <= now:
            raise LotNotReleased
        self.due_at = self.expires_at
        return self._tell(LotChanged, now)

    def _tell(self, event: type[Told], now: datetime) -> Told:
        self.version += 1
        self.updated_at = now
        return event(
            version=self.version,
            lot_id=self.id,
            flow_id=self.flow_id,
            organisation_id=self.organisation_id,
            quantity=self.quantity,
            available_at=self.available_at,
            expires_at=self.expires_at,
        )


def lot_of(flow: Flow, day: date, now: datetime) -> Lot:
    """A planned lot of a flow's day; a one-off opens at once."""
    lot = Lot(
        id=new_id(),
        flow_id=flow.id,
        organisation_id=flow.organisation_id,
        version=0,
        state=LotState.PLANNED,
        created_at=now,
        updated_at=now,
    )
    lot.follow(flow, day, now)
    lot.due_at = now if flow.recurrence is None else lot.available_at - OPEN_AHEAD
    return lot
