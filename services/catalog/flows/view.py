"""A flow as its page shows it: facts, lots, price, law; and as its form fills in."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from services.catalog.flows.ladder import is_on_food_ladder, level_words
from services.catalog.flows.law import SENTENCES, Duty, duties, mass_kg
from services.catalog.flows.lot import Lot, LotState
from services.catalog.flows.models import CLOSES, OPENS, Flow, FlowState
from services.catalog.flows.recurrence import at
from services.catalog.flows.rhythm import choice_of, rhythm_words
from services.catalog.flows.schemas import FlowDraft
from services.catalog.organisations.places import place_words
from services.catalog.posting.view import period_words, quantity_words, typed_posting, waste_codes
from shared.clock import day_of
from shared.database import new_id
from shared.events.facts import Quantity, plain
from shared.identity import Identity
from shared.phrases.names import (
    CONDITIONS,
    EPR_SCHEMES,
    LEGAL_STATUSES,
    MEASURES,
    ORIGINS,
    PACKAGINGS,
    PERMITS,
    TRANSPORTS,
    named,
    short_supplier_kind,
)
from shared.refusal import Refusal
from shared.vocabulary import name, unit
from shared.web import i18n
from shared.web.forms import Form
from shared.web.pages import Req, gettext, ngettext
from shared.web.visit import visit_of

BADGES = {
    FlowState.DRAFT: ("Brouillon", "neutral", "pencil"),
    FlowState.SUBMITTED: ("En vérification", "warn", "hourglass"),
    FlowState.PUBLISHED: ("Publié", "ok", "circle-check"),
    FlowState.PAUSED: ("En pause", "warn", "circle-pause"),
    FlowState.ENDED: ("Terminé", "neutral", "check"),
}
LOT_BADGES = {
    LotState.PLANNED: ("Prévu", "neutral", "calendar"),
    LotState.RELEASED: ("À prendre", "brick", "package"),
    LotState.TAKEN: ("Pris", "ok", "check"),
    LotState.COLLECTED: ("Enlevé", "ok", "check"),
    LotState.EXPIRED: ("Passé", "neutral", "x"),
    LotState.MISSED: ("Manqué", "warn", "triangle-alert"),
}
# What a lot's rest is drawn as: what is taken or kept of it is drawn before.
REST = {LotState.PLANNED: "free", LotState.RELEASED: "free"}

Part = tuple[Decimal, str, str]


class LotLine(NamedTuple):
    """A lot as one line: its day, until when, its bricks (value, state, words), and its badge."""

    lot: Lot
    day: str
    note: str
    quantity: str
    bricks: list[Part]
    badge: tuple[tuple[str, str], str]


def view_of(
    request: Req, flow: Flow, visitor: Identity | None, *, lots: Sequence[Lot], now: datetime
) -> dict[str, Any]:
    """Everything the flow's page shows."""
    language = visit_of(request).language
    words, kind, icon = BADGES[FlowState(flow.state)]
    return {
        "flow": flow,
        "is_author": visitor is not None and visitor.organisation_id == flow.organisation_id,
        "state_badge": ((gettext(request, words), kind), icon),
        "rhythm": rhythm_words(flow.recurrence, language),
        "origin_name": named(ORIGINS, flow.origin, language),
        "codes": waste_codes(flow.ewc),
        "facts": facts_of(request, flow),
        "lots": [_lot_line(request, lot, now) for lot in lots],
        "largest": max((lot.quantity_value for lot in lots), default=Decimal(1)),
        "dates": coming_dates(request, flow, now),
        "law_title": named(LEGAL_STATUSES, flow.legal_status, language) if flow.legal_status else "",
        "law_meaning": gettext(request, SENTENCES[flow.legal_status]) if flow.legal_status else "",
        "permits": [named(PERMITS, code, language) for code in flow.permits],
        "provenance": _provenance(request, flow),
        "timeline": _timeline(request, flow, language),
        "call_off": _call_off(flow, lots, now),
        "has_use_by": has_use_by(flow),
    }


def _call_off(flow: Flow, lots: Sequence[Lot], now: datetime) -> dict[str, str]:
    """What the form of an extra lot begins with: as much as the next lot holds, on the first day without one."""
    days, today = {lot.day for lot in lots}, day_of(now)
    begins = today if at(today, flow.pickup_until) > now else today + timedelta(days=1)
    day = next(day for number in range(len(days) + 1) if (day := begins + timedelta(days=number)) not in days)
    value = lots[0].quantity_value if lots else flow.quantity_value
    quantity = f"{plain(value):f}".replace(".", ",") if value else ""
    return {"once": str(new_id()), "quantity": quantity, "day": day.isoformat()}


def facts_of(request: Req, flow: Flow) -> list[tuple[str, str, str | None]]:
    """What one must know before coming."""
    language, say = visit_of(request).language, partial(gettext, request)
    kinds = ", ".join(short_supplier_kind(code, language) for code in flow.supplier_kinds)
    levels = level_words(flow, flow.levels, language)
    season = period_words(flow.window, language)
    rows = [
        (say("Matière"), name(flow.categories[0], language) if flow.categories else "", _danger(request, flow)),
        (say("Quantité"), amount_words(request, flow), None),
        (say("État"), named(CONDITIONS, flow.condition, language) if flow.condition else "", None),
        (say("Conditionnement"), named(PACKAGINGS, flow.packaging, language) if flow.packaging else "", None),
        (say("À consommer jusqu'au"), use_by_words(request, flow), None),
        (say("Rythme"), rhythm_words(flow.recurrence, language), season or None),
        (say("Horaires"), hours_words(flow, language), None),
        (say("Prix"), price_words(request, flow), say("reçu fiscal attendu") if flow.receipt_wanted else None),
        (say("Part minimale"), quantity_words(_part(flow.minimum), language), None),
        (say("Pour"), kinds or say("Tous les preneurs"), levels or None),
    ]
    return [row for row in rows if row[1]]


def has_use_by(flow: Flow) -> bool:
    """True where its lots are asked until when they are eaten."""
    return flow.is_dated or is_on_food_ladder(flow)


def use_by_words(request: Req, flow: Flow) -> str:
    """« 3 jours après le jour du lot », or the date of all of it; empty where nothing is said."""
    if flow.use_by_days is not None and (flow.recurrence is not None or flow.use_by_on is None):
        days = flow.use_by_days
        if not days:
            return gettext(request, "le jour même de chaque lot")
        words = ngettext(
            request, "{count} jour après celui de chaque lot", "{count} jours après celui de chaque lot", days
        )
        return words.format(count=days)
    return i18n.day(flow.use_by_on, visit_of(request).language) if flow.use_by_on else ""


def duties_of(request: Req, flow: Flow, lots: Sequence[Lot], *, receipt_above: Decimal) -> list[Duty]:
    """What the law asks of whoever takes the largest of its lots."""
    masses = [mass for lot in lots if (mass := mass_kg(lot.quantity_value, lot.quantity_unit)) is not None]
    return duties(flow, max(masses, default=None), partial(gettext, request), receipt_above=receipt_above)


def price_words(request: Req, flow: Flow) -> str:
    """« 120 €/t payés au preneur »; the sign says who pays whom."""
    if flow.price_cents is None:
        return gettext(request, "À convenir")
    if flow.price_cents == 0:
        return gettext(request, "Gratuit")
    language = visit_of(request).language
    amount = _euros(abs(flow.price_cents), flow.currency, language)
    per = unit(flow.quantity_unit) if flow.quantity_unit else None
    price = f"{amount}/{per.symbol if per.dimension == 'mass' else per.name(language)}" if per else amount
    say = partial(gettext, request)
    return say("{price} payés au preneur" if flow.price_cents < 0 else "{price} payés par le preneur").format(
        price=price
    )


def coming_dates(request: Req, flow: Flow, now: datetime) -> list[tuple[str, str]]:
    """Its next six dates in words, with the exact ones."""
    language = visit_of(request).language
    return [(i18n.day(day, language, now=now), i18n.exact(day)) for day in flow.coming(now)]


def dates_meant(request: Req, form: Form[FlowDraft], now: datetime) -> Sequence[tuple[str, str]]:
    """The dates a form means; none when it is not right yet."""
    if form.data is None:
        return []
    draft = form.data
    try:
        calendar = Flow(
            recurrence=draft.rule(),
            starts_on=draft.starts_on,
            ends_on=draft.ends_on,
            pickup_until=draft.pickup_until,
            lot_days=draft.lot_days,
        )
        return coming_dates(request, calendar, now)
    except Refusal:
        return []


def _euros(cents: int, currency: str, language: str) -> str:
    if cents % 100 or currency != "EUR":
        return i18n.money(cents, currency, language)
    number = i18n.number(Decimal(cents // 100), language)
    return f"{number} €" if language == "fr" else f"€{number}"


def amount_words(request: Req, flow: Flow) -> str:
    """« 500 à 700 kg par semaine, pesée » : the quantity, its upper end, and how it is known."""
    language, quantity = visit_of(request).language, flow.quantity
    if quantity is None:
        return ""
    words = quantity_words(quantity, language)
    if flow.quantity_most and flow.quantity_most > quantity.value:
        most = quantity_words(Quantity(value=flow.quantity_most, unit=quantity.unit, period=quantity.period), language)
        least = i18n.number(quantity.value, language)
        words = gettext(request, "{least} à {most}").format(least=least, most=most)
    return f"{words} ({named(MEASURES, flow.measured, language).lower()})"


def _part(minimum: Quantity | None) -> Quantity | None:
    """The smallest part of a lot: an amount, whatever the rhythm of the whole."""
    return Quantity(value=minimum.value, unit=minimum.unit) if minimum else None


def _danger(request: Req, flow: Flow) -> str | None:
    if flow.hazardous_codes:
        return gettext(request, "dangereux")
    return gettext(request, "non dangereux") if flow.ewc else None


def hours_words(flow: Flow, language: str) -> str:
    """« de 8 h à 18 h »."""
    return span_words(flow.pickup_from, flow.pickup_until, language)


def span_words(opens: time, closes: time, language: str) -> str:
    """The same, of any two hours."""
    start, end = _hour(opens, language), _hour(closes, language)
    return f"de {start} à {end}" if language == "fr" else f"{start} to {end}"


def _hour(value: time, language: str) -> str:
    if language == "fr":
        return f"{value.hour} h {value.minute:02}" if value.minute else f"{value.hour} h"
    return f"{value:%H:%M}"


def _lot_line(request: Req, lot: Lot, now: datetime) -> LotLine:
    language, say = visit_of(request).language, partial(gettext, request)
    words, kind, icon = LOT_BADGES[LotState(lot.state)]
    quantity = quantity_words(lot.quantity, language)
    note = ""
    if lot.state is LotState.RELEASED:
        note = say("à prendre jusqu'à : {moment}").format(moment=i18n.moment(lot.expires_at, language, now=now))
        if lot.promised_value:
            left = amount_of(lot, lot.left_value, language)
            note = say("reste {left} sur {whole}, {note}").format(left=left, whole=quantity, note=note)
    elif lot.state is LotState.PLANNED:
        opens = i18n.day(lot.due_at, language, now=now) if lot.due_at else ""
        note = say("quantité estimée, s'ouvre {day}").format(day=opens)
    if lot.use_by_on and note:
        by = i18n.day(lot.use_by_on, language, now=now)
        note = say("{note}, à consommer jusqu'au : {day}").format(note=note, day=by)
    return LotLine(
        lot=lot,
        day=i18n.day(lot.day, language, now=now),
        note=note,
        quantity=quantity,
        bricks=_bricks(lot, language),
        badge=((say(words), kind), icon),
    )


def amount_of(lot: Lot, value: Decimal, language: str) -> str:
    """« 2,4 t »: a part of a lot, in its unit; « 0 t » too."""
    if value:
        return quantity_words(Quantity(value=value, unit=lot.quantity_unit), language)
    whole = quantity_words(lot.quantity, language)
    return f"0 {whole.split(' ', 1)[1]}"


def _bricks(lot: Lot, language: str) -> list[Part]:
    rest = REST.get(LotState(lot.state), "done")
    parts = [
        (lot.taken_value, "done" if lot.state is LotState.COLLECTED else "take"),
        (lot.held_value, "hold"),
        (lot.quantity_value - lot.promised_value, rest),
    ]
    return [(value, state, amount_of(lot, value, language)) for value, state in parts if value]


def _provenance(request: Req, flow: Flow) -> list[tuple[str, str, str | None]]:
    say = partial(gettext, request)
    radius = say("preneurs à moins de {km} km").format(km=flow.radius_km) if flow.radius_km else None
    language = visit_of(request).language
    scheme = named(EPR_SCHEMES, flow.epr_scheme, language) if flow.epr_scheme else ""
    rows = [
        (say("Détenteur"), flow.organisation.name, None),
        (say("Propriétaire"), flow.owner_name or "", None),
        (say("Exploitant"), flow.operator_name or "", None),
        (say("Provenance"), flow.provenance, None),
        (say("À prendre à"), place_words(flow.place), radius),
        (say("Transport"), named(TRANSPORTS, flow.transport, language), None),
        (say("Accès"), flow.access, None),
        (say("Sécurité du site"), flow.safety, None),
        (say("Filière de responsabilité élargie"), scheme, flow.epr_convention),
    ]
    return [row for row in rows if row[1]]


def _timeline(request: Req, flow: Flow, language: str) -> list[tuple[str, str, str, str]]:
    say = partial(gettext, request)
    waits = flow.submitted_at if flow.published_at is None else None
    moments = [
        (flow.ended_at, say("Gisement terminé")),
        (flow.paused_at, say("Mis en pause")),
        (flow.published_at, say("Gisement publié")),
        (waits, say("Envoyé en vérification")),
        (flow.created_at, say("Commencé")),
    ]
    known = [(at, words) for at, words in moments if at is not None]
    return [
        ("past" if index else "now", words, i18n.moment(at, language), i18n.exact(at))
        for index, (at, words) in enumerate(known)
    ]


def new_form(now: datetime) -> dict[str, Any]:
    """What an empty form begins with."""
    return {
        "rhythm": "once",
        "quantity_period": "once",
        "price_side": "free",
        "pickup_from": f"{OPENS:%H:%M}",
        "pickup_until": f"{CLOSES:%H:%M}",
        "starts_on": day_of(now).isoformat(),
    }


def typed_from(flow: Flow) -> dict[str, Any]:
    """The form's values from the row, in the form's own words."""
    choice = choice_of(flow.recurrence)
    return {
        **typed_posting(flow, FlowDraft),
        "rhythm": choice.rhythm,
        "weekdays": list(choice.weekdays),
        "month_day": choice.month_day or "",
        "recurrence": flow.recurrence if choice.rhythm == "rule" else "",
        **typed_price(flow.price_cents),
        "pickup_from": f"{flow.pickup_from:%H:%M}",
        "pickup_until": f"{flow.pickup_until:%H:%M}",
    }


def typed_price(cents: int | None) -> dict[str, str]:
    """The form's own words for a price: who pays, and how much."""
    if cents is None:
        return {"price_side": "", "price_euros": ""}
    side = "free" if cents == 0 else "taker_pays" if cents > 0 else "holder_pays"
    return {"price_side": side, "price_euros": f"{Decimal(abs(cents)) / 100:g}".replace(".", ",") if cents else ""}
