"""What asking and answering in public ask, and answer as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Struct
from pydantic import Field, StringConstraints, model_validator

from services.catalog.questions.models import LONGEST, LONGEST_REPLY, Question, hides_author
from shared.events.questions import HiddenFor
from shared.web.asked import Asked

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST),
    Field(description="Public once it is answered, without who asks.", examples=["Is there a lift?"]),
]
Reply = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_REPLY),
    Field(description="Public at once, with the question.", examples=["Yes, for two pallets."]),
]


class Asking(Asked):
    """One question."""

    words: Words


class AskingAbout(Asking):
    """The same, by a program: about which need or which flow."""

    need_id: UUID | None = None
    flow_id: UUID | None = None

    @model_validator(mode="after")
    def _about_one(self) -> "AskingAbout":
        if (self.need_id is None) is (self.flow_id is None):
            raise ValueError("Dites sur quel besoin, ou sur quel gisement.")
        return self


class Replying(Asked):
    """Its answer."""

    reply: Reply


class Hiding(Asked):
    """Why it is to be shown to nobody any more."""

    reason: HiddenFor


class QuestionOut(Struct, frozen=True):
    """A question as its reader may know it; `author` who answers, none where the need hides them.

    Nobody reads who asked; `is_own` says that it is one's own organisation's.
    """

    id: UUID
    version: int
    need_id: UUID | None
    flow_id: UUID | None
    state: str
    is_own: bool
    words: str
    asked_at: datetime
    reply: str
    author: str | None
    replied_at: datetime | None
    changed_at: datetime | None
    hidden_for: str | None

    @classmethod
    def of(cls, question: Question, reader: UUID | None) -> "QuestionOut":
        """The JSON of a question, as an organisation or nobody reads it."""
        about = question.about
        return cls(
            id=question.id,
            version=question.version,
            need_id=question.need_id,
            flow_id=question.flow_id,
            state=question.state,
            is_own=question.organisation_id == reader,
            words=question.words,
            asked_at=question.asked_at,
            reply=question.reply,
            author=None if hides_author(about) else about.organisation.name,
            replied_at=question.replied_at,
            changed_at=question.changed_at,
            hidden_for=question.hidden_for,
        )


class Questions(Struct, frozen=True):
    """One page of questions, the newest first; `next` is the cursor of the following one."""

    items: list[QuestionOut]
    next: str | None


class PublicQuestions(Struct, frozen=True):
    """The questions about one need or flow; `waiting` counts those without an answer, which only few may read."""

    items: list[QuestionOut]
    next: str | None
    waiting: int
