"""What catalog told us of organisations, members and their addresses; `version` guards against older news."""

from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.db import Base


class Organisation(Base):
    """An establishment, by name, and what it comes to do."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    is_suspended: Mapped[bool]
    version: Mapped[int]


class Member(Base):
    """A person's place in an organisation; who left stays as a mark, so that late news cannot bring them back."""

    __tablename__ = "members"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    role: Mapped[str]
    has_left: Mapped[bool]
    version: Mapped[int]


class Contact(Base):
    """How a member is reached: personal data, the last value only; a tombstone leaves an empty row."""

    __tablename__ = "contacts"

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None]
    email_asked: Mapped[str | None]
    name: Mapped[str | None]
    language: Mapped[str]
    version: Mapped[int]
