"""A claim: somebody asks to act for an organisation that is there already, and has shown nothing yet."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.accounts.models import Link
from services.catalog.claims.errors import ClaimOver, NotAskedOfTheTeam, TooSoonForTheTerritory
from services.catalog.db import Base, coded, texts
from services.catalog.organisations.proof import Proof
from shared.database import new_id
from shared.events.catalog import LinkRequested
from shared.events.contacts import MemberContact

# How long the team has before the claimant may turn to the territory.
TEAM_ANSWERS = timedelta(days=7)
# When the team is asked once more.
REMIND_AFTER = timedelta(days=3)
# When whoever may answer hears of it for the last time: owners, or coordinators once it is theirs.
PRESS_AFTER = timedelta(days=7)
# When a claim that nobody answers closes by itself.
LAPSE_AFTER = timedelta(days=30)
CODE_LIFE = timedelta(days=30)
CODE_TRIES = 5


class Way(StrEnum):
    """Who answers: nobody acts for the organisation (a proof does, or the territory), or its team."""

    PROOF = "proof"
    TEAM = "team"


class ClaimState(StrEnum):
    """What became of a claim."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    # Nobody answered in time: no refusal, and no reason not to ask again.
    LAPSED = "lapsed"


class Claim(Base):
    """One person asks to act for one organisation; `email` and `words` are forgotten when the person is erased.

    `told_at` is when the team heard of it, `turned_at` when the claimant turned to the territory instead; `reminded_at`
    and `pressed_at` are when whoever answers heard of it once more, after three days and after seven. `email` is
    the address at the organisation's own domain where the letter with the link `link_id` went; `code_id` is the letter
    on paper whose code is asked for.
    """

    __tablename__ = "claims"
    __table_args__ = (
        Index(
            "uq_claims_pending",
            "account_id",
            "organisation_id",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    way: Mapped[Way] = coded(Way)
    state: Mapped[ClaimState] = coded(ClaimState, default=ClaimState.PENDING)
    # What the claimant comes for; joins what the organisation comes for already.
    roles: Mapped[list[str]] = texts()
    words: Mapped[str] = mapped_column(Text, default="")
    # What whoever refused said, passed on as it is.
    reply: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=0)
    email: Mapped[str | None] = mapped_column(Text)
    link_id: Mapped[UUID | None] = mapped_column(unique=True)
    letters: Mapped[int] = mapped_column(default=0)
    code_id: Mapped[UUID | None]
    code_until: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    pressed_at: Mapped[datetime | None]
    turned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    proof: Mapped[Proof | None] = coded(Proof)

    @property
    def is_pending(self) -> bool:
        """True until it was answered or taken back."""
        return self.state is ClaimState.PENDING

    @property
    def is_for_the_territory(self) -> bool:
        """True when a coordinator may answer it: nobody else could, or the claimant turned to them."""
        return self.is_pending and (self.way is Way.PROOF or self.turned_at is not None)

    def must_be_pending(self) -> None:
        """Raise `ClaimOver` for one that has its answer."""
        if not self.is_pending:
            raise ClaimOver

    def turns_at(self) -> datetime | None:
        """From when on the claimant may turn to the territory; None when the team has not heard of it yet."""
        return self.told_at + TEAM_ANSWERS if self.way is Way.TEAM and self.told_at else None

    def turn(self, now: datetime) -> None:
        """Turn to the territory; raises `TooSoonForTheTerritory` while the team may still answer."""
        self.must_be_pending()
        if self.way is not Way.TEAM:
            raise NotAskedOfTheTeam
        since = self.turns_at()
        if since is None or since > now:
            raise TooSoonForTheTerritory
        if self.turned_at is None:
            # Others answer from now on, with the same time to do so.
            self.turned_at, self.pressed_at = now, None
        self.version += 1

    def lapses_at(self, sent_at: datetime | None = None) -> datetime:
        """When it closes unanswered: thirty days after the last that was done for it, `sent_at` for a document.

        Never while the code of a letter on paper may still be typed.
        """
        done = [at for at in (self.created_at, self.told_at, self.turned_at, sent_at) if at is not None]
        return max(max(done) + LAPSE_AFTER, self.code_until or self.created_at)

    def ask_the_team(self) -> None:
        """Somebody else was faster: from now on the claim is a request to join them."""
        self.way, self.told_at, self.code_id = Way.TEAM, None, None
        self.reminded_at, self.pressed_at = None, None
        self.version += 1

    def print_letter(self, now: datetime) -> None:
        """A new letter on paper with a code of its own; the one before opens nothing any more."""
        self.must_be_pending()
        self.code_id, self.code_until, self.code_tries = new_id(), now + CODE_LIFE, 0
        self.version += 1

    def write_to(self, email: str, link: Link, language: str) -> tuple[MemberContact, LinkRequested]:
        """The events of a letter to an address of the organisation's own; the claim's id stands for its reader."""
        self.email, self.link_id, self.letters = email, link.id, self.letters + 1
        requested = LinkRequested(
            version=1,
            link_id=link.id,
            member_id=self.id,
            organisation_id=self.organisation_id,
            purpose=link.purpose.value,
            language=language,
            expires_at=link.expires_at,
        )
        return self.reached(language), requested

    def end(self, state: ClaimState, now: datetime, *, by: UUID | None = None, proof: Proof | None = None) -> None:
        """Give it its answer; nothing sent before opens anything any more."""
        self.must_be_pending()
        self.state, self.ended_at, self.ended_by, self.proof = state, now, by, proof
        self.code_id, self.email = None, None
        self.version += 1

    def reached(self, language: str = "fr") -> MemberContact:
        """The event of where its letter goes; without an address, that nobody is written to any more."""
        self.version += 1
        return MemberContact(
            version=self.version,
            member_id=self.id,
            organisation_id=self.organisation_id,
            email=self.email,
            name=None,
            language=language,
        )
