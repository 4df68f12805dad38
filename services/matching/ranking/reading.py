"""From a catalog event to a side of the ranking: units normalised, codes plain, words weighed, once at write time."""

from collections.abc import Iterable
from typing import Any

from services.matching.ranking.finding import described
from services.matching.ranking.sides import FLOW, Amount, Demand, Supply
from services.matching.ranking.words import spelling, weigh
from shared.events.catalog import FlowState, NeedState, OfferState
from shared.events.facts import LegalStatus
from shared.vocabulary import (
    Category,
    CodeScheme,
    WasteCodeUnknown,
    by_cpv,
    by_ewc,
    by_naf,
    categories,
    is_hazardous,
    is_kitchen_waste,
    is_never_eaten_as_waste,
    plain_code,
)

KILOGRAM = "kg"
# A broad code (NAF 43) points to whole families: only its nearest categories are worth a hint.
MOST_INFERRED = 3


def demand_of_need(need: NeedState) -> Demand:
    """A need as ranking compares it."""
    known = _known(need.categories)
    return Demand(
        kind="need",
        id=need.need_id,
        asks=need.kind,
        cpv=_plain(need.cpv, "cpv"),
        amount=Amount.of(need.quantity),
        deadline_on=need.deadline_on,
        service_type=need.service_type,
        public_tender=need.public_tender,
        inferred=_inferred(known, ewc=need.ewc, cpv=need.cpv),
        **_shared_by_demands(need, known),
    )


def demand_of_flow(flow: FlowState) -> Demand:
    """A flow as ranking compares it."""
    known = _known(flow.categories)
    amount = Amount.of(flow.quantity)
    return Demand(
        kind="flow",
        id=flow.flow_id,
        asks=FLOW,
        amount=amount,
        minimum=Amount.of(flow.minimum),
        is_waste=flow.legal_status is LegalStatus.WASTE,
        hazardous=tuple(plain_code(code, "ewc") for code in flow.ewc if _hazardous(code)),
        levels=flow.levels,
        never_fed=is_kitchen_waste(known, flow.ewc),
        never_eaten=flow.legal_status is LegalStatus.WASTE and is_never_eaten_as_waste(known, flow.ewc),
        lot_kg=amount.value if amount and amount.unit == KILOGRAM else None,
        inferred=_inferred(known, ewc=flow.ewc),
        **_shared_by_demands(flow, known),
    )


def _shared_by_demands(event: NeedState | FlowState, known: tuple[str, ...]) -> dict[str, Any]:
    place = f"{event.place.commune_name} {event.place.label or ''} {event.place.epci_name or ''}"
    return {
        "version": event.version,
        "organisation_id": event.author.organisation_id,
        "legal_entity_id": event.author.legal_entity_id,
        # What is not kept cannot leak: the name of an author who hides stops here.
        "author_name": None if event.author.hidden else event.author.name,
        "title": event.title,
        "categories": known,
        "ewc": _plain(event.ewc, "ewc"),
        "words": weigh(event.title, event.description, meant=known, without=place),
        "found": described(event.title, description=event.description, categories=known),
        "spelled": spelling(event.title, event.description),
        "place": event.place,
        "radius_km": event.radius_km,
        "window": event.window,
        "supplier_kinds": event.supplier_kinds,
        "permits": event.permits,
        "receipt_wanted": event.receipt_wanted,
        "published_at": event.published_at,
    }


def supply_of_offer(offer: OfferState) -> Supply:
    """An offer as ranking compares it; the synonyms of its categories join its words here, so queries pay nothing."""
    supplier, known = offer.supplier, _known(offer.categories)
    return Supply(
        id=offer.offer_id,
        version=offer.version,
        organisation_id=supplier.organisation_id,
        legal_entity_id=supplier.legal_entity_id,
        title=offer.title,
        categories=known,
        inferred=_inferred(known, ewc=offer.ewc, cpv=offer.cpv, naf=offer.naf),
        ewc=_plain(offer.ewc, "ewc"),
        cpv=_plain(offer.cpv, "cpv"),
        naf=_plain(offer.naf, "naf"),
        words=weigh(offer.title, offer.description, synonyms_of=known, without=supplier.place.commune_name),
        found=described(offer.title, description=offer.description, categories=known),
        place=supplier.place,
        window=offer.window,
        published_at=offer.published_at,
        supplier_name=supplier.name,
        supplier_kinds=supplier.kinds,
        may_issue_receipts=supplier.may_issue_receipts,
        serves=(*offer.need_kinds, *((FLOW,) if offer.takes_material else ())),
        zones=offer.zones,
        capacity=Amount.of(offer.capacity),
        minimum=Amount.of(offer.minimum),
        service_types=offer.service_types,
        permits=offer.permits,
        level=offer.level,
        blocked=offer.blocked,
        registered_on=supplier.registered_on,
        weekly_asks=supplier.weekly_asks,
        asks_resume_on=supplier.asks_resume_on,
    )


def _known(category_ids: Iterable[str]) -> tuple[str, ...]:
    """Without the categories of a newer vocabulary than ours."""
    return tuple(each for each in category_ids if each in categories())


def _inferred(
    known: tuple[str, ...], *, ewc: tuple[str, ...] = (), cpv: tuple[str, ...] = (), naf: tuple[str, ...] = ()
) -> tuple[str, ...]:
    found: list[Category] = []
    for codes, crosswalk in ((ewc, by_ewc), (cpv, by_cpv), (naf, by_naf)):
        for code in codes:
            found += crosswalk(code)[:MOST_INFERRED]
    return tuple(dict.fromkeys(each.id for each in found if each.id not in known))


def _plain(codes: tuple[str, ...], scheme: CodeScheme) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain_code(code, scheme) for code in codes))


def _hazardous(code: str) -> bool:
    try:
        return is_hazardous(code)
    except WasteCodeUnknown:
        # Catalog refuses unknown codes; if one comes all the same, its star is believed.
        return code.rstrip().endswith("*")
