"""What a member chose; where there is no row, what was proposed goes on counting."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.db import Base


class Preference(Base):
    """How often a member wants one topic by one channel."""

    __tablename__ = "preferences"

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    rhythm: Mapped[str]
    chosen_at: Mapped[datetime]


class MailHours(Base):
    """When a member wants letters: hours of Paris, on working days or on all."""

    __tablename__ = "mail_hours"

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    opens: Mapped[int]
    closes: Mapped[int]
    days: Mapped[str]
    chosen_at: Mapped[datetime]
