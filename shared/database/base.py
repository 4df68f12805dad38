"""The declarative base and the identifiers all tables use."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import DateTime, MetaData, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of one service's tables: a service subclasses it once, with its own metadata."""

    __abstract__ = True

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        UUID: PG_UUID(as_uuid=True),
        Decimal: Numeric(14, 3),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
    }


def metadata() -> MetaData:
    """A metadata with the naming convention, so that migrations can name what they drop."""
    return MetaData(naming_convention=NAMES)


def new_id() -> UUID:
    """A UUIDv7: unique, and ordered by the time it was made."""
    return uuid_utils.compat.uuid7()
