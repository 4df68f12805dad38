"""The audit log: ids and business facts only, no personal data."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base
from shared.database import new_id


class AuditLine(Base):
    """One thing somebody did."""

    __tablename__ = "audit"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    member_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(Text)
    about: Mapped[UUID | None] = mapped_column(index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
