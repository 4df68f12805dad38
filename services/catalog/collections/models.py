"""The calendar of its collections that an organisation shows to its own calendar programs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base
from shared.database import new_id


class Calendar(Base):
    """One an organisation: its address is made of `id` and a key (decision 19), so a new id ends the old address."""

    __tablename__ = "calendars"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(default=new_id)
    created_at: Mapped[datetime]
