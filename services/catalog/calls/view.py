"""Calls and applications as pages show them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from services.catalog.calls.models import Application, ApplicationState, Call, CallState, Review
from services.catalog.calls.schemas import NUMBERS
from shared.phrases.coordination import CALL_OPEN_TO
from shared.phrases.names import named
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

CALL_BADGES = {
    CallState.DRAFT: ("Brouillon", "neutral", "pencil"),
    CallState.ANNOUNCED: ("Ouvre bientôt", "info", "clock"),
    CallState.OPEN: ("Ouvert", "ok", "circle-check"),
    CallState.CLOSED: ("Clos, en cours d'examen", "warn", "hourglass"),
    CallState.DECIDED: ("Décidé", "neutral", "flag"),
}
APPLICATION_BADGES = {
    ApplicationState.DRAFT: ("Brouillon", "neutral", "pencil"),
    ApplicationState.SUBMITTED: ("Envoyée", "info", "send"),
    ApplicationState.WITHDRAWN: ("Retirée", "neutral", "minus"),
    ApplicationState.RETAINED: ("Retenue", "ok", "circle-check"),
    ApplicationState.NOT_RETAINED: ("Non retenue", "neutral", "circle-slash-2"),
}
Badge = tuple[str, str, str]
Fact = tuple[str, str, str | None]


class CallLine(NamedTuple):
    """A call on a list."""

    call: Call
    badge: Badge
    amount: str
    takes: bool


class ApplicationLine(NamedTuple):
    """An application on a list; `review` is the caller's alone."""

    application: Application
    badge: Badge
    amount: str
    review: Review | None


def standing_of(call: Call, today: date) -> CallState:
    """How far it is today, whether or not a timer has looked."""
    if call.takes_applications(today):
        return CallState.OPEN
    return CallState.CLOSED if call.is_over(today) and call.state is not CallState.DECIDED else CallState(call.state)


def badge_of(request: Req, call: Call, today: date) -> Badge:
    """The words, kind and icon of how far it is."""
    words, kind, icon = CALL_BADGES[standing_of(call, today)]
    return gettext(request, words), kind, icon


def application_badge(request: Req, application: Application) -> Badge:
    """The words, kind and icon of how far it is."""
    words, kind, icon = APPLICATION_BADGES[ApplicationState(application.state)]
    return gettext(request, words), kind, icon


def call_lines(request: Req, calls: Sequence[Call], today: date) -> list[CallLine]:
    """Calls that take applications first, then in the order given."""
    language = visit_of(request).language
    lines = [
        CallLine(
            each,
            badge_of(request, each, today),
            i18n.euros(each.amount_cents, language),
            each.takes_applications(today),
        )
        for each in calls
    ]
    return sorted(lines, key=lambda line: not line.takes)


def application_lines(
    request: Req, applications: Sequence[Application], reviews: dict[Any, Review]
) -> list[ApplicationLine]:
    """Applications, those with the best marks first."""
    language = visit_of(request).language
    lines = [
        ApplicationLine(
            each,
            application_badge(request, each),
            i18n.euros(each.amount_cents, language),
            review if (review := reviews.get(each.id)) and review.is_of(each) else None,
        )
        for each in applications
    ]
    return sorted(lines, key=lambda line: -(line.review.total if line.review else 0))


def facts_of(request: Req, call: Call) -> list[Fact]:
    """Who may apply, for how much, until when."""
    language, say = visit_of(request).language, partial(gettext, request)
    rows: list[Fact] = [
        (say("Pour"), ", ".join(named(CALL_OPEN_TO, role, language) for role in call.open_to), None),
        (say("Enveloppe"), i18n.euros(call.amount_cents, language), None),
        (say("Ouverture"), i18n.day(call.opens_on, language) if call.opens_on else "", None),
        (say("Clôture"), i18n.day(call.closes_on, language) if call.closes_on else "", say("ce jour-là compris")),
        (say("Décision"), i18n.day(call.decides_on, language) if call.decides_on else "", None),
        (say("Publié par"), call.organisation.name, None),
    ]
    return [row for row in rows if row[1]]


def typed_call(call: Call) -> dict[str, Any]:
    """What the form of a call holds."""
    days = {name: getattr(call, name) for name in ("opens_on", "closes_on", "decides_on")}
    return {
        **{name: getattr(call, name) for name in ("title", "purpose", "who", "open_to")},
        **{name: day.isoformat() if day else "" for name, day in days.items()},
        "amount_euros": _plain(call.amount_cents),
        "criteria_lines": "\n".join(call.criteria),
    }


def typed_application(application: Application | None) -> dict[str, Any]:
    """What the form of an application holds."""
    if application is None:
        return {}
    answers = dict(zip((f"answer_{number}" for number in NUMBERS), application.answers, strict=False))
    return {"title": application.title, "amount_euros": _plain(application.amount_cents), **answers}


def typed_review(review: Review | None) -> dict[str, Any]:
    """What the form of a review holds."""
    if review is None:
        return {}
    marks = dict(zip((f"mark_{number}" for number in NUMBERS), review.marks, strict=False))
    decision = "" if review.retained is None else "yes" if review.retained else "no"
    return {**marks, "retained": decision, "words": review.words}


def _plain(cents: int | None) -> str:
    return "" if cents is None else f"{Decimal(cents) / 100:f}".removesuffix(".00").replace(".", ",")
