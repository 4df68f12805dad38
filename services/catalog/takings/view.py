"""Takings as pages show them: on a flow's lots, in lists, one by one, and in their forms."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from services.catalog.flows.ladder import is_on_food_ladder, ladder_of_flow, level_words, levels_of
from services.catalog.flows.lot import Lot
from services.catalog.flows.models import Flow
from services.catalog.flows.recurrence import at
from services.catalog.flows.view import amount_of, hours_words
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.view import state_badge
from services.catalog.posting.view import quantity_words
from services.catalog.takings.figures import Figure
from services.catalog.takings.food import is_for_people
from services.catalog.takings.models import State, Taking
from services.catalog.takings.papers import Papers
from services.catalog.takings.priority import Step, steps
from services.catalog.takings.rules import TRANSPORTS, life_of, minimum_of, pick_up_days
from shared.clock import day_of
from shared.database import new_id
from shared.events.facts import Level, Quantity, plain
from shared.events.takings import Side
from shared.identity import Identity, Role
from shared.phrases.dealings import BASES, CANCEL_REASONS
from shared.phrases.names import ELIGIBILITIES, PERMITS, SHORT_DATED, TAKING_TRANSPORTS, named
from shared.vocabulary import is_kept_cold
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

Badge = tuple[str, str, str]

BADGES = {
    State.HELD: ("En option", "brick", "hourglass"),
    State.MADE: ("À venir", "ok", "check"),
    State.DISPUTED: ("Chiffres à accorder", "warn", "triangle-alert"),
    State.CONFIRMED: ("Enlevé", "ok", "check"),
    State.CANCELLED: ("Annulé", "neutral", "x"),
    State.MISSED: ("Manqué", "warn", "triangle-alert"),
    State.RELEASED: ("Option relâchée", "neutral", "undo-2"),
    State.EXPIRED: ("Option passée", "neutral", "x"),
}
# What a form's fields are called where an error names them; what papers lack says so itself.
FIELDS = {
    "quantity_value": "Quantité",
    "level": "Traitement",
    "transport": "Transport",
    **dict.fromkeys(("slot_on", "slot_from", "slot_until"), "Créneau"),
    "carrier_receipt": "Récépissé de transport",
    "tracking_slip": "Bordereau de suivi",
    "reason": "Raison",
}

PAPERS = {**PERMITS, SHORT_DATED: ELIGIBILITIES[SHORT_DATED]}

Rung = tuple[str, str, bool]


class TakingLine(NamedTuple):
    """A taking as one line: whose part, how much, for what, when, and where it stands."""

    taking: Taking
    other: str
    quantity: str
    level: str
    when: str
    exact: str
    badge: Badge


class OnLot(NamedTuple):
    """What a flow's page shows below one of its lots: who goes first, what is taken that one may see, the buttons."""

    turns: list[Rung]
    lines: list[TakingLine]
    may_take: bool


def line_of(request: Req, taking: Taking, organisation_id: UUID, now: datetime) -> TakingLine:
    """A taking as one of its two reads it: the other is named."""
    language = visit_of(request).language
    is_taker = taking.side_of(organisation_id) is Side.TAKER
    when, exact = when_words(request, taking, now)
    return TakingLine(
        taking=taking,
        other=(taking.organisation if is_taker else taking.taker).name,
        quantity=quantity_words(taking.quantity, language),
        level=level_words(taking.flow, [taking.level], language),
        when=when,
        exact=exact,
        badge=badge_of(request, taking, now),
    )


def badge_of(request: Req, taking: Taking, now: datetime) -> Badge:
    """Where it stands; of one whose slot is over nobody has said yet whether somebody came."""
    if taking.is_overdue(now):
        return gettext(request, "Créneau passé"), "warn", "clock"
    words, kind, icon = BADGES[State(taking.state)]
    return gettext(request, words), kind, icon


def when_words(request: Req, taking: Taking, now: datetime) -> tuple[str, str]:
    """When it is picked up, or until when it is kept, in words and exactly; empty where neither was ever said."""
    language, say = visit_of(request).language, partial(gettext, request)
    if taking.slot_from is not None and taking.slot_until is not None:
        hours = f"{i18n.clock(taking.slot_from, language)} – {i18n.clock(taking.slot_until, language)}"
        return f"{i18n.day(taking.slot_from, language, now=now)}, {hours}", i18n.exact(taking.slot_from)
    if taking.held_until is not None:
        until = i18n.moment(taking.held_until, language, now=now)
        return say("gardé jusqu'à : {moment}").format(moment=until), i18n.exact(taking.held_until)
    return "", ""


def turns_of(request: Req, flow: Flow, lot: Lot, now: datetime) -> list[Rung]:
    """Who goes first and until when, while somebody still waits; the current step is marked."""
    queue = steps(life_of(flow, lot), flow.levels, ladder_of_flow(flow))
    if now >= queue[-1].since:
        return []
    current = [step for step in queue if step.since <= now][-1]
    return [(_turn(request, flow, step), _since(request, step, current, now), step is current) for step in queue]


def _turn(request: Req, flow: Flow, step: Step) -> str:
    if step.level is None:
        return gettext(request, "Tous")
    words = level_words(flow, [step.level], visit_of(request).language)
    who = gettext(request, "{treatment}, par l'ESS") if step.is_ess else gettext(request, "{treatment}, par tous")
    return who.format(treatment=words)


def _order(request: Req, flow: Flow) -> str:
    """Why some go first."""
    if is_on_food_ladder(flow):
        return gettext(
            request,
            "Les personnes passent d'abord, puis les animaux, et l'ESS avant les autres, pendant une part du temps de "
            "chaque lot (article L. 541-15-4 du code de l'environnement, à vérifier).",
        )
    return gettext(
        request,
        "Le meilleur traitement passe d'abord, et l'ESS avant les autres, pendant une part du temps de chaque lot "
        "(article L. 541-1 du code de l'environnement).",
    )


def _since(request: Req, step: Step, current: Step, now: datetime) -> str:
    if step is current:
        return gettext(request, "maintenant")
    if step.since <= now:
        return gettext(request, "déjà ouvert")
    moment = i18n.moment(step.since, visit_of(request).language, now=now)
    return gettext(request, "dès : {moment}").format(moment=moment)


def on_lots(
    request: Req, flow: Flow, lots: Sequence[Lot], *, takings: Sequence[Taking], visitor: Identity | None, now: datetime
) -> Mapping[UUID, OnLot]:
    """What to show below each lot; to a stranger only who goes first."""
    found = {}
    takes = visitor is not None and visitor.organisation_id != flow.organisation_id and visitor.may(Role.EDITOR)
    for lot in lots:
        own = [each for each in takings if each.lot_id == lot.id]
        found[lot.id] = OnLot(
            turns=turns_of(request, flow, lot, now) if lot.may_be_taken(now) else [],
            lines=[line_of(request, each, visitor.organisation_id, now) for each in own] if visitor else [],
            may_take=takes and lot.may_be_taken(now) and lot.left_value > 0,
        )
    return found


def availability(request: Req, flow: Flow, lot: Lot, now: datetime) -> dict[str, Any]:
    """What is left of a lot and until when, as its forms say on top."""
    language = visit_of(request).language
    is_open, minimum = lot.may_be_taken(now), minimum_of(flow, lot)
    return {
        "flow": flow,
        "lot": lot,
        "is_open": is_open and lot.left_value > 0,
        "day": i18n.day(lot.day, language, now=now),
        "left": amount_of(lot, lot.left_value if is_open else Decimal(0), language),
        "whole": quantity_words(lot.quantity, language),
        "minimum": amount_of(lot, minimum, language) if minimum else "",
        "until": i18n.moment(lot.expires_at, language, now=now),
        "turns": turns_of(request, flow, lot, now) if is_open else [],
        "order": _order(request, flow),
    }


def choices(request: Req, flow: Flow, lot: Lot, now: datetime) -> dict[str, Any]:
    """What the forms offer: treatments, ways to carry, days with their hours."""
    language = visit_of(request).language
    days = [day for day in pick_up_days(lot) if _is_to_come(flow, day, now)]
    return {
        "levels": [(level.value, level_words(flow, [level], language)) for level in levels_of(flow)],
        "transports": [(each.value, named(TAKING_TRANSPORTS, each, language)) for each in TRANSPORTS[flow.transport]],
        "days": [(day.isoformat(), i18n.day(day, language, now=now)) for day in days],
        "hours": hours_words(flow, language),
    }


def _is_to_come(flow: Flow, day: date, now: datetime) -> bool:
    return at(day, flow.pickup_until) > now


def begun_with(flow: Flow, lot: Lot, now: datetime) -> dict[str, Any]:
    """What an empty form begins with: all that is left, the first day, its whole hours."""
    days = [day for day in pick_up_days(lot) if _is_to_come(flow, day, now)]
    return {
        "once": str(new_id()),
        "quantity_value": f"{plain(lot.left_value):f}".replace(".", ",") if lot.left_value else "",
        "transport": TRANSPORTS[flow.transport][0].value,
        "slot_on": days[0].isoformat() if days else "",
        "slot_from": f"{flow.pickup_from:%H:%M}",
        "slot_until": f"{flow.pickup_until:%H:%M}",
    }


def papers_asked(request: Req, flow: Flow, taker: Organisation, now: datetime) -> list[tuple[str, Badge]]:
    """The permits that this flow asks for, each with what the taker declares."""
    language, say = visit_of(request).language, partial(gettext, request)
    for_people = Level.REUSE in levels_of(flow) and is_for_people(flow, Level.REUSE)
    asked = [
        *(["food_hygiene"] if for_people and is_kept_cold(flow.categories) else []),
        *([SHORT_DATED] if for_people and flow.is_dated else []),
        *(["waste_treatment"] if flow.is_waste else []),
        *(["hazardous"] if flow.is_waste and flow.hazardous_codes else []),
    ]
    papers = Papers.of(taker)
    badges = {permit.code: (say("Expiré"), "warn", "triangle-alert") for permit in papers.permits}
    badges |= {code: (say("Déclaré"), "ok", "check") for code in badges if papers.holds(code, day_of(now))}
    missing = (say("Non déclaré"), "warn", "triangle-alert")
    codes = dict.fromkeys([*asked, *flow.permits])
    return [(named(PAPERS, code, language), badges.get(code, missing)) for code in codes]


def named_errors(request: Req, errors: Mapping[str, str]) -> list[tuple[str, str]]:
    """The errors of a form with the field that each is about: a summary is read away from them."""
    colon = " : " if visit_of(request).language == "fr" else ": "
    names = {field: gettext(request, name) + colon for field, name in FIELDS.items()}
    return [(field, names.get(field, "") + text) for field, text in errors.items()]


def facts_of(request: Req, taking: Taking, now: datetime) -> list[tuple[str, str, str | None]]:
    """Everything of a taking that its two organisations read."""
    language, say = visit_of(request).language, partial(gettext, request)
    when, _ = when_words(request, taking, now)
    way = named(TAKING_TRANSPORTS, taking.transport, language) if taking.transport else ""
    rows = [
        (say("Quantité"), quantity_words(taking.quantity, language), None),
        (say("Traitement"), level_words(taking.flow, [taking.level], language), None),
        (say("Créneau") if taking.slot_from else say("Option"), when, None),
        (say("Transport"), way, None),
        (say("Détenteur"), taking.organisation.name, None),
        (say("Preneur"), taking.taker.name, None),
        (say("Récépissé de transport"), taking.carrier_receipt, None),
        (say("Bordereau de suivi"), taking.tracking_slip, None),
        *_figures(request, taking),
        (say("Raison"), named(CANCEL_REASONS, taking.reason, language) if taking.reason else "", None),
    ]
    return [row for row in rows if row[1]]


def _figures(request: Req, taking: Taking) -> list[tuple[str, str, str | None]]:
    """What each side says left, and the figure that counts."""
    say = partial(gettext, request)
    said = [
        (say("Parti, dit le détenteur"), taking.figure_of(Side.HOLDER)),
        (say("Parti, dit le preneur"), taking.figure_of(Side.TAKER)),
        (say("Chiffre retenu"), taking.counted),
    ]
    return [(label, figure_words(request, taking, each), _grounds(request, each)) for label, each in said if each]


def figure_words(request: Req, taking: Taking, figure: Figure) -> str:
    """« 5,4 t »."""
    return quantity_words(Quantity(value=figure.value, unit=taking.quantity_unit), visit_of(request).language)


def _grounds(request: Req, figure: Figure) -> str:
    """What a figure rests on, its ticket, and what its side wrote."""
    ticket = gettext(request, "ticket {number}").format(number=figure.ticket) if figure.ticket else ""
    told = [named(BASES, figure.basis, visit_of(request).language), ticket, figure.words]
    return ", ".join(each for each in told if each)


def standing_of(request: Req, taking: Taking) -> Badge:
    """How far the taker was checked, for whoever gives to it."""
    return state_badge(request, taking.taker)
