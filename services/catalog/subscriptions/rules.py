"""Who is served first of a lot, and how much: pure."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from services.catalog.agreements.natures import is_public
from services.catalog.flows.lot import Lot
from services.catalog.flows.models import Flow
from services.catalog.organisations.models import Organisation, OrganisationRole
from services.catalog.subscriptions.models import Subscription
from shared.events.facts import Level, Quantity
from shared.events.subscriptions import UnservedFor
from shared.vocabulary import UnitsIncompatible, convert

SMALLEST = Decimal("0.001")
Place = tuple[int, bool, datetime, UUID]


def place_of(level: Level, roles: Collection[str], asked_at: datetime, subscription_id: UUID) -> Place:
    """What subscribers are sorted by: the better treatment, the social economy, who asked before."""
    return list(Level).index(level), OrganisationRole.ESS not in roles, asked_at, subscription_id


def in_order(subscriptions: Sequence[Subscription]) -> list[Subscription]:
    """Who is served before whom."""
    return sorted(subscriptions, key=lambda each: place_of(each.level, each.taker.roles, each.asked_at, each.id))


def wanted_of(subscription: Subscription, lot: Lot) -> Decimal | None:
    """Its part of a lot in the lot's unit; None where the lot is measured otherwise."""
    if subscription.percent is not None:
        part = lot.quantity_value * subscription.percent / 100
        return max(part.quantize(SMALLEST, ROUND_DOWN), SMALLEST)
    quantity = subscription.quantity
    if quantity is None:
        return None
    return in_unit(quantity, lot.quantity_unit)


def in_unit(quantity: Quantity, unit: str) -> Decimal | None:
    """A quantity in another unit; None where that says nothing."""
    try:
        return max(convert(quantity.value, quantity.unit, unit).quantize(SMALLEST, ROUND_DOWN), SMALLEST)
    except UnitsIncompatible:
        return None


def given(wanted: Decimal | None, left: Decimal, minimum: Decimal | None) -> Decimal | UnservedFor:
    """How much of what is left, or why nothing: all that is left may be smaller than the smallest part."""
    if wanted is None:
        return UnservedFor.UNIT
    if left <= 0:
        return UnservedFor.NOTHING_LEFT
    part = min(wanted, left)
    if minimum is not None and part < minimum and part != left:
        return UnservedFor.BELOW_MINIMUM
    return part


def is_public_flow(flow: Flow) -> bool:
    """True when its holder chooses after a call alone."""
    holder: Organisation = flow.organisation
    return is_public(holder.legal_entity.siren, holder.roles)
