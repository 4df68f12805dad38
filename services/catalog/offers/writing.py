"""How an offer is written: its steps, what each offers to choose from, and the last look."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.offers.area import area_typed
from services.catalog.offers.commands import draft_offer, publish_offer, update_offer
from services.catalog.offers.errors import OfferUnknown
from services.catalog.offers.models import Offer
from services.catalog.offers.schemas import OfferDraft
from services.catalog.offers.view import (
    conditions_words,
    default_zone,
    served_words,
    service_words,
    typed_from,
    zone_words,
)
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.queries import organisation_acting
from services.catalog.posting.pages import form_lists
from services.catalog.posting.steps import Step
from services.catalog.posting.view import period_words, quantity_words, waste_codes
from services.catalog.posting.wizard import Said, Writing
from shared.events.facts import Permit
from shared.identity import Identity
from shared.phrases.names import LEVELS, NEED_KINDS, PERMITS, SERVICE_TYPES, named, options
from shared.vocabulary import name as category_name
from shared.web.forms import SENTENCES, Form, read_form, read_part
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

STEPS = (
    Step("what", "Activité", "Que savez-vous faire ?", ("title", "description", "need_kinds", "takes_material")),
    Step("trade", "Métier", "Dans quels métiers, pour quelles matières ?", ("categories", "ewc", "cpv", "naf")),
    Step("where", "Zones", "Où travaillez-vous ?", ("zones",)),
    Step(
        "capacity",
        "Capacité",
        "Combien, et à partir de quand ?",
        (
            *("quantity_value", "quantity_unit", "quantity_period", "minimum_value", "starts_on", "ends_on"),
            *("lead_days", "fetches"),
        ),
    ),
    Step(
        "papers",
        "Papiers et références",
        "Ce qui rassure",
        ("level", "service_types", "permits", "references", "conditions", "visit_first"),
    ),
)


async def lists(
    request: Req, session: AsyncSession, editor: Identity, offer: Offer | None, form: Form[OfferDraft]
) -> dict[str, Any]:
    """Everything a step's page offers to choose from."""
    language = visit_of(request).language
    organisation = offer.organisation if offer else await organisation_acting(session, editor.organisation_id)
    return {
        "default_zone": default_zone(organisation.place),
        "area": _area(request, organisation, offer, form),
        "kind_options": options(NEED_KINDS, language),
        "level_options": [("", gettext(request, "Sans objet")), *options(LEVELS, language)],
        "service_options": options(SERVICE_TYPES, language),
        "permit_options": options(PERMITS, language),
        "held": [each["code"] for each in organisation.permits or ()],
        **form_lists(request),
    }


def _area(request: Req, organisation: Organisation, offer: Offer | None, form: Form[OfferDraft]) -> dict[str, Any]:
    typed = form.typed.get("zones") or ""
    text = typed if isinstance(typed, str) else "\n".join(typed)
    return area_typed(request, text, near=organisation.place, known=offer.own_zones if offer else ())


def said(request: Req, offer: Offer) -> Mapping[str, Sequence[Said]]:
    """What was answered, step by step."""
    language, say = visit_of(request).language, partial(gettext, request)
    return {
        "what": [
            Said(say("Titre"), offer.title),
            Said(say("Description"), offer.description),
            Said(say("Vous répondez à"), ", ".join(served_words(request, offer))),
        ],
        "trade": [
            Said(say("Catégories"), ", ".join(category_name(each, language) for each in offer.categories)),
            Said(say("Codes"), "; ".join([*waste_codes(offer.ewc), *offer.cpv, *offer.naf])),
        ],
        "where": [
            Said(say("Où vous travaillez"), "\n".join(zone_words(offer, language))),
        ],
        "capacity": [
            Said(say("Capacité"), quantity_words(offer.quantity, language)),
            Said(say("Minimum"), quantity_words(offer.minimum, language)),
            Said(say("Période"), period_words(offer.window, language)),
            *(Said(name, words) for name, words, _ in conditions_words(request, offer)),
        ],
        "papers": [
            Said(say("Ce que devient la matière"), named(LEVELS, offer.level, language)),
            Said(say("Type de prestation"), service_words(offer, language)),
            Said(say("Vos autorisations"), ", ".join(named(PERMITS, each.code, language) for each in offer.permits)),
            Said(say("Références"), offer.references),
            Said(say("Conditions"), offer.conditions),
        ],
    }


async def read(
    request: Req, model: type[OfferDraft], fields: Collection[str], rest: Mapping[str, Any]
) -> Form[OfferDraft]:
    """Read a step, with the day each permit ends, which the page asks beside it."""
    form = await read_part(request, model, fields, rest)
    return _with_ends(request, form, await _ends(request, form) if "permits" in fields else rest.get("until", {}))


async def read_whole(request: Req, model: type[OfferDraft]) -> Form[OfferDraft]:
    """Read the form with every question, with the day each permit ends."""
    form = await read_form(request, model)
    return _with_ends(request, form, await _ends(request, form))


async def _ends(request: Req, form: Form[OfferDraft]) -> dict[str, Any]:
    sent = await request.form()
    return {code: sent.get(f"until_{code}") or None for code in form.typed.get("permits") or ()}


def _with_ends(request: Req, form: Form[OfferDraft], until: Mapping[str, Any]) -> Form[OfferDraft]:
    """The form with the day each permit ends; a day that is none is refused where the permits are."""
    form.typed["until"] = until
    if form.data is not None:
        try:
            form.data.permits = [Permit.model_validate({"code": code, "expires_on": until[code]}) for code in until]
        except ValidationError:
            form.data, form.errors["permits"] = None, gettext(request, SENTENCES["date_parsing"])
    return form


OFFER_WRITING = Writing(
    path="/offers",
    feature="offers",
    model=Offer,
    missing=OfferUnknown,
    draft=OfferDraft,
    steps=STEPS,
    begun_with={"quantity_period": "month"},
    typed=typed_from,
    lists=lists,
    said=said,
    check=lambda offer, _: offer.check_complete(),
    begin=draft_offer,
    update=update_offer,
    publish=publish_offer,
    read=read,
)
