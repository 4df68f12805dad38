"""What an organisation was told of its statuses and permits before they end."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base
from shared.database import new_id


class ToldEnding(Base):
    """One end, told once for each threshold; an end that moves is another one.

    `about_id` is the site of a permit, or the organisation itself.
    """

    __tablename__ = "told_endings"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "about_id", "what", "code", "expires_on", "days_before", name="uq_told_endings_once"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    about_id: Mapped[UUID]
    what: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    expires_on: Mapped[date]
    days_before: Mapped[int]
    told_at: Mapped[datetime]
