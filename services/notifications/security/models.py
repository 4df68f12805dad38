"""A letter to one person about how they sign in: no notice lies in the inbox of their organisation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.db import Base


class SecurityLetter(Base):
    """What is to be said; the address and the secret of its link are looked up when it leaves.

    `language` is the one they asked in, None for the one they read; after `expires_at` it would say nothing any more.
    """

    __tablename__ = "security_letters"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str]
    params: Mapped[dict[str, Any]]
    language: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
