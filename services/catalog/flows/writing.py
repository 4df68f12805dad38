"""How a flow is written: its steps, what each offers to choose from, and the last look."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.commands import draft_flow, publish_flow, update_flow
from services.catalog.flows.errors import FlowUnknown
from services.catalog.flows.ladder import ladder_of_flow, level_words
from services.catalog.flows.models import CLOSES, OPENS, Flow
from services.catalog.flows.recurrence import WEEKDAYS
from services.catalog.flows.rhythm import rhythm_words, weekday_name
from services.catalog.flows.schemas import FlowDraft
from services.catalog.flows.view import amount_words, coming_dates, hours_words, price_words, typed_from, use_by_words
from services.catalog.organisations.places import place_words
from services.catalog.posting.pages import form_lists
from services.catalog.posting.steps import Step
from services.catalog.posting.view import period_words, quantity_words, waste_codes
from services.catalog.posting.wizard import Said, Writing
from shared.database import now_of
from shared.identity import Identity
from shared.phrases.names import (
    CONDITIONS,
    CONSISTENCES,
    EPR_SCHEMES,
    LEGAL_STATUSES,
    LEVELS,
    MEASURES,
    PACKAGINGS,
    PERMITS,
    SUPPLIER_KINDS,
    TRANSPORTS,
    named,
    options,
    short_supplier_kind,
)
from shared.vocabulary import name as category_name
from shared.web.forms import Form, read_part
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

STEPS = (
    Step("material", "Matière", "Quelle matière proposez-vous ?", ("title", "description", "categories")),
    Step(
        "state",
        "Quantité et état",
        "Combien, et dans quel état ?",
        (
            *("quantity_value", "quantity_unit", "quantity_period", "quantity_most", "measured", "minimum_value"),
            *("condition", "consistence", "packaging", "provenance", "use_by_on", "use_by_days"),
        ),
    ),
    Step(
        "law",
        "Statut légal",
        "Qu'est-ce, pour la loi ?",
        ("legal_status", "ewc", "epr_scheme", "epr_convention", "owner_name", "operator_name"),
    ),
    Step(
        "calendar",
        "Lieu et calendrier",
        "Où, et quand la prendre ?",
        (
            *("place", "rhythm", "weekdays", "month_day", "recurrence", "starts_on", "ends_on", "pickup_from"),
            *("pickup_until", "lot_days", "transport", "access", "safety"),
        ),
    ),
    Step(
        "takers",
        "Preneurs et prix",
        "Pour qui, et à quel prix ?",
        (
            *("price_side", "price_euros", "receipt_wanted", "levels", "supplier_kinds", "permits", "radius_km"),
            "priority_percent",
        ),
    ),
)


async def lists(
    request: Req,
    session: AsyncSession,
    editor: Identity,
    flow: Flow | None,
    form: Form[FlowDraft],
) -> dict[str, Any]:
    """Everything a step's page offers to choose from."""
    language = visit_of(request).language
    none = [("", gettext(request, "Sans précision"))]
    return {
        "weekday_options": [(code, weekday_name(code, language)) for code in WEEKDAYS],
        "status_options": options(LEGAL_STATUSES, language),
        "level_options": _levels(flow, language),
        "supplier_kind_options": options(SUPPLIER_KINDS, language),
        "permit_options": options(PERMITS, language),
        "measure_options": options(MEASURES, language),
        "condition_options": none + options(CONDITIONS, language),
        "consistence_options": none + options(CONSISTENCES, language),
        "packaging_options": none + options(PACKAGINGS, language),
        "transport_options": options(TRANSPORTS, language),
        "scheme_options": [("", gettext(request, "Aucune")), *options(EPR_SCHEMES, language)],
        "dates": coming_dates(request, flow, now_of(session)) if flow else [],
        **form_lists(request),
    }


def said(request: Req, flow: Flow) -> Mapping[str, Sequence[Said]]:
    """What was answered, step by step."""
    language, say = visit_of(request).language, partial(gettext, request)
    word = partial(named, language=language)
    return {
        "material": [
            Said(say("Titre"), flow.title),
            Said(say("Description"), flow.description),
            Said(say("Catégories"), ", ".join(category_name(each, language) for each in flow.categories)),
        ],
        "state": [
            Said(say("Quantité"), amount_words(request, flow)),
            Said(say("Part minimale"), quantity_words(flow.minimum, language)),
            Said(say("État"), word(CONDITIONS, flow.condition)),
            Said(say("Consistance"), word(CONSISTENCES, flow.consistence)),
            Said(say("Conditionnement"), word(PACKAGINGS, flow.packaging)),
            Said(say("Provenance"), flow.provenance),
            Said(say("À consommer jusqu'au"), use_by_words(request, flow)),
        ],
        "law": [
            Said(say("Statut légal"), word(LEGAL_STATUSES, flow.legal_status)),
            Said(say("Codes déchets"), "; ".join(waste_codes(flow.ewc))),
            Said(say("Filière de responsabilité élargie"), word(EPR_SCHEMES, flow.epr_scheme)),
            Said(say("Convention"), flow.epr_convention or ""),
            Said(say("Propriétaire"), flow.owner_name or ""),
            Said(say("Exploitant"), flow.operator_name or ""),
        ],
        "calendar": [
            Said(say("À prendre à"), place_words(flow.place)),
            Said(say("Rythme"), rhythm_words(flow.recurrence, language)),
            Said(say("Saison"), period_words(flow.window, language)),
            Said(say("Horaires"), hours_words(flow, language)),
            Said(say("Transport"), word(TRANSPORTS, flow.transport)),
            Said(say("Accès"), flow.access),
            Said(say("Sécurité du site"), flow.safety),
        ],
        "takers": [
            Said(say("Prix"), price_words(request, flow)),
            Said(say("Reçu fiscal"), say("Attendu") if flow.receipt_wanted else ""),
            Said(say("Ce que la matière peut devenir"), level_words(flow, flow.levels, language)),
            Said(say("Réserver à"), ", ".join(short_supplier_kind(each, language) for each in flow.supplier_kinds)),
            Said(say("Documents exigés"), ", ".join(named(PERMITS, each, language) for each in flow.permits)),
            Said(say("Preneurs à moins de"), f"{flow.radius_km} km" if flow.radius_km else ""),
            Said(
                say("Priorité au réemploi et à l'ESS"),
                say("{percent} % du temps de chaque lot").format(percent=flow.priority_percent),
            ),
        ],
    }


def _levels(flow: Flow | None, language: str) -> list[tuple[str, str]]:
    """What fits the categories that are kept, and what is ticked already; everything before there is any."""
    if flow is None or not flow.categories:
        return options(LEVELS, language)
    ladder = ladder_of_flow(flow)
    return [(each, text) for each, text in options(ladder.names, language) if each in (*ladder.levels, *flow.levels)]


async def read(
    request: Req, model: type[FlowDraft], fields: Collection[str], rest: Mapping[str, Any]
) -> Form[FlowDraft]:
    """Read a step; who pays and how much are always said in the form's own words, so the stored cents go."""

    def mend(typed: dict[str, Any]) -> None:
        typed["price_cents"] = ""

    return await read_part(request, model, fields, rest, mend=mend)


FLOW_WRITING = Writing(
    path="/flows",
    feature="flows",
    model=Flow,
    missing=FlowUnknown,
    draft=FlowDraft,
    steps=STEPS,
    begun_with={"quantity_period": "week", "measured": "estimated", "transport": "taker", "priority_percent": 50}
    | {"rhythm": "once", "pickup_from": f"{OPENS:%H:%M}", "pickup_until": f"{CLOSES:%H:%M}"},
    typed=typed_from,
    lists=lists,
    said=said,
    check=Flow.check_complete,
    begin=draft_flow,
    update=update_flow,
    publish=publish_flow,
    read=read,
)
