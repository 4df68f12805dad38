"""What answering asks, and answers as JSON."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Struct
from pydantic import Field, StringConstraints

from services.catalog.answers.models import LONGEST_NOTE, Answer, AnswerState
from shared.events.answers import Declined
from shared.web.asked import Asked

Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTE),
    Field(description="A few words to the need's author; who gives them reads them, too."),
]


class Interested(Asked):
    """Interested, with a few words if wanted."""

    note: Note = ""


class NotForUs(Asked):
    """Not for this organisation, and why."""

    reason: Declined | None = None
    note: Note = ""


class Reply(NotForUs):
    """Either of them; the reason is asked of who declines."""

    answer: Literal["interested", "declined"]

    @property
    def state(self) -> AnswerState:
        """Where the answer then stands."""
        return AnswerState(self.answer)

    @property
    def why(self) -> Declined | None:
        """The reason of who declines; whoever is interested has none."""
        return self.reason if self.state is AnswerState.DECLINED else None


class ReplyTo(Reply):
    """The same, by a program: to which need."""

    need_id: UUID


class LetterHeld(Asked):
    """What the address of a letter's link says: which need, to whom it was written, and its secret."""

    need: UUID
    reader: UUID
    key: Annotated[str, StringConstraints(max_length=100)]


class AnswerOut(Struct, frozen=True):
    """An answer as who gave it and who received it read it; `supplier` is who gave it."""

    id: UUID
    version: int
    need_id: UUID
    supplier_id: UUID
    supplier_name: str
    answer: str
    reason: str | None
    note: str
    is_by_letter: bool
    given_at: datetime

    @classmethod
    def of(cls, answer: Answer) -> "AnswerOut":
        """The JSON of an answer whose organisation is loaded."""
        return cls(
            id=answer.id,
            version=answer.version,
            need_id=answer.need_id,
            supplier_id=answer.organisation_id,
            supplier_name=answer.organisation.name,
            answer=answer.state,
            reason=answer.reason,
            note=answer.note,
            is_by_letter=answer.letter_id is not None,
            given_at=answer.given_at,
        )


class Answers(Struct, frozen=True):
    """One page of answers, the newest first; `next` is the cursor of the following one."""

    items: list[AnswerOut]
    next: str | None
