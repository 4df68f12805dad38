"""Who may take how much of a lot, from when on, and in which slot: each rule raises its refusal."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_UP, Decimal

from services.catalog.flows.errors import LotNotOpen, NotSoMuchLeft
from services.catalog.flows.ladder import is_on_food_ladder, ladder_of_flow, levels_of
from services.catalog.flows.lot import Lot
from services.catalog.flows.models import Flow
from services.catalog.flows.recurrence import at
from services.catalog.organisations.models import Organisation, OrganisationRole
from services.catalog.takings.errors import (
    BelowMinimum,
    FoodTurn,
    LevelNotWanted,
    NeverForAnimals,
    NotYourTurn,
    OtherKindsOnly,
    OwnLot,
    SlotOutside,
    SlotOver,
    SlotUpsideDown,
    SubscribersFirst,
    TransportNotOffered,
    WasteNotEaten,
)
from services.catalog.takings.models import PickUp
from services.catalog.takings.priority import Life, opens_at
from services.catalog.takings.schemas import PickUpAsked
from shared.clock import PARIS, day_of
from shared.events.facts import Level, plain
from shared.events.takings import Transport
from shared.vocabulary import UnitsIncompatible, convert, is_kitchen_waste, unit

# Who may carry, by what the flow says of transport.
TRANSPORTS: dict[str, Sequence[Transport]] = {
    "taker": (Transport.OWN, Transport.CARRIER),
    "holder": (Transport.HOLDER,),
    "either": tuple(Transport),
}


def refuse_taker(flow: Flow, taker: Organisation, level: Level) -> None:
    """Raise why this organisation does not take of this flow, or not for this treatment."""
    flow.organisation.may_be_bound()
    if taker.legal_entity_id == flow.organisation.legal_entity_id:
        raise OwnLot
    if flow.supplier_kinds and not {*flow.supplier_kinds} & {*taker.legal_entity.kinds}:
        raise OtherKindsOnly
    if level is Level.ANIMALS and is_kitchen_waste(flow.categories or (), flow.ewc or ()):
        raise NeverForAnimals
    if level is Level.REUSE and flow.is_discarded_food:
        raise WasteNotEaten
    if level not in levels_of(flow):
        raise LevelNotWanted


def refuse_part(flow: Flow, lot: Lot, value: Decimal, now: datetime) -> None:
    """Raise why this part is too large or too small; all that is left may be smaller than the smallest part."""
    if not lot.may_be_taken(now):
        raise LotNotOpen
    if lot.serve_at is not None:
        raise SubscribersFirst
    if value > lot.left_value:
        raise NotSoMuchLeft
    minimum = minimum_of(flow, lot)
    if minimum is not None and value < minimum and value != lot.left_value:
        raise BelowMinimum(minimum=f"{plain(minimum):f}", unit=unit(lot.quantity_unit).symbol)


def minimum_of(flow: Flow, lot: Lot) -> Decimal | None:
    """The smallest part, in the lot's unit; None where there is none, or where the flow is measured otherwise since."""
    if flow.minimum_value is None or flow.quantity_unit is None:
        return None
    try:
        found = convert(flow.minimum_value, flow.quantity_unit, lot.quantity_unit)
    except UnitsIncompatible:
        return None
    return found.quantize(Decimal("0.001"), ROUND_UP)


def life_of(flow: Flow, lot: Lot) -> Life:
    """What priority is counted in."""
    return Life(lot.released_at or lot.created_at, lot.expires_at, flow.priority_percent)


def opens_for(flow: Flow, lot: Lot, taker: Organisation, level: Level) -> datetime:
    """From when on this organisation may take, for this treatment."""
    return opens_at(
        life_of(flow, lot), flow.levels, ladder_of_flow(flow), level=level, is_ess=OrganisationRole.ESS in taker.roles
    )


def refuse_out_of_turn(flow: Flow, lot: Lot, taker: Organisation, level: Level, now: datetime) -> None:
    """Raise `NotYourTurn`, of food `FoodTurn`, while others go first, with the moment from which it is open."""
    opens = opens_for(flow, lot, taker, level)
    if now < opens:
        # To the minute, and never one too early.
        turn = FoodTurn if is_on_food_ladder(flow) else NotYourTurn
        raise turn(opens=f"{(opens + timedelta(minutes=1)).astimezone(PARIS):%d/%m/%Y %H:%M}")


def pick_up_days(lot: Lot) -> list[date]:
    """The days on which a lot may be picked up."""
    count = (day_of(lot.expires_at) - lot.day).days + 1
    return [lot.day + timedelta(days=number) for number in range(count)]


def pick_up_of(flow: Flow, lot: Lot, asked: PickUpAsked, now: datetime) -> PickUp:
    """How and when it leaves; raises what is wrong with the slot or the transport."""
    if asked.transport not in TRANSPORTS[flow.transport]:
        raise TransportNotOffered
    opens, closes = asked.slot_from or flow.pickup_from, asked.slot_until or flow.pickup_until
    if closes <= opens:
        raise SlotUpsideDown
    days = pick_up_days(lot)
    if asked.slot_on not in days or opens < flow.pickup_from or closes > flow.pickup_until:
        hours = {"opens": f"{flow.pickup_from:%H:%M}", "closes": f"{flow.pickup_until:%H:%M}"}
        raise SlotOutside(first=f"{days[0]:%d/%m/%Y}", last=f"{days[-1]:%d/%m/%Y}", **hours)
    slot_from, slot_until = at(asked.slot_on, opens), at(asked.slot_on, closes)
    if slot_until <= now:
        raise SlotOver
    return PickUp(asked.transport, slot_from, slot_until, asked.carrier_receipt, asked.tracking_slip)
