"""The intent to write to one member, of notices or of their account; addresses and texts are looked up when sent."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.db import Base
from services.notifications.rhythm import Rhythm


class State(StrEnum):
    """Where a delivery stands; `not_sent` means that no channel was configured to carry it.

    A notice's is `gathered` once a digest carries it, `read` when it was read before its digest, `unwanted` when its
    reader wants no letter of it.
    """

    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    NOT_SENT = "not_sent"
    FAILED = "failed"
    GATHERED = "gathered"
    READ = "read"
    UNWANTED = "unwanted"


class Digest(Base):
    """One letter that gathers notices."""

    __tablename__ = "digests"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    channel: Mapped[str]
    made_at: Mapped[datetime]


class Delivery(Base):
    """One message to one member by one channel.

    `next_at` is when it is due: while claimed, the end of the claim, after which a dead sender's work is taken over.
    `rhythm` is None until it is planned, and `at_once` where nothing is to be gathered; what is gathered lies in the
    digest `gathered_in`, whose own letter has that `digest_id`.
    """

    __tablename__ = "deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    letter_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_letters.id", ondelete="CASCADE"), unique=True)
    digest_id: Mapped[UUID | None] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), unique=True)
    gathered_in: Mapped[UUID | None] = mapped_column(ForeignKey("digests.id", ondelete="SET NULL"))
    member_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    channel: Mapped[str]
    rhythm: Mapped[str | None] = mapped_column(server_default=Rhythm.AT_ONCE)
    state: Mapped[str] = mapped_column(server_default=State.PENDING)
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("num_nonnulls(notice_id, letter_id, digest_id) = 1", name="one_text"),
        UniqueConstraint("notice_id", "member_id", "channel"),
        Index("ix_deliveries_due", "next_at", postgresql_where=text("state IN ('pending', 'claimed')")),
        Index("ix_deliveries_waiting", "member_id", "channel", "next_at", postgresql_where=text("state = 'pending'")),
        Index("ix_deliveries_gathered_in", "gathered_in", postgresql_where=text("gathered_in IS NOT NULL")),
    )


class WrittenBefore(Base):
    """What a member was written, before this database went back to a backup that does not know of it."""

    __tablename__ = "written_before"

    told_for: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
