"""A place of an organisation where things are picked up or worked on, with the permits that hold there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base, Placed
from shared.database import new_id
from shared.events.facts import Permit


class Site(Placed, Base):
    """One site; a permit belongs to a site, since the law gives it to an installation."""

    __tablename__ = "sites"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    access: Mapped[str] = mapped_column(Text, default="", server_default="")
    hours: Mapped[str] = mapped_column(String(200), default="", server_default="")
    # Shown on the organisation's own page to all; otherwise only those who come to it learn of it.
    is_public: Mapped[bool] = mapped_column(default=False, server_default="false")
    permit_data: Mapped[list[dict[str, Any]]] = mapped_column("permits", JSONB, default=list, server_default="[]")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def permits(self) -> list[Permit]:
        """What its organisation declared for it."""
        return [Permit.model_validate(each) for each in self.permit_data or ()]

    @permits.setter
    def permits(self, permits: Sequence[Permit]) -> None:
        self.permit_data = [permit.model_dump(mode="json", exclude_none=True) for permit in permits]
