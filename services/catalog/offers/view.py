"""An offer as its page shows it: facts, zones, permits; and as its form fills in."""

from datetime import date, datetime
from functools import partial
from typing import Any

from services.catalog.offers.completeness import completeness
from services.catalog.offers.models import Offer, OfferState
from services.catalog.offers.schemas import OfferDraft
from services.catalog.offers.zones import zones_around
from services.catalog.posting.view import period_words, quantity_words, typed_posting, waste_codes
from shared.clock import day_of
from shared.events.facts import Permit
from shared.identity import Identity
from shared.phrases.names import LEVELS, NEED_KINDS, ORIGINS, PERMITS, SERVICE_TYPES, named, short_supplier_kind
from shared.territory.place import Place, describe
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

BADGES = {
    OfferState.DRAFT: ("Brouillon", "neutral", "pencil"),
    OfferState.PUBLISHED: ("Publiée", "ok", "circle-check"),
    OfferState.PAUSED: ("En pause", "warn", "circle-pause"),
    OfferState.WITHDRAWN: ("Retirée", "neutral", "x"),
}


def view_of(request: Req, offer: Offer, visitor: Identity | None, *, now: datetime) -> dict[str, Any]:
    """Everything the offer's page shows."""
    language = visit_of(request).language
    words, kind, icon = BADGES[OfferState(offer.state)]
    return {
        "offer": offer,
        "is_author": visitor is not None and visitor.organisation_id == offer.organisation_id,
        "served": served_words(request, offer),
        "origin_name": named(ORIGINS, offer.origin, language),
        "state_badge": ((gettext(request, words), kind), icon),
        "facts": _facts(request, offer, language),
        "codes": waste_codes(offer.ewc),
        "zones": zone_words(offer, language),
        "permits": [_permit(request, permit, language, today=day_of(now)) for permit in offer.permits],
        "timeline": _timeline(request, offer, language),
        "complete": completeness(offer),
        "supplier_kinds": [short_supplier_kind(code, language) for code in offer.organisation.legal_entity.kinds],
    }


def zone_words(offer: Offer, language: str) -> list[str]:
    """Where it works, a line an area."""
    return [describe(zone, "en" if language == "en" else "fr") for zone in offer.zones]


def service_words(offer: Offer, language: str) -> str:
    """How it serves: « Prestation, Fabrication »."""
    return ", ".join(named(SERVICE_TYPES, code, language) for code in offer.service_types)


def served_words(request: Req, offer: Offer) -> list[str]:
    """What it answers: « Achat », « Prend des matières »."""
    language = visit_of(request).language
    words = [named(NEED_KINDS, kind, language) for kind in offer.need_kinds]
    return [*words, gettext(request, "Prend des matières")] if offer.takes_material else words


def _facts(request: Req, offer: Offer, language: str) -> list[tuple[str, str, str | None]]:
    say = partial(gettext, request)
    minimum = quantity_words(offer.minimum, language)
    rows: list[tuple[str, str, str | None]] = [
        (say("Capacité"), quantity_words(offer.quantity, language), None),
        (say("Minimum"), minimum, say("rien n'est proposé en dessous") if minimum else None),
        (say("Période"), period_words(offer.window, language) or say("Toute l'année"), None),
        (say("Type de prestation"), service_words(offer, language), None),
        (say("Ce que devient la matière"), named(LEVELS, offer.level, language) if offer.level else "", None),
        *conditions_words(request, offer),
    ]
    return [row for row in rows if row[1]]


def conditions_words(request: Req, offer: Offer) -> list[tuple[str, str, str | None]]:
    """How soon, with which vehicle, and whether it looks first."""
    say, days = partial(gettext, request), offer.lead_days
    soon = "" if days is None else say("tout de suite") if days == 0 else say("{days} jours").format(days=days)
    return [
        (say("Délai"), soon, None),
        (say("Enlèvement"), say("vient chercher avec son véhicule") if offer.fetches else "", None),
        (say("Avant de s'engager"), say("visite ou échantillon") if offer.visit_first else "", None),
    ]


def _permit(request: Req, permit: Permit, language: str, *, today: date) -> tuple[str, str, str]:
    """Its name, until when, and the kind of badge that says so; its state is declared, never checked here."""
    name = named(PERMITS, permit.code, language)
    if permit.expires_on is None:
        return name, gettext(request, "sans date de fin"), "info"
    until = i18n.day(permit.expires_on, language)
    if permit.expires_on < today:
        return name, gettext(request, "expiré depuis {day}").format(day=until), "err"
    return name, gettext(request, "jusqu'au {day}").format(day=until), "info"


def _timeline(request: Req, offer: Offer, language: str) -> list[tuple[str, str, str, str]]:
    say = partial(gettext, request)
    moments = [
        (offer.withdrawn_at, say("Activité retirée")),
        (offer.paused_at, say("Mise en pause")),
        (offer.published_at, say("Activité publiée")),
        (offer.created_at, say("Commencée")),
    ]
    known = [(at, words) for at, words in moments if at is not None]
    return [
        ("past" if index else "now", words, i18n.moment(at, language), i18n.exact(at))
        for index, (at, words) in enumerate(known)
    ]


def typed_from(offer: Offer) -> dict[str, Any]:
    """The form's values from the row."""
    return {
        **typed_posting(offer, OfferDraft),
        "codes": waste_codes(offer.ewc),
        "zones": [describe(zone) for zone in offer.own_zones],
        "permits": [permit.code for permit in offer.own_permits],
        "until": {permit.code: permit.expires_on for permit in offer.own_permits},
    }


def default_zone(place: Place | None) -> str:
    """What an offer without a zone covers: « 30 km autour de Launaguet »."""
    return describe(zones_around(place)[0]) if place else ""
