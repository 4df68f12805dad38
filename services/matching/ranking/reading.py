"""From a catalog event to a side of the ranking: units normalised, codes plain, words weighed, once at write time."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from services.matching.ranking.finding import described
from services.matching.ranking.sides import EURO, FLOW, Amount, Demand, Supply
from services.matching.ranking.words import spelling, weigh
from shared.events.campaigns import CampaignState
from shared.events.catalog import FlowState, NeedState, OfferState
from shared.events.facts import LegalStatus, Quantity, Window
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
PATRONAGE, MONEY = "patronage", "money"
# A broad code (NAF 43) points to whole families: only its nearest categories are worth a hint.
MOST_INFERRED = 3


def demand_of_need(need: NeedState, *, is_searched: bool = True) -> Demand:
    """A need as ranking compares it; without what only the search box weighs where `is_searched` is False."""
    known = _known(need.categories)
    return Demand(
        kind="need",
        id=need.need_id,
        asks=need.kind,
        cpv=_plain(need.cpv, "cpv"),
        amount=Amount.of(need.quantity) or _money_of(need),
        means=need.means,
        deadline_on=need.deadline_on,
        service_type=need.service_type,
        public_tender=need.public_tender,
        inferred=_inferred(known, ewc=need.ewc, cpv=need.cpv),
        **_shared_by_demands(need, known, is_searched=is_searched),
    )


def demand_of_flow(flow: FlowState, *, is_searched: bool = True) -> Demand:
    """A flow as ranking compares it; without what only the search box weighs where `is_searched` is False."""
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
        **_shared_by_demands(flow, known, is_searched=is_searched),
    )


def _shared_by_demands(event: NeedState | FlowState, known: tuple[str, ...], *, is_searched: bool) -> dict[str, Any]:
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
        "found": described(event.title, description=event.description, categories=known) if is_searched else {},
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


def supply_of_campaign(campaign: CampaignState) -> Supply:
    """A campaign as ranking compares it with who has money to give: what it still lacks is how much it can take."""
    supplier, known = campaign.supplier, _known(campaign.categories)
    return Supply(
        posted="campaign",
        serves=(PATRONAGE,),
        means=(MONEY,),
        goal_cents=campaign.goal_cents,
        id=campaign.campaign_id,
        version=campaign.version,
        organisation_id=supplier.organisation_id,
        legal_entity_id=supplier.legal_entity_id,
        title=campaign.title,
        categories=known,
        words=weigh(campaign.title, campaign.description, synonyms_of=known, without=supplier.place.commune_name),
        found=described(campaign.title, description=campaign.description, categories=known),
        place=supplier.place,
        window=Window(starts_on=campaign.opens_on, ends_on=campaign.closes_on),
        published_at=campaign.published_at,
        supplier_name=supplier.name,
        supplier_kinds=supplier.kinds,
        may_issue_receipts=supplier.may_issue_receipts,
        zones=campaign.zones,
        capacity=_euros((campaign.goal_cents - campaign.pledged_cents) // 100),
        registered_on=supplier.registered_on,
        weekly_asks=supplier.weekly_asks,
        asks_resume_on=supplier.asks_resume_on,
    )


def _money_of(need: NeedState) -> Amount | None:
    """How much somebody who gives money speaks of: the least of the band it shows, and of the smallest its most."""
    if need.means != MONEY or need.amount_band is None:
        return None
    least, _, most = need.amount_band.rstrip("+").partition("-")
    return _euros(1_000 * (int(least) or int(most)))


def _euros(euros: int) -> Amount | None:
    """An amount of money; None when there is nothing of it."""
    if euros <= 0:
        return None
    return Amount(said=Quantity(value=Decimal(euros), unit=EURO), value=float(euros), unit=EURO)


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
