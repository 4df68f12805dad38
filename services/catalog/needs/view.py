"""A need as its page shows it: facts, badge, timeline; and as its form fills in."""

from functools import partial
from typing import Any

from services.catalog.needs.models import Need, NeedState
from services.catalog.needs.schemas import NeedDraft
from services.catalog.organisations.places import place_words
from services.catalog.posting.view import period_words, quantity_words, typed_posting, waste_codes
from shared.identity import Identity
from shared.phrases.names import (
    AMOUNT_BANDS,
    NEED_KINDS,
    ORIGINS,
    OUTCOMES,
    PROCUREMENT_MODES,
    SERVICE_TYPES,
    named,
    short_supplier_kind,
)
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

BADGES = {
    NeedState.DRAFT: ("Brouillon", "neutral", "pencil"),
    NeedState.SUBMITTED: ("En vérification", "warn", "hourglass"),
    NeedState.PUBLISHED: ("Publié", "ok", "circle-check"),
    NeedState.CLOSED: ("Clos", "neutral", "check"),
    NeedState.WITHDRAWN: ("Retiré", "neutral", "x"),
}


def view_of(request: Req, need: Need, visitor: Identity | None) -> dict[str, Any]:
    """Everything the need's page shows."""
    language = visit_of(request).language
    is_author = visitor is not None and visitor.organisation_id == need.organisation_id
    words, kind, icon = BADGES[NeedState(need.state)]
    return {
        "need": need,
        "is_author": is_author,
        "hide_author": need.author_hidden and not is_author and not need.public_tender,
        "kind_name": named(NEED_KINDS, need.kind, language),
        "origin_name": named(ORIGINS, need.origin, language),
        "state_badge": ((gettext(request, words), kind), icon),
        "facts": _facts(request, need, language),
        "timeline": _timeline(request, need, language),
        "categories": need.categories,
        "codes": waste_codes(need.ewc),
    }


def _facts(request: Req, need: Need, language: str) -> list[tuple[str, str, str | None]]:
    say = partial(gettext, request)
    kinds = ", ".join(short_supplier_kind(code, language) for code in need.supplier_kinds)
    radius = say("à moins de {km} km").format(km=need.radius_km) if need.radius_km else None
    rows = [
        (say("Quantité"), quantity_words(need.quantity, language), None),
        (say("Période"), period_words(need.window, language), None),
        (say("Lieu"), place_words(need.place), radius),
        (say("Budget"), named(AMOUNT_BANDS, need.amount_band, language) if need.amount_band else "", None),
        (say("Pour"), kinds or say("Toute l'ESS"), say("reçu fiscal attendu") if need.receipt_wanted else None),
        (
            say("Forme"),
            named(PROCUREMENT_MODES, need.procurement_mode, language) if need.procurement_mode else "",
            named(SERVICE_TYPES, need.service_type, language) if need.service_type else None,
        ),
    ]
    return [row for row in rows if row[1]]


def _timeline(request: Req, need: Need, language: str) -> list[tuple[str, str, str, str]]:
    say = partial(gettext, request)
    rows = []
    if need.deadline_on and need.is_open:
        rows.append(
            ("next", say("Clôture des réponses"), i18n.day(need.deadline_on, language), i18n.exact(need.deadline_on))
        )
    if need.closed_at:
        ending = named(OUTCOMES, need.outcome, language) if need.outcome else say("Besoin retiré")
        rows.append(("now", ending, i18n.moment(need.closed_at, language), i18n.exact(need.closed_at)))
    if need.published_at:
        state = "now" if need.is_open else "past"
        rows.append(
            (state, say("Besoin publié"), i18n.moment(need.published_at, language), i18n.exact(need.published_at))
        )
    rows.append(("past", say("Commencé"), i18n.moment(need.created_at, language), i18n.exact(need.created_at)))
    return rows


def typed_from(need: Need) -> dict[str, Any]:
    """The form's values from the row."""
    return typed_posting(need, NeedDraft)
