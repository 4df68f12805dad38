"""Public questions as pages show them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.catalog.needs.models import Need
from services.catalog.questions.models import (
    MOST_WAITING,
    Posting,
    Question,
    QuestionState,
    hides_author,
    is_over,
    refuse_questions,
)
from shared.identity import Identity, Role
from shared.phrases.dealings import HIDING_REASONS
from shared.phrases.names import named, options
from shared.refusal import Refusal
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

Badge = tuple[str, str, str]

BADGES: Mapping[str, Badge] = {
    "waits": ("Attend sa réponse", "warn", "hourglass"),
    "never": ("Sans réponse", "neutral", "minus"),
    "hidden": ("Masquée", "neutral", "circle-slash-2"),
}
# What is said once it is sent: what was asked before comes back as it is.
SENTENCES = {
    QuestionState.ASKED: "Question envoyée : l'auteur en est prévenu, et vous le serez de sa réponse.",
    QuestionState.ANSWERED: "Votre structure a déjà posé cette question : la voici.",
    QuestionState.HIDDEN: "Votre structure a déjà posé cette question, et elle a été masquée.",
}


class QuestionLine(NamedTuple):
    """A question as one reader sees it; `speaker` answers, `hidden_for` says why it is shown to nobody else.

    `badge` is none once it is answered: the answer stands there.
    """

    question: Question
    path: str
    title: str
    badge: Badge | None
    speaker: str
    hidden_for: str
    is_own: bool
    may_reply: bool
    may_hide: bool
    may_withdraw: bool


class Asking(NamedTuple):
    """What a need's or a flow's page says to whoever would ask: the form, or why there is none.

    `waiting` are the reader's own questions there without an answer.
    """

    may: bool
    is_author: bool
    takes: bool
    is_tender: bool
    waiting: int
    is_full: bool


def path_of(posting: Posting) -> str:
    """Where a need or a flow has its page."""
    return f"/{'needs' if isinstance(posting, Need) else 'flows'}/{posting.id}"


def question_lines(request: Req, questions: Sequence[Question], reader: Identity | None) -> list[QuestionLine]:
    """Questions as one reader sees them."""
    return [question_line(request, each, reader) for each in questions]


def question_line(request: Req, question: Question, reader: Identity | None) -> QuestionLine:
    """One of them."""
    own, language = reader.organisation_id if reader else None, visit_of(request).language
    writes = reader is not None and reader.may(Role.EDITOR)
    is_own, is_asked = question.organisation_id == own, question.asked_of == own
    state, about = question.state, question.about
    badge = _badge(question)
    stands = state in (QuestionState.ASKED, QuestionState.ANSWERED)
    return QuestionLine(
        question=question,
        path=path_of(about),
        title=about.title,
        badge=(gettext(request, badge[0]), badge[1], badge[2]) if badge else None,
        speaker=speaker_of(request, about, is_author=is_asked),
        hidden_for=named(HIDING_REASONS, question.hidden_for, language) if question.hidden_for else "",
        is_own=is_own,
        may_reply=writes and is_asked and stands and not is_over(about),
        may_hide=writes and is_asked and stands,
        may_withdraw=writes and is_own and state is QuestionState.ASKED,
    )


def speaker_of(request: Req, posting: Posting, *, is_author: bool) -> str:
    """Who answers, as readers may know it: never by name where a need hides its author."""
    if hides_author(posting) and not is_author:
        return gettext(request, "L'auteur du besoin")
    return posting.organisation.name


def asking_of(posting: Posting, reader: Identity | None, own: Sequence[Question], now: datetime) -> Asking:
    """Whether a reader may ask here; `own` is what its organisation asked there. The command knows all the rules."""
    is_author = reader is not None and reader.organisation_id == posting.organisation_id
    try:
        refuse_questions(posting, now)
        takes = True
    except Refusal:
        takes = False
    waiting = sum(each.state is QuestionState.ASKED for each in own)
    return Asking(
        may=takes and reader is not None and not is_author and reader.may(Role.EDITOR) and waiting < MOST_WAITING,
        is_author=is_author,
        takes=takes,
        is_tender=isinstance(posting, Need) and posting.public_tender,
        waiting=waiting,
        is_full=takes and waiting >= MOST_WAITING,
    )


def hiding_options(request: Req) -> list[tuple[str, str]]:
    """Why a question may be hidden, as a form offers it."""
    return options(HIDING_REASONS, visit_of(request).language)


def _badge(question: Question) -> Badge | None:
    if question.state is QuestionState.HIDDEN:
        return BADGES["hidden"]
    if question.state is QuestionState.ASKED:
        return BADGES["waits" if question.waits else "never"]
    return None
