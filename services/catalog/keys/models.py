"""A key: its hash, what it is for, and until when."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.accounts.models import Member
from services.catalog.db import Base
from shared.database import new_id
from shared.identity import Role
from shared.identity.identity import RANK


class Scope(StrEnum):
    """What a key may do: read, write everything, or write one kind of thing."""

    READ = "read"
    WRITE = "write"
    NEEDS = "needs"
    OFFERS = "offers"
    FLOWS = "flows"


NOUNS = frozenset({Scope.NEEDS, Scope.OFFERS, Scope.FLOWS})


class ApiKey(Base):
    """A key of an organisation, made by one of its members, for whom it stands; the secret is stored as a hash only.

    Its id also stands where a session's does: in tokens, and in the event that ends them before their time.
    """

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    def is_alive(self, maker: Member, *, now: datetime) -> bool:
        """True while it opens something: its maker is there and may still do what it may."""
        stands = maker.left_at is None and RANK[maker.role] >= RANK[role_of(self.scopes)]
        return stands and self.revoked_at is None and self.expires_at > now


def role_of(scopes: Collection[str], noun: str | None = None) -> Role:
    """As what a key acts, never as an owner: on one noun of the interface, or (without) on whichever it may most.

    A key that writes one kind of thing only looks at the others.
    """
    writing = {Scope.WRITE, *NOUNS} if noun is None else {Scope.WRITE, noun}
    return Role.EDITOR if writing & set(scopes) - {Scope.READ} else Role.VIEWER
