"""Catalog's declarative base, and the columns that everything posted shares."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, String, Text
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared import database
from shared.database.base import metadata, new_id
from shared.events.facts import Origin, Period, Quantity, Window
from shared.territory.place import Place


class Base(database.Base):
    """Base of catalog's tables."""

    __abstract__ = True
    metadata = metadata()


def texts() -> Any:
    """An array of short texts, empty by default."""
    return mapped_column(ARRAY(Text), default=list, server_default="{}")


def coded(kind: type[StrEnum], **kwargs: Any) -> Any:
    """A column that holds an enumeration's value as text: new codes need no migration."""
    values = SqlEnum(kind, native_enum=False, length=20, values_callable=lambda each: [code.value for code in each])
    return mapped_column(values, **kwargs)


class Posted(Base):
    """What a need, a flow and an offer have in common: whose it is, what it says, where, and its version.

    `version` grows by one with each event; it is what readers compare.
    """

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    version: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    categories: Mapped[list[str]] = texts()
    ewc: Mapped[list[str]] = texts()
    quantity_value: Mapped[Decimal | None]
    quantity_unit: Mapped[str | None]
    quantity_period: Mapped[Period | None] = coded(Period)
    minimum_value: Mapped[Decimal | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    origin: Mapped[Origin] = coded(Origin, default=Origin.MEMBER)
    external_id: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    @property
    def quantity(self) -> Quantity | None:
        """The quantity with its unit and period, when one was given."""
        return self._quantity(self.quantity_value)

    @property
    def minimum(self) -> Quantity | None:
        """The smallest quantity worth it, in the same unit and period."""
        return self._quantity(self.minimum_value)

    @property
    def window(self) -> Window:
        """The days it holds for."""
        return Window(starts_on=self.starts_on, ends_on=self.ends_on)

    def _quantity(self, value: Decimal | None) -> Quantity | None:
        if value is None or self.quantity_unit is None:
            return None
        return Quantity(value=value, unit=self.quantity_unit, period=self.quantity_period or Period.ONCE)

    def next_version(self, now: datetime) -> int:
        """Count one more event of this aggregate."""
        self.version += 1
        self.updated_at = now
        return self.version


class Placed:
    """A resolved place, stored as it travels."""

    place_data: Mapped[dict[str, Any] | None] = mapped_column("place", JSONB)

    @property
    def place(self) -> Place | None:
        """Where it is."""
        return Place.model_validate(self.place_data) if self.place_data else None

    @place.setter
    def place(self, place: Place | None) -> None:
        self.place_data = place.model_dump(mode="json", exclude_none=True) if place else None
