"""One organisation's answer to one need, and how it changes."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.answers.errors import AnswerSettled, NothingToWithdraw, ProposalStands, ReasonMissing
from services.catalog.db import Base, coded
from services.catalog.needs.models import Need
from services.catalog.organisations.models import Organisation
from shared.database import new_id
from shared.events.answers import Answered, AnswerGiven, Declined

LONGEST_NOTE = 500


class AnswerState(StrEnum):
    """Where an answer stands, as its need's author reads them: what asks for something comes first.

    `proposed`, `accepted` and `rejected` follow its proposal.
    """

    ACCEPTED = "accepted"
    PROPOSED = "proposed"
    INTERESTED = "interested"
    DECLINED = "declined"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


SETTLED = (AnswerState.ACCEPTED, AnswerState.REJECTED)
# Whoever proposed is interested, whatever became of it.
WANTS_IT = (AnswerState.INTERESTED, AnswerState.PROPOSED, *SETTLED)


class Answer(Base):
    """What an organisation says to a need; `note` is a few words of its own to the need's author.

    It was given by a member, or by whoever held the letter `letter_id`; `given_at` is when it last changed,
    always later than when it changed before.
    """

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("need_id", "organisation_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[AnswerState] = coded(AnswerState)
    version: Mapped[int] = mapped_column(default=0)
    reason: Mapped[Declined | None] = coded(Declined)
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE), default="")
    given_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    letter_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    given_at: Mapped[datetime]

    need: Mapped[Need] = relationship(lazy="raise")
    organisation: Mapped[Organisation] = relationship(lazy="raise")

    @property
    def stands(self) -> bool:
        """False once it was taken back."""
        return self.state is not AnswerState.WITHDRAWN

    @property
    def is_free(self) -> bool:
        """True while its giver may say something else; from a proposal on, that decides."""
        return self.state is not AnswerState.PROPOSED and self.state not in SETTLED

    def says(self, state: AnswerState, reason: Declined | None, note: str) -> bool:
        """True when it says exactly this already."""
        return (self.state, self.reason, self.note) == (state, reason, note)

    def give(self, state: AnswerState, reason: Declined | None, note: str, now: datetime) -> AnswerGiven:
        """Say this from now on; raises `ReasonMissing` for a no that does not say why, and where a proposal decides."""
        self._refuse_held()
        if state is AnswerState.DECLINED and reason is None:
            raise ReasonMissing
        return self._change(state, reason, note, now)

    def withdraw(self, now: datetime) -> AnswerGiven:
        """Take it back, and with it what was written; raises `NothingToWithdraw`, and where a proposal decides."""
        self._refuse_held()
        if not self.stands:
            raise NothingToWithdraw
        return self._change(AnswerState.WITHDRAWN, None, "", now)

    def follow(self, state: AnswerState, now: datetime) -> datetime:
        """Go where its proposal goes; returns when, for the event of the proposal, which alone tells of it."""
        self._move(state, None, self.note if self.stands else "", now)
        return self.given_at

    def _refuse_held(self) -> None:
        if self.state is AnswerState.PROPOSED:
            raise ProposalStands
        if self.state in SETTLED:
            raise AnswerSettled

    def _move(self, state: AnswerState, reason: Declined | None, note: str, now: datetime) -> None:
        # Readers order answers by this, and no two clocks are the same.
        at = max(now, self.given_at + timedelta(microseconds=1)) if self.version else now
        self.state, self.reason, self.note, self.given_at = state, reason, note, at
        self.version += 1

    def _change(self, state: AnswerState, reason: Declined | None, note: str, now: datetime) -> AnswerGiven:
        before = Answered(self.state) if self.version else None
        self._move(state, reason, note, now)
        return AnswerGiven(
            version=self.version,
            answer_id=self.id,
            need_id=self.need_id,
            organisation_id=self.need.organisation_id,
            title=self.need.title,
            supplier_id=self.organisation_id,
            supplier_name=self.organisation.name,
            answer=Answered(state),
            before=before,
            reason=reason,
            at=self.given_at,
        )
