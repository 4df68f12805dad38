"""Live events: short-lived, numbered in the order of their commits."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.db import Base


class LiveEvent(Base):
    """One message for the open pages of an organisation, or (without one) for every process."""

    __tablename__ = "live_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    organisation_id: Mapped[UUID | None]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "organisation_id", "id"), Index(None, "created_at"))
