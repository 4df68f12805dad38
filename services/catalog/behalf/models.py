"""The consent with which somebody posted in an organisation's place."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base, coded
from services.catalog.followups.models import Means
from shared.database import new_id

LONGEST_WORDS = 500


class Consent(Base):
    """What was agreed about one need, flow or offer (`about`), how and when; never changed."""

    __tablename__ = "consents"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    about: Mapped[UUID] = mapped_column(unique=True)
    means: Mapped[Means] = coded(Means)
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    given_on: Mapped[date]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    noted_at: Mapped[datetime]
