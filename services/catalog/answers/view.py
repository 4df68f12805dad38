"""Answers as pages show them."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from services.catalog.answers.models import Answer, AnswerState
from services.catalog.answers.queries import Counts
from services.catalog.needs.models import Need
from services.catalog.organisations.places import place_words
from services.catalog.organisations.view import short_kinds, state_badge
from shared.events.answers import Declined
from shared.events.facts import NeedKind
from shared.identity import Identity, Role
from shared.phrases.dealings import DECLINE_REASONS
from shared.phrases.names import named, options
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

Badge = tuple[str, str, str]

BADGES = {
    AnswerState.ACCEPTED: ("Proposition choisie", "ok", "circle-check"),
    AnswerState.PROPOSED: ("Proposition faite", "info", "file-text"),
    AnswerState.REJECTED: ("Proposition non retenue", "neutral", "minus"),
    AnswerState.INTERESTED: ("Intéressés", "ok", "hand-heart"),
    AnswerState.DECLINED: ("Pas pour nous", "neutral", "minus"),
    AnswerState.WITHDRAWN: ("Réponse retirée", "neutral", "undo-2"),
}

# What is said once it is sent.
SENTENCES = {
    AnswerState.INTERESTED: "Réponse envoyée : vous êtes intéressés.",
    AnswerState.DECLINED: "Réponse envoyée. Merci d'avoir dit pourquoi.",
}
# Reasons that one kind of need alone can have.
ONLY_FOR: Mapping[str, NeedKind] = {
    Declined.SERVICE_TYPE: NeedKind.PROCUREMENT,
    Declined.LEVEL: NeedKind.MATERIAL,
}


class OwnLine(NamedTuple):
    """An answer as its own organisation sees it; `author` is empty where the need hides it."""

    answer: Answer
    badge: Badge
    reason: str
    author: str
    place: str
    is_open: bool


class ReceivedLine(NamedTuple):
    """An answer as the need's author sees it; `standing` is how far the supplier was checked."""

    answer: Answer
    reason: str
    place: str
    kinds: list[str]
    standing: Badge


class Answering(NamedTuple):
    """What the page of a need shows of answers: `counts` to its author, `given` and the choice to a supplier.

    `may_propose` where a supplier may put a price to it.
    """

    counts: Counts | None
    given: OwnLine | None
    may_answer: bool
    reasons: list[tuple[str, str]]
    may_propose: bool = False

    @property
    def knows_author(self) -> bool:
        """True where a hidden author has chosen what this supplier proposed."""
        return self.given is not None and self.given.answer.state is AnswerState.ACCEPTED


def may_answer(need: Need, visitor: Identity | None, today: date) -> bool:
    """True for whoever is shown the buttons; the command knows all the rules."""
    is_supplier = (
        visitor is not None and "ess" in visitor.roles and visitor.may(Role.EDITOR) and not visitor.is_suspended
    )
    return is_supplier and need.takes_answers(today) and not need.public_tender


def own_line(request: Req, answer: Answer, today: date) -> OwnLine:
    """One of one's own answers."""
    need, (words, kind, icon) = answer.need, BADGES[AnswerState(answer.state)]
    return OwnLine(
        answer=answer,
        badge=(gettext(request, words), kind, icon),
        reason=reason_words(request, answer),
        author=need.organisation.name if _knows_author(answer) else "",
        place=place_words(need.place),
        is_open=need.takes_answers(today),
    )


def _knows_author(answer: Answer) -> bool:
    need = answer.need
    return answer.state is AnswerState.ACCEPTED or not need.author_hidden or need.public_tender


def received_line(request: Req, answer: Answer) -> ReceivedLine:
    """One of the answers to one's need."""
    return ReceivedLine(
        answer=answer,
        reason=reason_words(request, answer),
        place=place_words(answer.organisation.place),
        kinds=short_kinds(request, answer.organisation),
        standing=state_badge(request, answer.organisation),
    )


def reason_options(request: Req, need: Need) -> list[tuple[str, str]]:
    """Why a need may not be for a supplier, as a form offers it."""
    others = [code for code, kind in ONLY_FOR.items() if kind is not need.kind]
    return [each for each in options(DECLINE_REASONS, visit_of(request).language) if each[0] not in others]


def reason_words(request: Req, answer: Answer) -> str:
    """Why it declined; empty where it did not."""
    return named(DECLINE_REASONS, answer.reason, visit_of(request).language) if answer.reason else ""


def typed_answer(answer: Answer | None) -> dict[str, Any]:
    """What the forms hold of an answer that stands."""
    if answer is None or not answer.stands:
        return {}
    return {"reason": answer.reason or "", "note": answer.note}
