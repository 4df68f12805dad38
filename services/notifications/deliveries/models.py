"""The intent to write to one member, of a notice or of their account; addresses and texts are looked up when sent."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.db import Base


class State(StrEnum):
    """Where a delivery stands; `not_sent` means that no channel was configured to carry it."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    NOT_SENT = "not_sent"
    FAILED = "failed"


class Delivery(Base):
    """One message to one member by one channel.

    `next_at` is when it is due: while claimed, the end of the claim, after which a dead sender's work is taken over.
    """

    __tablename__ = "deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    letter_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_letters.id", ondelete="CASCADE"), unique=True)
    member_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=State.PENDING)
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("num_nonnulls(notice_id, letter_id) = 1", name="one_text"),
        UniqueConstraint("notice_id", "member_id", "channel"),
        Index("ix_deliveries_due", "next_at", postgresql_where=text("state IN ('pending', 'claimed')")),
    )
