"""A lot that has just opened, or of which a part was freed, is for those who go first; then it is for all.

A lot is locked as by whoever takes of it, and each part has an id that follows from its subscription, or from the part
that was freed: however many timers come by, each is made once.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.flows.planning import tell_what_is_left
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.subscriptions.models import Subscription
from services.catalog.subscriptions.queries import freed_parts, lots_to_serve, subscriptions_serving, terms_of
from services.catalog.subscriptions.rules import given, in_order, wanted_of
from services.catalog.takings.commands import Part, begun, picked_up, refuse_unpapered
from services.catalog.takings.errors import SlotOutside, SlotOver, SlotUpsideDown, TransportNotOffered
from services.catalog.takings.models import PickUp, Taking, held_until
from services.catalog.takings.papers import Papers
from services.catalog.takings.queries import Locked, lot_locked
from services.catalog.takings.rules import minimum_of, pick_up_days, refuse_taker
from services.catalog.takings.schemas import HoldAsked, PickUpAsked
from shared.database import Database, now_of
from shared.database.one_by_one import RETRY, one_by_one
from shared.events.facts import Level, Quantity
from shared.events.subscriptions import UnservedFor
from shared.messaging.outbox import record
from shared.observability.pulse import every
from shared.refusal import Refusal

TIMER_S = 2.0
"""How long a lot is kept for those who go first, at most."""

SLOT = (SlotOutside, SlotOver, SlotUpsideDown, TransportNotOffered)


async def serve_lots(database: Database) -> int:
    """Serve what is to be served, each lot in a transaction of its own; returns how many were looked at."""
    async with database.sessions.begin() as session:
        waiting = await lots_to_serve(session, now_of(session))
    # Nobody else has of it meanwhile.
    return await one_by_one(database, waiting, _serve_due, put_off=_later, failed="lot_not_served")


async def _serve_due(session: AsyncSession, lot_id: UUID) -> None:
    await serve_lot(session, lot_id=lot_id, now=now_of(session))


async def run_serving_timer(database: Database) -> None:
    """Serve, for ever."""
    async for _ in every(TIMER_S):
        await serve_lots(database)


async def serve_lot(session: AsyncSession, *, lot_id: UUID, now: datetime) -> None:
    """Its subscribers once, when it opens; whoever is next, when a part is freed. Nothing when it was done before."""
    locked = await lot_locked(session, lot_id)
    lot = locked.lot
    if lot.serve_at is None or lot.serve_at > now:
        return
    if locked.flow.organisation.is_suspended and lot.may_be_taken(now):
        # Nothing of it goes to anybody; once its holder is back, those who go first still do.
        lot.serve_at = now + RETRY
        return
    subscriptions = in_order(await subscriptions_serving(session, lot))
    if lot.served_at is None:
        lot.served_at = now
        for subscription in subscriptions if lot.may_be_taken(now) else ():
            await _serve(session, locked, subscription, now)
    for freed in await freed_parts(session, lot.id):
        freed.passes_on = False
        if lot.may_be_taken(now):
            await _offer(session, locked, freed, subscriptions, now)
    lot.serve_at = None
    await tell_what_is_left(session, locked.flow, now)


async def _serve(session: AsyncSession, locked: Locked, subscription: Subscription, now: datetime) -> None:
    flow, lot = locked
    wanted = wanted_of(subscription, lot)
    part = given(wanted, lot.left_value, minimum_of(flow, lot))
    if not isinstance(part, UnservedFor):
        try:
            pick_up = await _pick_up(session, locked, subscription, part, now)
        except Refusal as refusal:
            part = _why(refusal)
    if isinstance(part, UnservedFor):
        await record(session, subscription.miss_out(lot.id, lot.day, part, now))
        await note(
            session, None, subscription.taker_id, "subscription.unserved", about=subscription.id, lot=str(lot.id),
            reason=part.value,
        )  # fmt: skip
        return
    taking_id = uuid5(subscription.id, str(lot.id))
    asked = HoldAsked(quantity_value=part, level=subscription.level)
    taking = begun(locked, subscription.taker, asked, taking_id=taking_id, made_by=None, now=now)
    taking.subscription_id = subscription.id
    short = wanted if wanted != part else None
    told = lot.take(part, now)
    wish = Quantity(value=short, unit=lot.quantity_unit) if short is not None else None
    event = taking.make(pick_up, now, wanted=wish)
    session.add(taking)
    await session.flush()
    await record(session, told, event)
    await _noted(session, taking, "lot.taken")


async def _pick_up(
    session: AsyncSession, locked: Locked, subscription: Subscription, part: Decimal, now: datetime
) -> PickUp:
    """The slot of the pattern, or the first one after it that is not over; raises what the rules refuse today."""
    flow, lot = locked
    taker = subscription.taker
    taker.may_act()
    refuse_taker(flow, taker, subscription.level)
    days = pick_up_days(lot)
    for day in days[min(subscription.slot_after_days, len(days) - 1) :]:
        asked = PickUpAsked(
            transport=subscription.transport,
            slot_on=day,
            slot_from=subscription.slot_from,
            slot_until=subscription.slot_until,
            carrier_receipt=subscription.carrier_receipt,
        )
        try:
            return await picked_up(session, locked, taker, asked, part=Part(part, subscription.level), now=now)
        except SlotOver:
            continue
    raise SlotOver


def _why(refusal: Refusal) -> UnservedFor:
    if isinstance(refusal, SLOT):
        return UnservedFor.SLOT
    return UnservedFor.PAPERS if refusal.field in ("papers", "carrier_receipt", "tracking_slip") else UnservedFor.TAKER


async def _offer(
    session: AsyncSession, locked: Locked, freed: Taking, subscriptions: Sequence[Subscription], now: datetime
) -> None:
    """Keep what was freed for whoever is next: who the holder named, then subscribers in their order."""
    flow, lot = locked
    part = min(freed.quantity_value, lot.left_value)
    if part <= 0:
        return
    for taker, level in await _next(session, locked, freed, subscriptions):
        try:
            taker.may_act()
            refuse_taker(flow, taker, level)
            await refuse_unpapered(session, locked, Papers.of(taker), level, now)
        except Refusal:
            continue
        asked = HoldAsked(quantity_value=part, level=level)
        taking = begun(locked, taker, asked, taking_id=uuid5(freed.id, "offered"), made_by=None, now=now)
        taking.offered = True
        told = lot.hold(part, now)
        event = taking.keep(held_until(now, lot.expires_at), now)
        session.add(taking)
        await session.flush()
        await record(session, told, event)
        await _noted(session, taking, "lot.offered")
        return


async def _next(
    session: AsyncSession, locked: Locked, freed: Taking, subscriptions: Sequence[Subscription]
) -> list[tuple[Organisation, Level]]:
    terms = await terms_of(session, locked.flow.id)
    found = [(each.taker, each.level) for each in subscriptions]
    named = await organisation_by_id(session, terms.fallback_id) if terms and terms.fallback_id else None
    if named is not None:
        levels = {taker.id: level for taker, level in found}
        wanted = Level(locked.flow.levels[0]) if locked.flow.levels else Level(freed.level)
        found.insert(0, (named, levels.get(named.id, wanted)))
    return [(taker, level) for taker, level in found if taker.id != freed.taker_id]


async def _noted(session: AsyncSession, taking: Taking, action: str) -> None:
    details = {"lot": str(taking.lot_id), "quantity": str(taking.quantity_value), "unit": taking.quantity_unit}
    if taking.subscription_id is not None:
        details["subscription"] = str(taking.subscription_id)
    await note(session, None, taking.taker_id, action, about=taking.id, **details)


async def _later(session: AsyncSession, lot_id: UUID) -> None:
    """Look at it again, and let others take of it meanwhile no more than before."""
    locked = await lot_locked(session, lot_id)
    if locked.lot.serve_at is not None:
        locked.lot.serve_at = now_of(session) + RETRY
