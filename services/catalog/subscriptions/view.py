"""Subscriptions as pages show them: on a flow, in lists, one by one, and in their forms."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from services.catalog.flows.ladder import level_words, levels_of
from services.catalog.flows.models import Flow
from services.catalog.flows.view import hours_words, span_words
from services.catalog.posting.view import quantity_words
from services.catalog.subscriptions.models import State, Subscription, Terms
from services.catalog.takings.rules import TRANSPORTS
from shared.clock import day_of
from shared.database import new_id
from shared.events.facts import plain
from shared.events.takings import Side
from shared.phrases.dealings import SUBSCRIPTION_REFUSALS
from shared.phrases.names import TAKING_TRANSPORTS, named
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

Badge = tuple[str, str, str]

BADGES = {
    State.ASKED: ("Attend une réponse", "brick", "hourglass"),
    State.ACCEPTED: ("En cours", "ok", "check"),
    State.PAUSED: ("En pause", "warn", "circle-pause"),
    State.ENDING: ("Se termine", "warn", "clock"),
    State.REFUSED: ("Refusé", "neutral", "x"),
    State.ENDED: ("Terminé", "neutral", "x"),
}
FIELDS = {
    "quantity_value": "Quantité",
    "percent": "Pourcentage",
    "level": "Traitement",
    "transport": "Transport",
    "from_on": "Premier jour",
    "until_on": "Dernier jour",
    **dict.fromkeys(("slot_after_days", "slot_from", "slot_until"), "Créneau"),
    "carrier_receipt": "Récépissé de transport",
    "words": "Message",
    "reason": "Raison",
    "open_to_all": "Ouvert à tous",
    "call_opens_on": "Premier jour de l'appel",
    "call_closes_on": "Dernier jour de l'appel",
    "criteria": "Critères",
    "fallback_id": "Preneur de secours",
}
ORDER = tuple(FIELDS)
YEAR = timedelta(days=365)


class Line(NamedTuple):
    """A subscription as one line: whose part, how much, for what, when, and where it stands."""

    subscription: Subscription
    other: str
    part: str
    level: str
    days: str
    badge: Badge


def line_of(request: Req, subscription: Subscription, organisation_id: UUID, now: datetime) -> Line:
    """A subscription as one of its two reads it: the other is named."""
    language = visit_of(request).language
    is_taker = subscription.side_of(organisation_id) is Side.TAKER
    return Line(
        subscription=subscription,
        other=(subscription.organisation if is_taker else subscription.taker).name,
        part=part_words(request, subscription),
        level=level_words(subscription.flow, [subscription.level], language),
        days=_days(request, subscription),
        badge=badge_of(request, subscription, now),
    )


def badge_of(request: Req, subscription: Subscription, now: datetime) -> Badge:
    """Where it stands; one whose last day has passed is over, whatever it was."""
    over = subscription.is_over(now) and subscription.state is not State.REFUSED
    words, kind, icon = BADGES[State.ENDED if over else State(subscription.state)]
    return gettext(request, words), kind, icon


def part_words(request: Req, subscription: Subscription) -> str:
    """« 30 % de chaque lot », « 2 t de chaque lot »."""
    say, language = partial(gettext, request), visit_of(request).language
    if subscription.percent is not None:
        return say("{percent} % de chaque lot").format(percent=subscription.percent)
    return say("{quantity} de chaque lot").format(quantity=quantity_words(subscription.quantity, language))


def _days(request: Req, subscription: Subscription) -> str:
    language = visit_of(request).language
    first, last = (i18n.full_day(day, language) for day in (subscription.from_on, subscription.until_on))
    return gettext(request, "du {first} au {last}").format(first=first, last=last)


def facts_of(request: Req, subscription: Subscription) -> list[tuple[str, str, str | None]]:
    """Everything of a subscription that its two organisations read."""
    language, say = visit_of(request).language, partial(gettext, request)
    after = subscription.slot_after_days
    slot = say("le jour du lot") if not after else say("{count} j après le jour du lot").format(count=after)
    opens = subscription.slot_from or subscription.flow.pickup_from
    closes = subscription.slot_until or subscription.flow.pickup_until
    rows = [
        (say("Part"), part_words(request, subscription), None),
        (say("Traitement"), level_words(subscription.flow, [subscription.level], language), None),
        (say("Durée"), _days(request, subscription), None),
        (say("Créneau"), f"{slot}, {span_words(opens, closes, language)}", None),
        (say("Transport"), named(TAKING_TRANSPORTS, subscription.transport, language), None),
        (say("Détenteur"), subscription.organisation.name, None),
        (say("Preneur"), subscription.taker.name, None),
        (say("Récépissé de transport"), subscription.carrier_receipt, None),
        (say("Message"), subscription.words, None),
        (say("Raison"), named(SUBSCRIPTION_REFUSALS, subscription.reason, language) if subscription.reason else "",
         None),
    ]  # fmt: skip
    return [row for row in rows if row[1]]


def call_words(request: Req, terms: Terms | None, now: datetime, *, is_public: bool) -> tuple[str, str]:
    """How one becomes a subscriber of a flow, and what kind of note says so."""
    say, language = partial(gettext, request), visit_of(request).language
    if terms is None or terms.call_opens_on is None or terms.call_closes_on is None:
        if is_public:
            return say("Détenteur public : on s'abonne en répondant à un appel. Aucun n'est annoncé."), ""
        if terms is not None and terms.open_to_all:
            return say("Ouvert à tous : un abonnement demandé ici est accepté aussitôt."), "ok"
        return say("Le détenteur répond à chaque demande, avec une raison s'il refuse."), ""
    days = {
        "opens": i18n.full_day(terms.call_opens_on, language),
        "closes": i18n.full_day(terms.call_closes_on, language),
    }
    if terms.is_under_way(now):
        words = say("Appel ouvert du {opens} au {closes} : toutes les demandes se décident après.")
        return words.format(**days), "ok"
    if terms.is_calling(now):
        return say("L'appel s'ouvre du {opens} au {closes}.").format(**days), ""
    return say("L'appel est clos depuis le {closes}.").format(**days), ""


def choices(request: Req, flow: Flow) -> dict[str, Any]:
    """What the form that asks offers."""
    language = visit_of(request).language
    return {
        "levels": [(level.value, level_words(flow, [level], language)) for level in levels_of(flow)],
        "transports": [(each.value, named(TAKING_TRANSPORTS, each, language)) for each in TRANSPORTS[flow.transport]],
        "hours": hours_words(flow, language),
    }


def begun_with(flow: Flow, now: datetime) -> dict[str, Any]:
    """What an empty form begins with: a year from tomorrow on, the hours of the flow."""
    first = max(day_of(now) + timedelta(days=1), flow.starts_on or day_of(now))
    return {
        "once": str(new_id()),
        "transport": TRANSPORTS[flow.transport][0].value,
        "from_on": first.isoformat(),
        "until_on": min(first + YEAR, flow.ends_on or first + YEAR).isoformat(),
        "slot_after_days": "0",
        "slot_from": f"{flow.pickup_from:%H:%M}",
        "slot_until": f"{flow.pickup_until:%H:%M}",
    }


def typed_terms(terms: Terms | None) -> dict[str, Any]:
    """The form of terms, filled in with what holds."""
    if terms is None:
        return {}
    return {
        "open_to_all": terms.open_to_all,
        "call_opens_on": terms.call_opens_on.isoformat() if terms.call_opens_on else "",
        "call_closes_on": terms.call_closes_on.isoformat() if terms.call_closes_on else "",
        "criteria": terms.criteria,
        "fallback_id": str(terms.fallback_id or ""),
    }


def named_errors(request: Req, errors: Mapping[str, str]) -> list[tuple[str, str]]:
    """The errors of a form with the field that each is about: a summary is read away from them."""
    colon = " : " if visit_of(request).language == "fr" else ": "
    names = {field: gettext(request, name) + colon for field, name in FIELDS.items()}
    return [(field, names.get(field, "") + text) for field, text in errors.items()]


def smallest_of(request: Req, flow: Flow) -> str:
    """The smallest part of a lot, in words; empty where there is none."""
    if flow.minimum_value is None or flow.quantity_unit is None:
        return ""
    number = f"{plain(flow.minimum_value):f}".replace(".", "," if visit_of(request).language == "fr" else ".")
    return f"{number} {flow.quantity_unit}"
