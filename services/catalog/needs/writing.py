"""How a need is written: its steps, what each offers to choose from, and the last look."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import colleagues
from services.catalog.needs.commands import draft_need, publish_need, update_need
from services.catalog.needs.errors import NeedUnknown
from services.catalog.needs.models import MEANS_BY_KIND, AmountShown, Need
from services.catalog.needs.schemas import NeedDraft
from services.catalog.needs.view import budget_words, clause_words, typed_from
from services.catalog.organisations.places import place_words
from services.catalog.posting.pages import form_lists
from services.catalog.posting.steps import Step
from services.catalog.posting.view import period_words, quantity_words, waste_codes
from services.catalog.posting.wizard import Said, Writing
from shared.clock import day_of
from shared.identity import Identity
from shared.phrases.names import (
    AMOUNT_BANDS,
    AMOUNT_SHOWN,
    CLAUSE_GROUNDS,
    CLAUSE_PUBLICS,
    MEANS,
    NEED_KINDS,
    PERMITS,
    PROCUREMENT_MODES,
    SERVICE_TYPES,
    SUPPLIER_KINDS,
    named,
    options,
    short_supplier_kind,
)
from shared.vocabulary import name as category_name
from shared.web import i18n
from shared.web.forms import Form, read_part
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

STEPS = (
    Step("kind", "Nature", "De quoi avez-vous besoin ?", ("kind", "means", "title")),
    Step(
        "description",
        "Description",
        "Décrivez ce que vous cherchez",
        ("description", "categories", "quantity_value", "quantity_unit", "quantity_period", "ewc", "cpv"),
    ),
    Step("place", "Lieu et dates", "Où et quand ?", ("place", "radius_km", "deadline_on", "starts_on", "ends_on")),
    Step(
        "criteria",
        "Critères",
        "Qui peut répondre, et à quelles conditions ?",
        (
            *("procurement_mode", "service_type", "amount_shown", "amount_band", "amount_euros", "supplier_kinds"),
            *("permits", "receipt_wanted", "public_tender", "tender_url", "tender_reference", "clause_ground"),
            *("clause_hours", "clause_publics", "clause_facilitator", "environmental_condition"),
        ),
    ),
    Step("contact", "Contact", "Qui suit ce besoin chez vous ?", ("contact_id", "author_hidden")),
)


async def lists(
    request: Req, session: AsyncSession, editor: Identity, need: Need | None, form: Form[NeedDraft]
) -> dict[str, Any]:
    """Everything a step's page offers to choose from."""
    language = visit_of(request).language
    none = [("", gettext(request, "Sans précision"))]
    kind = str(form.typed.get("kind") or (need.kind if need else ""))
    people = await colleagues(session, editor.organisation_id)
    return {
        "kind_options": options(NEED_KINDS, language),
        "means_options": [
            (kind, [(code, named(MEANS, code, language)) for code in codes]) for kind, codes in MEANS_BY_KIND.items()
        ],
        "chosen_kind": kind,
        "mode_options": none + options(PROCUREMENT_MODES, language),
        "service_options": none + options(SERVICE_TYPES, language),
        "band_options": none + options(AMOUNT_BANDS, language),
        "shown_options": options(AMOUNT_SHOWN, language),
        "supplier_kind_options": options(SUPPLIER_KINDS, language),
        "permit_options": options(PERMITS, language),
        "ground_options": [("", gettext(request, "Aucune")), *options(CLAUSE_GROUNDS, language)],
        "public_options": options(CLAUSE_PUBLICS, language),
        "people_options": [(str(member_id), words) for member_id, words in people],
        **form_lists(request),
    }


def said(request: Req, need: Need) -> Mapping[str, Sequence[Said]]:
    """What was answered, step by step."""
    language, say = visit_of(request).language, partial(gettext, request)
    word = partial(named, language=language)
    return {
        "kind": [
            Said(say("Nature du besoin"), word(NEED_KINDS, need.kind)),
            Said(say("Sous quelle forme"), word(MEANS, need.means)),
            Said(say("Titre"), need.title),
        ],
        "description": [
            Said(say("Description"), need.description),
            Said(say("Catégories"), ", ".join(category_name(each, language) for each in need.categories)),
            Said(say("Quantité"), quantity_words(need.quantity, language)),
            Said(say("Codes"), "; ".join([*waste_codes(need.ewc), *need.cpv])),
        ],
        "place": [
            Said(say("Lieu"), place_words(need.place)),
            Said(say("Structures à moins de"), f"{need.radius_km} km" if need.radius_km else ""),
            Said(say("Répondre avant le"), i18n.day(need.deadline_on, language) if need.deadline_on else ""),
            Said(say("Période"), period_words(need.window, language)),
        ],
        "criteria": _criteria(request, need, language),
        "contact": [
            Said(
                say("Nom de votre structure"),
                say("Caché jusqu'à l'accord") if need.author_hidden else say("Montré"),
            ),
        ],
    }


def _criteria(request: Req, need: Need, language: str) -> list[Said]:
    say, word = partial(gettext, request), partial(named, language=language)
    kinds = ", ".join(short_supplier_kind(kind, language) for kind in need.supplier_kinds)
    return [
        Said(say("Forme"), word(PROCUREMENT_MODES, need.procurement_mode)),
        Said(say("Type de prestation"), word(SERVICE_TYPES, need.service_type)),
        Said(say("Budget"), budget_words(request, need)),
        Said(say("Réserver à"), kinds),
        Said(say("Documents exigés"), ", ".join(named(PERMITS, permit, language) for permit in need.permits)),
        Said(say("Reçu fiscal"), say("Attendu") if need.receipt_wanted else ""),
        Said(say("Marché public"), (need.tender_url or say("Oui")) if need.public_tender else ""),
        Said(say("Clause sociale"), "\n".join(clause_words(request, need))),
        Said(say("Condition environnementale"), need.environmental_condition),
    ]


async def read(
    request: Req, model: type[NeedDraft], fields: Collection[str], rest: Mapping[str, Any]
) -> Form[NeedDraft]:
    """Read a step; a choice that belonged to another kind of need goes with that kind."""

    def mend(typed: dict[str, Any]) -> None:
        if typed.get("means") not in MEANS_BY_KIND.get(str(typed.get("kind")), ()):
            typed["means"] = ""

    return await read_part(request, model, fields, rest, mend=mend)


NEED_WRITING = Writing(
    path="/needs",
    feature="needs",
    model=Need,
    missing=NeedUnknown,
    draft=NeedDraft,
    steps=STEPS,
    begun_with={"kind": "procurement", "quantity_period": "once", "amount_shown": AmountShown.BAND},
    typed=typed_from,
    lists=lists,
    said=said,
    check=lambda need, now: need.check_complete(day_of(now)),
    begin=draft_need,
    update=update_need,
    publish=publish_need,
    read=read,
)
