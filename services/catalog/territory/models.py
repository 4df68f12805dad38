"""One look of a coordinator at an organisation: what they found, by what proof, and when."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base, coded
from services.catalog.organisations.proof import Proof
from shared.database import new_id


class Finding(StrEnum):
    """What a look ended with."""

    VERIFIED = "verified"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"


class OrganisationCheck(Base):
    """A line of an organisation's history of checks; never changed, a later one counts."""

    __tablename__ = "organisation_checks"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    finding: Mapped[Finding] = coded(Finding)
    proof: Mapped[Proof | None] = coded(Proof)
    # To the organisation, when it is refused or suspended; to colleagues otherwise.
    words: Mapped[str] = mapped_column(Text, default="")
    checked_by: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    checked_at: Mapped[datetime]
