"""What catalog publishes about public questions: never who asked to whoever answers, nor the words of either."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from shared.events.event import Event


class HiddenFor(StrEnum):
    """Why a question is shown to nobody any more."""

    ABUSIVE = "abusive"
    NAMES_SOMEONE = "names_someone"


class QuestionEvent(Event):
    """What each of them tells: which question, about which need or flow, and until when that is answered.

    `organisation_id` is who hears of it: whose need or flow it is, or who asked, and no event names both.
    """

    question_id: UUID
    organisation_id: UUID
    about_kind: Literal["need", "flow"]
    about_id: UUID
    title: str
    deadline_on: date | None = None
    at: datetime


class QuestionAsked(QuestionEvent, type="catalog.question.asked.v1", aggregate="question_id"):
    """Somebody asks; the author of the need or flow hears of it, and not from whom."""


class QuestionAnswered(QuestionEvent, type="catalog.question.answered.v1", aggregate="question_id"):
    """The author answered, or corrected what it had answered; whoever asked hears of it.

    `interested` are the others to tell: who said to be interested in the need by then.
    """

    corrected: bool = False
    interested: tuple[UUID, ...] = ()


class QuestionHidden(QuestionEvent, type="catalog.question.hidden.v1", aggregate="question_id"):
    """It is public no more, and nor is its answer; whoever asked hears why."""

    reason: HiddenFor


class QuestionWithdrawn(QuestionEvent, type="catalog.question.withdrawn.v1", aggregate="question_id"):
    """Whoever asked took it back before it was answered: its author has nothing to answer any more."""
