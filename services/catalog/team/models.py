"""An invitation: somebody who is no member yet, at an address that is kept as long as it may be answered."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.accounts.models import Link
from services.catalog.db import Base, coded
from shared.database import new_id
from shared.events.catalog import LinkRequested
from shared.events.contacts import MemberContact
from shared.identity import Role


class InvitationState(StrEnum):
    """What became of an invitation."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Invitation(Base):
    """Somebody is asked to join an organisation; `link_id` is the link of the letter that was sent last.

    `email` is forgotten when it ends.
    """

    __tablename__ = "invitations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    email: Mapped[str | None] = mapped_column(Text)
    role: Mapped[Role] = coded(Role)
    language: Mapped[str] = mapped_column(Text)
    state: Mapped[InvitationState] = coded(InvitationState, default=InvitationState.PENDING)
    version: Mapped[int] = mapped_column(default=0)
    link_id: Mapped[UUID] = mapped_column(unique=True)
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_invitations_pending",
            organisation_id,
            func.lower(email),
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
    )

    def send(self, link: Link) -> tuple[MemberContact, LinkRequested]:
        """The events of a letter with this link: where to, on the contacts' own stream, and that it is to leave.

        Whoever is invited is no member: the invitation's id stands for them in both, until they are one.
        """
        self.link_id, self.expires_at = link.id, link.expires_at
        requested = LinkRequested(
            version=1,
            link_id=link.id,
            member_id=self.id,
            organisation_id=self.organisation_id,
            purpose=link.purpose.value,
            language=self.language,
            expires_at=link.expires_at,
        )
        return self._contact(), requested

    def end(self, state: InvitationState, now: datetime) -> MemberContact:
        """The event that erases the address, which nobody needs any more."""
        self.state, self.ended_at, self.email = state, now, None
        return self._contact()

    def _contact(self) -> MemberContact:
        self.version += 1
        return MemberContact(
            version=self.version,
            member_id=self.id,
            organisation_id=self.organisation_id,
            email=self.email,
            name=None,
            language=self.language,
        )
