"""A call that is being told."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.db import Base


class CallTelling(Base):
    """What is said of it, to whom, and how far one is; the row goes once everybody has heard.

    `told_to` is the organisation that was told last, in the order of their ids.
    """

    __tablename__ = "call_tellings"

    call_id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    organisation_name: Mapped[str]
    title: Mapped[str]
    open_to: Mapped[list[str]] = mapped_column(ARRAY(Text))
    closes_on: Mapped[date]
    opened_at: Mapped[datetime]
    told_to: Mapped[UUID | None]
