"""What an organisation proposes for a need, who is to take part in it, and how both change."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.db import Base, coded, texts
from services.catalog.needs.models import Need
from services.catalog.organisations.models import Organisation
from services.catalog.proposals.errors import (
    NothingProposed,
    ProposalLapsed,
    ProposalSettled,
    TotalTooLarge,
    ValidityInThePast,
    WorkEndsBeforeItStarts,
    WorkOverAlready,
)
from services.catalog.proposals.lines import Line, total_of
from shared.clock import day_of
from shared.database import new_id
from shared.events.proposals import (
    Chosen,
    NotChosen,
    ParticipationAnswered,
    ParticipationAsked,
    ProposalAccepted,
    ProposalAttached,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
)

LONGEST_WORDS = 500
# A billion euros.
MOST_TOTAL_CENTS = 10**11


class ProposalState(StrEnum):
    """Where a proposal stands; one that has lapsed is still made, and may be renewed."""

    MADE = "made"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Commitment(StrEnum):
    """What a supplier says it does for the environment."""

    RECYCLED = "recycled"
    PACKAGING = "packaging"
    TRANSPORT = "transport"
    MEASURED = "measured"


class ParticipationState(StrEnum):
    """What a co-contractor says."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class Content(NamedTuple):
    """What a supplier writes in a proposal."""

    lines: Sequence[Line]
    starts_on: date | None
    ends_on: date | None
    valid_until: date
    commitments: Sequence[Commitment]
    message: str


class Proposal(Base):
    """One organisation's proposal to one need, as its last revision says it; the former ones are in the audit trail.

    `total_cents` is in euros before tax, negative where the supplier pays. `reason` and `words` are the decision's:
    a code of `Chosen` or of `NotChosen`.
    """

    __tablename__ = "proposals"
    __table_args__ = (UniqueConstraint("need_id", "organisation_id"), UniqueConstraint("id", "organisation_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answers.id"), unique=True)
    state: Mapped[ProposalState] = coded(ProposalState)
    version: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)
    line_data: Mapped[list[dict[str, Any]]] = mapped_column("lines")
    total_cents: Mapped[int] = mapped_column(BigInteger)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    valid_until: Mapped[date]
    commitments: Mapped[list[str]] = texts()
    message: Mapped[str] = mapped_column(Text)
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    made_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS), default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    decided_at: Mapped[datetime | None]

    need: Mapped[Need] = relationship(lazy="raise")
    organisation: Mapped[Organisation] = relationship(lazy="raise")
    participations: Mapped[list["Participation"]] = relationship(
        lazy="raise", order_by="Participation.id", back_populates="proposal", cascade="all, delete-orphan"
    )

    @property
    def lines(self) -> list[Line]:
        """What is proposed, line by line."""
        return [Line.model_validate(each) for each in self.line_data]

    @property
    def between(self) -> tuple[UUID, UUID]:
        """Who proposes, and to whom: what the one writes in deciding is for the other alone."""
        return self.organisation_id, self.need.organisation_id

    @property
    def stands(self) -> bool:
        """True while it waits to be chosen, whether or not it has lapsed."""
        return self.state is ProposalState.MADE

    @property
    def is_settled(self) -> bool:
        """True once its need's author has chosen it, or has not."""
        return self.state in (ProposalState.ACCEPTED, ProposalState.REJECTED)

    def has_lapsed(self, today: date) -> bool:
        """True when its supplier is bound by it no more."""
        return self.stands and self.valid_until < today

    def says(self, content: Content) -> bool:
        """True when it says exactly this already."""
        said = (self.lines, self.starts_on, self.ends_on, self.valid_until, list(self.commitments), self.message)
        return self.stands and said == (*content,)

    def refuse_settled(self) -> None:
        """Raise once its need's author has chosen."""
        if self.is_settled:
            raise ProposalSettled

    def write(self, content: Content, at: datetime) -> ProposalMade:
        """Propose this from now on, in a new revision; raises what is wrong with it, and once it is settled."""
        self.refuse_settled()
        if content.valid_until < day_of(at):
            raise ValidityInThePast
        if content.starts_on and content.ends_on and content.ends_on < content.starts_on:
            raise WorkEndsBeforeItStarts
        if content.ends_on and content.ends_on < day_of(at):
            raise WorkOverAlready
        total_cents = total_of(content.lines)
        if abs(total_cents) > MOST_TOTAL_CENTS:
            raise TotalTooLarge
        self.line_data = [line.model_dump(mode="json") for line in content.lines]
        self.total_cents = total_cents
        self.starts_on, self.ends_on, self.valid_until = content.starts_on, content.ends_on, content.valid_until
        self.commitments, self.message = list(content.commitments), content.message
        self.state, self.made_at = ProposalState.MADE, at
        self.revision += 1
        self.version += 1
        return ProposalMade(
            organisation_id=self.need.organisation_id,
            supplier_id=self.organisation_id,
            supplier_name=self.organisation.name,
            revision=self.revision,
            total_cents=self.total_cents,
            valid_until=self.valid_until,
            **self._about(at),
        )

    def attach(self, at: datetime, *, fresh: int) -> ProposalAttached:
        """A file was put beside it; `fresh` is how many came lately, this one included."""
        self.version += 1
        return ProposalAttached(
            organisation_id=self.need.organisation_id,
            supplier_id=self.organisation_id,
            supplier_name=self.organisation.name,
            fresh=fresh,
            **self._about(at),
        )

    def withdraw(self, at: datetime) -> ProposalWithdrawn:
        """Take it back; raises `NothingProposed`, and once it is settled."""
        self.refuse_settled()
        if not self.stands:
            raise NothingProposed
        self.state = ProposalState.WITHDRAWN
        self.version += 1
        return ProposalWithdrawn(
            organisation_id=self.need.organisation_id,
            supplier_id=self.organisation_id,
            supplier_name=self.organisation.name,
            **self._about(at),
        )

    def accept(self, reason: Chosen, words: str, at: datetime) -> ProposalAccepted:
        """Choose it, for good; raises when it cannot be chosen any more."""
        if self.has_lapsed(day_of(at)):
            raise ProposalLapsed
        self._settle(ProposalState.ACCEPTED, reason, words, at)
        return ProposalAccepted(
            organisation_id=self.organisation_id,
            buyer_id=self.need.organisation_id,
            buyer_name=self.need.organisation.name,
            revision=self.revision,
            total_cents=self.total_cents,
            reason=reason,
            **self._about(at),
        )

    def reject(self, reason: NotChosen, words: str, at: datetime) -> ProposalRejected:
        """Choose it not, for good, and say why."""
        self._settle(ProposalState.REJECTED, reason, words, at)
        return ProposalRejected(organisation_id=self.organisation_id, reason=reason, **self._about(at))

    def _settle(self, state: ProposalState, reason: str, words: str, at: datetime) -> None:
        self.refuse_settled()
        if not self.stands:
            raise NothingProposed
        self.state, self.reason, self.words, self.decided_at = state, reason, words, at
        self.version += 1

    def _about(self, at: datetime) -> dict[str, Any]:
        about = {"proposal_id": self.id, "answer_id": self.answer_id, "need_id": self.need_id}
        return {**about, "version": self.version, "title": self.need.title, "at": at}


class Participation(Base):
    """A co-contractor that a proposal names, and whether it takes part; `proposer_id` is whose proposal it is."""

    __tablename__ = "participations"
    __table_args__ = (
        UniqueConstraint("proposal_id", "organisation_id"),
        ForeignKeyConstraint(["proposal_id", "proposer_id"], ["proposals.id", "proposals.organisation_id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    proposal_id: Mapped[UUID]
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id"))
    proposer_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[ParticipationState] = coded(ParticipationState)
    version: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    answered_at: Mapped[datetime | None]

    proposal: Mapped[Proposal] = relationship(lazy="raise", back_populates="participations")
    organisation: Mapped[Organisation] = relationship(lazy="raise", foreign_keys=[organisation_id])

    def ask(self, proposal: Proposal, at: datetime) -> ParticipationAsked:
        """Ask whether it takes part in what the proposal says now, whatever it said of a former revision."""
        self.state, self.asked_at, self.answered_at, self.answered_by = ParticipationState.ASKED, at, None, None
        self.version += 1
        return ParticipationAsked(
            version=self.version,
            participation_id=self.id,
            proposal_id=proposal.id,
            organisation_id=self.organisation_id,
            title=proposal.need.title,
            supplier_id=proposal.organisation_id,
            supplier_name=proposal.organisation.name,
        )

    def answer(self, proposal: Proposal, at: datetime, *, takes_part: bool) -> ParticipationAnswered:
        """Say whether it takes part."""
        self.state = ParticipationState.CONFIRMED if takes_part else ParticipationState.DECLINED
        self.answered_at = at
        self.version += 1
        return ParticipationAnswered(
            version=self.version,
            participation_id=self.id,
            proposal_id=proposal.id,
            organisation_id=self.proposer_id,
            title=proposal.need.title,
            partner_id=self.organisation_id,
            partner_name=self.organisation.name,
            takes_part=takes_part,
        )
