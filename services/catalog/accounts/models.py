"""A person's account, the organisations they act for, their sessions, links and second proofs."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base, coded
from shared.database import new_id
from shared.events.catalog import LinkPurpose, MemberChanged, MemberJoined, MemberLeft
from shared.events.contacts import MemberContact
from shared.identity import Role

# ASVS 7.3: a session ends unused after two weeks, and after thirty days whatever happens.
IDLE_LIFE = timedelta(days=14)
LIFE = timedelta(days=30)


class Account(Base):
    """One person: personal data lives here and in the contacts stream, nowhere else."""

    __tablename__ = "accounts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    # Set once a letter to the address was answered; `email_asked` waits for such an answer to take its place.
    email_confirmed_at: Mapped[datetime | None]
    email_asked: Mapped[str | None] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2), default="fr")
    created_at: Mapped[datetime]
    # From then on nothing above says who it was; the row stays for what points at it.
    erased_at: Mapped[datetime | None]

    __table_args__ = (Index("uq_accounts_email_lower", func.lower(email), unique=True),)


class Member(Base):
    """A person acting for an organisation."""

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("account_id", "organisation_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[Role] = coded(Role, default=Role.OWNER)
    version: Mapped[int] = mapped_column(default=0)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    # When the person last acted for it: of several organisations, the one they come back to.
    seen_at: Mapped[datetime | None]

    def joined(self, account: Account) -> tuple[MemberJoined, MemberContact]:
        """The events of joining: who may act, and (on its own stream) how they are reached."""
        self.version += 1
        joined = MemberJoined(
            version=self.version, member_id=self.id, organisation_id=self.organisation_id, role=self.role
        )
        return joined, self._contact(account)

    def joined_again(self, account: Account, role: Role, now: datetime) -> tuple[MemberJoined, MemberContact]:
        """The same events for somebody who had left: versions go on, so that nothing older brings the past back."""
        self.role, self.joined_at, self.left_at = role, now, None
        return self.joined(account)

    def take_role(self, role: Role) -> MemberChanged:
        """May do something else from now on."""
        self.role, self.version = role, self.version + 1
        return MemberChanged(
            version=self.version, member_id=self.id, organisation_id=self.organisation_id, role=self.role
        )

    def leave(self, now: datetime) -> tuple[MemberLeft, MemberContact]:
        """The events of leaving: who may not act any more, and that they are not to be reached here."""
        self.left_at, self.version = now, self.version + 1
        left = MemberLeft(version=self.version, member_id=self.id, organisation_id=self.organisation_id, role=self.role)
        erased = MemberContact(
            version=self.version, member_id=self.id, organisation_id=self.organisation_id, email=None, name=None
        )
        return left, erased

    def reached_anew(self, account: Account) -> MemberContact:
        """The event of a change in how they are reached."""
        self.version += 1
        return self._contact(account)

    def _contact(self, account: Account) -> MemberContact:
        return MemberContact(
            version=self.version,
            member_id=self.id,
            organisation_id=self.organisation_id,
            email=account.email,
            name=account.name,
            language=account.language,
            email_asked=account.email_asked,
        )


class Session(Base):
    """A signed-in browser: the cookie holds the secret, the table its hash."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    # What the browser said of itself, for the list of sessions.
    user_agent: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    # What the provider through which it was opened is shown at its end; sealed, see `vault`.
    id_token: Mapped[str | None] = mapped_column(Text)


class WrongPassword(Base):
    """One wrong password for an address (as a hash): counted across processes."""

    __tablename__ = "wrong_passwords"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email_hash: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    at: Mapped[datetime]


class Link(Base):
    """A link that was sent in a letter: its secret is made from its id, and stored nowhere.

    Without an account nobody had the address: such a row is made all the same, so that both cases take as long.
    `browser_hash` is of the mark of the browser that asked, for links that open something only there.
    """

    __tablename__ = "links"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[LinkPurpose] = coded(LinkPurpose)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    email_hash: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    browser_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class FactorKind(StrEnum):
    """What a second proof is made with."""

    APP = "app"
    PASSKEY = "passkey"


class Factor(Base):
    """A second proof of who somebody is; it counts once it has proved itself (`confirmed_at`).

    `secret` is an app's (sealed, see `vault`), or the challenge that a passkey being added is to sign. `last_step` is
    the last code of an app that was used, so that no code is good twice.
    """

    __tablename__ = "factors"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    kind: Mapped[FactorKind] = coded(FactorKind)
    secret: Mapped[str] = mapped_column(Text)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    credential_id: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of the codes for who has lost everything else."""

    __tablename__ = "recovery_codes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None]


class Halfway(Base):
    """Somebody who has shown the first proof and not yet the second: the cookie holds the secret, the table its hash.

    `challenge` is what a passkey is to sign.
    """

    __tablename__ = "halfway"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    target: Mapped[str] = mapped_column(Text)
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    # For the session to come.
    id_token: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LinkedIdentity(Base):
    """One identity of one provider, known by its subject alone: addresses and names change hands over there."""

    __tablename__ = "linked_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("account_id", "issuer"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    linked_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
