"""One organisation's public question about a need or a flow, its answer, and how both may change."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.db import Base, coded
from services.catalog.flows.models import Flow, FlowState
from services.catalog.needs.models import Need
from services.catalog.questions.errors import (
    FlowTakesNoQuestions,
    NeedTakesNoQuestions,
    OwnPosting,
    PostingOver,
    QuestionNamesAsker,
    QuestionOver,
    RepliedAlready,
    ReplyNamesAuthor,
    TenderAskedElsewhere,
)
from shared.clock import day_of
from shared.database import new_id
from shared.events.questions import (
    HiddenFor,
    QuestionAnswered,
    QuestionAsked,
    QuestionEvent,
    QuestionHidden,
    QuestionWithdrawn,
)
from shared.vocabulary import fold

LONGEST = 500
# What is asked in a line may take a paragraph to answer.
LONGEST_REPLY = 1000
MOST_WAITING = 3
"""How many questions of one organisation may wait for their answer on one need or flow.

Enough for what one reading raises; an author answers in their own time, and nobody can bury them, or drown what the
others ask.
"""

Told = TypeVar("Told", bound=QuestionEvent)
Posting = Need | Flow


class QuestionState(StrEnum):
    """Where a question stands; only an answered one is public."""

    ASKED = "asked"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    HIDDEN = "hidden"


OVER = (QuestionState.WITHDRAWN, QuestionState.HIDDEN)


class Question(Base):
    """What an organisation asks; `asked_of` is whose need or flow it is about, and one of the two is.

    `replied_at` is when it was first answered, `changed_at` when the answer was last corrected.
    """

    __tablename__ = "questions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    need_id: Mapped[UUID | None] = mapped_column(ForeignKey("needs.id"), index=True)
    flow_id: Mapped[UUID | None] = mapped_column(ForeignKey("flows.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    asked_of: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[QuestionState] = coded(QuestionState)
    version: Mapped[int] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(String(LONGEST))
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    asked_at: Mapped[datetime]
    reply: Mapped[str] = mapped_column(String(LONGEST_REPLY), default="")
    replied_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    replied_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    hidden_for: Mapped[HiddenFor | None] = coded(HiddenFor)

    need: Mapped[Need | None] = relationship(lazy="raise")
    flow: Mapped[Flow | None] = relationship(lazy="raise")

    @property
    def about(self) -> Posting:
        """What it is about."""
        posting = self.need or self.flow
        if posting is None:
            raise ValueError("a question is about a need or a flow")
        return posting

    @property
    def waits(self) -> bool:
        """True while somebody still waits for its answer, and may get one."""
        return self.state is QuestionState.ASKED and not is_over(self.about)

    def is_same(self, words: str) -> bool:
        """True when it asks this already, however it is spaced and written large."""
        return self.state is not QuestionState.WITHDRAWN and _plain(self.words) == _plain(words)

    def ask(self, asker: str, now: datetime) -> QuestionAsked:
        """Put it to the author; raises `QuestionNamesAsker` where its words say the name of who asks."""
        if names(self.words, asker):
            raise QuestionNamesAsker
        self.state, self.asked_at = QuestionState.ASKED, now
        return self._tell(QuestionAsked, now, organisation_id=self.asked_of)

    def answer(self, reply: str, now: datetime) -> QuestionAnswered:
        """Answer it for all to read, or say better what was answered; whom else to tell is the caller's to add."""
        self._refuse_over()
        if is_over(self.about):
            raise PostingOver
        author = self.about.organisation
        if hides_author(self.about) and any(names(reply, each) for each in (author.name, author.legal_entity.name)):
            raise ReplyNamesAuthor
        corrects = self.state is QuestionState.ANSWERED
        self.state, self.reply = QuestionState.ANSWERED, reply
        if corrects:
            self.changed_at = now
        else:
            self.replied_at = now
        return self._tell(QuestionAnswered, now, organisation_id=self.organisation_id, corrected=corrects)

    def withdraw(self, now: datetime) -> QuestionWithdrawn:
        """Take it back, and with it what was written; raises `RepliedAlready`."""
        self._refuse_over()
        if self.state is QuestionState.ANSWERED:
            raise RepliedAlready
        self.state, self.words = QuestionState.WITHDRAWN, ""
        return self._tell(QuestionWithdrawn, now, organisation_id=self.asked_of)

    def hide(self, reason: HiddenFor, now: datetime) -> QuestionHidden:
        """Show it to nobody any more but who asked and who hid it, whatever became of what it is about."""
        self._refuse_over()
        self.state, self.hidden_for = QuestionState.HIDDEN, reason
        return self._tell(QuestionHidden, now, organisation_id=self.organisation_id, reason=reason)

    def _refuse_over(self) -> None:
        if self.state in OVER:
            raise QuestionOver

    def _tell(self, event: type[Told], now: datetime, **said: Any) -> Told:
        about = self.about
        self.version += 1
        return event(
            version=self.version,
            question_id=self.id,
            about_kind="need" if isinstance(about, Need) else "flow",
            about_id=about.id,
            title=about.title,
            deadline_on=about.deadline_on if isinstance(about, Need) else None,
            at=now,
            **said,
        )


def refuse_questions(posting: Posting, now: datetime) -> None:
    """Raise why nobody asks about this need or flow here and now."""
    posting.organisation.may_be_bound()
    if isinstance(posting, Flow):
        if not posting.is_open:
            raise FlowTakesNoQuestions
        return
    if not posting.takes_answers(day_of(now)):
        raise NeedTakesNoQuestions
    if posting.public_tender:
        raise TenderAskedElsewhere


def refuse_own(posting: Posting, legal_entity_id: UUID) -> None:
    """Raise `OwnPosting` where the asker is the author."""
    if posting.organisation.legal_entity_id == legal_entity_id:
        raise OwnPosting


def is_over(posting: Posting) -> bool:
    """True once nobody is looked for any more; a paused flow goes on, and so does a need past its deadline."""
    if isinstance(posting, Need):
        return not posting.is_open
    return posting.state not in (FlowState.PUBLISHED, FlowState.PAUSED)


def hides_author(posting: Posting) -> bool:
    """True where a need hides its author's name from suppliers (domain rule 9)."""
    return isinstance(posting, Need) and posting.author_hidden and not posting.public_tender


def names(text: str, name: str) -> bool:
    """True where a text says a name, however it is spaced and written large, and with accents or without."""
    return re.search(rf"(?<!\w){re.escape(fold(_plain(name)))}(?!\w)", fold(_plain(text))) is not None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
