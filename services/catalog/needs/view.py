"""A need as its page shows it: facts, badge, timeline; and as its form fills in."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from services.catalog.files.models import StoredFile
from services.catalog.files.view import lines_of
from services.catalog.needs.models import AmountShown, Need, NeedState
from services.catalog.needs.schemas import NeedDraft
from services.catalog.organisations.places import place_words
from services.catalog.posting.view import period_words, quantity_words, typed_posting, waste_codes
from shared.identity import Identity
from shared.phrases.names import (
    AMOUNT_BANDS,
    CLAUSE_GROUNDS,
    CLAUSE_PUBLICS,
    MEANS,
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


def view_of(request: Req, need: Need, visitor: Identity | None, *, files: Sequence[StoredFile] = ()) -> dict[str, Any]:
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
        "facts": facts_of(request, need),
        "timeline": _timeline(request, need, language),
        "categories": need.categories,
        "codes": waste_codes(need.ewc),
        "clause": clause_words(request, need),
        "files": lines_of(files, language),
    }


def facts_of(
    request: Req, need: Need, *, day: Callable[[date, str], str] = i18n.day
) -> list[tuple[str, str, str | None]]:
    """What is asked for, how much, when, where: a label, a value, and a word beside it; `day` says a date."""
    language, say = visit_of(request).language, partial(gettext, request)
    kinds = ", ".join(short_supplier_kind(code, language) for code in need.supplier_kinds)
    radius = say("à moins de {km} km").format(km=need.radius_km) if need.radius_km else None
    rows = [
        (say("Quantité"), quantity_words(need.quantity, language), None),
        (say("Période"), period_words(need.window, language, day=day), None),
        (say("Lieu"), place_words(need.place), radius),
        (say("Sous quelle forme"), named(MEANS, need.means, language) if need.means else "", None),
        (say("Budget"), budget_words(request, need), None),
        (say("Pour"), kinds or say("Toute l'ESS"), say("reçu fiscal attendu") if need.receipt_wanted else None),
        (
            say("Forme"),
            named(PROCUREMENT_MODES, need.procurement_mode, language) if need.procurement_mode else "",
            named(SERVICE_TYPES, need.service_type, language) if need.service_type else None,
        ),
    ]
    return [row for row in rows if row[1]]


def budget_words(request: Req, need: Need) -> str:
    """As much of the budget as its author shows."""
    language = visit_of(request).language
    match need.amount_shown:
        case AmountShown.EXACT if need.amount_cents is not None:
            return i18n.money(need.amount_cents, "EUR", language)
        case AmountShown.HIDDEN:
            return gettext(request, "Non communiqué")
        case _:
            return named(AMOUNT_BANDS, need.amount_band, language) if need.amount_band else ""


def clause_words(request: Req, need: Need) -> list[str]:
    """The social clause, one line each: its ground, hours, publics and who helps with it."""
    clause = need.social_clause
    if clause is None:
        return []
    language, say = visit_of(request).language, partial(gettext, request)
    lines = [named(CLAUSE_GROUNDS, clause.ground, language)]
    if clause.hours:
        lines.append(say("{hours} heures d'insertion visées").format(hours=i18n.number(clause.hours, language)))
    if clause.publics:
        lines.append(", ".join(named(CLAUSE_PUBLICS, code, language) for code in clause.publics))
    if clause.facilitator:
        lines.append(say("Facilitateur : {name}").format(name=clause.facilitator))
    return lines


def _timeline(request: Req, need: Need, language: str) -> list[tuple[str, str, str, str]]:
    say = partial(gettext, request)
    rows = []
    is_past = need.deadline_on is not None and i18n.is_past(need.deadline_on)
    if need.deadline_on and need.is_open:
        state = "now" if is_past else "next"
        rows.append(
            (state, say("Clôture des réponses"), i18n.day(need.deadline_on, language), i18n.exact(need.deadline_on))
        )
    if need.closed_at:
        ending = named(OUTCOMES, need.outcome, language) if need.outcome else say("Besoin retiré")
        rows.append(("now", ending, i18n.moment(need.closed_at, language), i18n.exact(need.closed_at)))
    if need.submitted_at and not need.published_at:
        at = need.submitted_at
        rows.append(("now", say("Envoyé en vérification"), i18n.moment(at, language), i18n.exact(at)))
    if need.changes_wanted_at and need.changes_wanted:
        at = need.changes_wanted_at
        rows.append(("now", say("Modifications demandées"), i18n.moment(at, language), i18n.exact(at)))
    if need.published_at:
        state = "now" if need.is_open and not is_past else "past"
        rows.append(
            (state, say("Besoin publié"), i18n.moment(need.published_at, language), i18n.exact(need.published_at))
        )
    rows.append(("past", say("Commencé"), i18n.moment(need.created_at, language), i18n.exact(need.created_at)))
    return rows


def typed_from(need: Need) -> dict[str, Any]:
    """The form's values from the row."""
    return typed_posting(need, NeedDraft)
