"""The consent with which somebody posted in an organisation's place."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.db import Base, coded
from services.catalog.organisations.models import Organisation
from shared.database import new_id

LONGEST_WORDS = 500


class Means(StrEnum):
    """How somebody was to be reached."""

    PHONE = "phone"
    EMAIL = "email"
    VISIT = "visit"
    MEETING = "meeting"


class Consent(Base):
    """What was agreed about one need, flow or offer (`about`), how and when; never changed.

    `noted_for` is the organisation of who noted it, whose name others may read; None for who left before it was kept.
    """

    __tablename__ = "consents"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    about: Mapped[UUID] = mapped_column(unique=True)
    means: Mapped[Means] = coded(Means)
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    given_on: Mapped[date]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    noted_for: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    noted_at: Mapped[datetime]
    noting: Mapped[Organisation | None] = relationship(foreign_keys=noted_for, lazy="raise")
