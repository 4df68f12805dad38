"""Notices and who has read them: a notice is written once for its organisation, each member reads it for themselves."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.db import Base


class Topic(StrEnum):
    """What a notice is about."""

    SOLICITED = "solicited"
    MATCHED = "matched"
    UNMATCHED = "unmatched"
    RETURNED = "returned"
    POSTED_FOR = "posted-for"
    WEBHOOK_FAILING = "webhook-failing"
    WEBHOOK_STOPPED = "webhook-stopped"
    APPLIED = "applied"
    DECIDED = "decided"
    ENDING = "ending"
    CALLED = "called"
    ALLOCATED = "allocated"
    INTERESTED = "interested"
    PROPOSED = "proposed"
    CHOSEN = "chosen"
    TAKES_PART = "takes-part"
    AGREEMENT = "agreement"
    SETTLEMENT = "settlement"
    QUESTIONED = "questioned"
    REPLIED = "replied"
    CLARIFIED = "clarified"
    TAKEN = "taken"
    PICK_UP = "pick-up"
    MESSAGED = "messaged"


class Notice(Base):
    """One thing an organisation (or one of its members) was told.

    `told_for` is what it is told once for: a solicitation, or a demand. `params` are the values its sentences need.
    """

    __tablename__ = "notices"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str]
    organisation_id: Mapped[UUID]
    member_id: Mapped[UUID | None]
    about_id: Mapped[UUID]
    about_kind: Mapped[str]
    told_for: Mapped[UUID]
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("told_for", "organisation_id", "topic"),
        Index(None, "organisation_id", "id"),
    )


class Reading(Base):
    """A member has read a notice."""

    __tablename__ = "readings"

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    read_at: Mapped[datetime]
