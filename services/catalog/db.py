"""Catalog's declarative base, and the kinds of columns that several tables have."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, Text
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared import database
from shared.database.base import metadata
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
