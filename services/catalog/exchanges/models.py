"""A message from one side of an exchange to the other, and how far each side has read."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Computed, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base
from shared.database import new_id
from shared.events.messages import MessagePosted

LONGEST = 4000
MOST_AN_HOUR = 60
"""How many messages one organisation may send within an hour, over all of its exchanges: one a minute, as people type
at their quickest; a program that goes wrong buries nobody."""

WRITTEN_AFTER = timedelta(days=30)
"""How long after its end an exchange may be written in: as long as one may say how it went (domain.md, figures)."""

KEPT_DAYS = 183
"""How many days after its exchange's end a message is kept: six months (domain.md, figures, « retention »)."""


class Message(Base):
    """What `organisation_id` wrote to `reader_id` about one proposal or one taking; plain text.

    `exchange_id` is whichever of the two it is about. `once` names the form or the request that it was sent by, so that
    sent again it is one message.
    """

    __tablename__ = "exchange_messages"
    __table_args__ = (
        UniqueConstraint("organisation_id", "once"),
        Index("ix_exchange_messages_exchange_id_id", "exchange_id", "id"),
        Index("ix_exchange_messages_organisation_id_at", "organisation_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    proposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposals.id"))
    taking_id: Mapped[UUID | None] = mapped_column(ForeignKey("takings.id"))
    exchange_id: Mapped[UUID] = mapped_column(Computed("coalesce(proposal_id, taking_id)", persisted=True))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    reader_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    words: Mapped[str] = mapped_column(String(LONGEST))
    once: Mapped[UUID]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"), index=True)
    at: Mapped[datetime]

    @property
    def about(self) -> UUID:
        """Its exchange, before the database says so as well."""
        about = self.proposal_id or self.taking_id
        if about is None:
            raise ValueError("a message is about a proposal or a taking")
        return about

    def post(self, title: str, *, unread: int) -> MessagePosted:
        """Send it; `unread` is how many its reader has not read, this one included."""
        kind: Literal["need", "flow"] = "need" if self.proposal_id else "flow"
        return MessagePosted(
            version=self.version,
            message_id=self.id,
            exchange_id=self.about,
            organisation_id=self.reader_id,
            about_kind=kind,
            title=title,
            unread=unread,
            at=self.at,
        )


class ReadMark(Base):
    """The last message of an exchange that an organisation has read, whichever of its members did."""

    __tablename__ = "exchange_reads"

    exchange_id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    last_id: Mapped[UUID]
    at: Mapped[datetime]
