"""What takers and holders do with parts of lots: take, keep, let go, keep longer, call off, say missed.

Each locks the flow, then the lot, and acts on the lot's sums and the taking in one transaction.
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import wait_for_turn
from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.flows.law import RECEIPTS, receipt_above_kg
from services.catalog.flows.models import Flow, FlowState
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.queries import organisation_acting
from services.catalog.parameters.queries import figures_of
from services.catalog.posting.commands import may_publish
from services.catalog.posting.errors import EmailUnconfirmed
from services.catalog.takings.changing import Done, kept, opened
from services.catalog.takings.errors import (
    CancelReasonMissing,
    ConfirmBeforeTaking,
    HolderKeepsLonger,
    OnlyTheTakerMay,
    TooManyHolds,
)
from services.catalog.takings.food import refuse_without_cold, refuse_without_time
from services.catalog.takings.models import LATE, MOST_HOLDS, PickUp, State, Taking, held_until
from services.catalog.takings.papers import Papers, refuse_without_permits, refuse_without_references
from services.catalog.takings.queries import Locked, lot_locked, open_holds, taking_locked, taking_once
from services.catalog.takings.rules import pick_up_of, refuse_out_of_turn, refuse_part, refuse_taker
from services.catalog.takings.schemas import HoldAsked, PickUpAsked, TakingAsked
from shared.clock import day_of
from shared.database.acting import act
from shared.events.facts import Level, Quantity
from shared.events.takings import Cancelled, Side
from shared.messaging.outbox import record


class Part(NamedTuple):
    """How much, in the lot's unit, and what becomes of it."""

    value: Decimal
    level: Level


async def take_lot(
    session: AsyncSession, actor: Actor, asked: TakingAsked, *, lot_id: UUID, once: UUID, now: datetime
) -> Taking:
    """Take a part of a lot, or all of it; asked again with the same `once`, the first one is the answer.

    Raises what the rules refuse, with the field to mend; `NotSoMuchLeft` when somebody was faster.
    """
    taker = await _taker(session, actor)
    taking_id = _id_of(taker, lot_id, once)
    locked = await lot_locked(session, lot_id)
    if done := await taking_once(session, taking_id):
        await act(session, org=taker.id)
        return done
    _refuse_asked(locked, taker, asked, now)
    part = Part(asked.quantity_value, asked.level)
    pick_up = await picked_up(session, locked, taker, asked, part=part, now=now)
    told = locked.lot.take(asked.quantity_value, now)
    taking = begun(locked, taker, asked, taking_id=taking_id, made_by=actor.member_id, now=now)
    event = taking.make(pick_up, now)
    return await kept(session, actor, locked, taking, Done("lot.taken", [event], told))


async def hold_lot(
    session: AsyncSession, actor: Actor, asked: HoldAsked, *, lot_id: UUID, once: UUID, now: datetime
) -> Taking:
    """Keep a part of a lot for a while; asked again with the same `once`, the first one is the answer."""
    taker = await _taker(session, actor)
    taking_id = _id_of(taker, lot_id, once)
    # Before any lot is locked: a taker's options, on whatever lots, are counted one after the other.
    await wait_for_turn(session, f"holds:{taker.id}")
    held = await open_holds(session, taker.id, now)
    locked = await lot_locked(session, lot_id)
    if done := await taking_once(session, taking_id):
        await act(session, org=taker.id)
        return done
    if held >= MOST_HOLDS:
        raise TooManyHolds(most=MOST_HOLDS)
    _refuse_asked(locked, taker, asked, now)
    await refuse_unpapered(session, locked, Papers.of(taker), asked.level, now)
    told = locked.lot.hold(asked.quantity_value, now)
    taking = begun(locked, taker, asked, taking_id=taking_id, made_by=actor.member_id, now=now)
    event = taking.keep(held_until(now, locked.lot.expires_at), now)
    return await kept(session, actor, locked, taking, Done("lot.held", [event], told))


async def take_held(
    session: AsyncSession, actor: Actor, asked: PickUpAsked, *, taking_id: UUID, now: datetime, seen: int | None = None
) -> Taking:
    """Take what one keeps; what was said of it stays, so that its turn stays, too."""
    taker = await _taker(session, actor)
    locked, taking = await opened(session, actor, taking_id, seen)
    if taking.taker_id != taker.id:
        raise OnlyTheTakerMay
    taking.refuse_unless_held(now)
    locked.flow.organisation.may_be_bound()
    part = Part(taking.quantity_value, taking.level)
    pick_up = await picked_up(session, locked, taker, asked, part=part, now=now)
    told = locked.lot.take_held(taking.quantity_value, now)
    event = taking.make(pick_up, now)
    return await kept(session, actor, locked, taking, Done("lot.taken", [event], told))


async def release_hold(
    session: AsyncSession, actor: Actor, *, taking_id: UUID, now: datetime, seen: int | None = None
) -> Taking:
    """Let go what one keeps."""
    locked, taking = await opened(session, actor, taking_id, seen)
    if taking.side_of(actor.organisation_id) is not Side.TAKER:
        raise OnlyTheTakerMay
    event = taking.release(now)
    told = locked.lot.free_held(taking.quantity_value, now)
    return await kept(session, actor, locked, taking, Done("lot.released", [event], told))


async def extend_hold(
    session: AsyncSession, actor: Actor, *, taking_id: UUID, now: datetime, seen: int | None = None
) -> Taking:
    """Keep a part of one's own lot longer for somebody."""
    locked, taking = await opened(session, actor, taking_id, seen)
    if taking.side_of(actor.organisation_id) is not Side.HOLDER:
        raise HolderKeepsLonger
    return await kept(session, actor, locked, taking, Done("lot.held-longer", [taking.keep_longer(now)]))


async def cancel_taking(
    session: AsyncSession,
    actor: Actor,
    reason: Cancelled | None,
    *,
    taking_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Taking:
    """Call a taking off before its slot, as either of the two; the other reads why."""
    locked, taking = await opened(session, actor, taking_id, seen)
    if reason is None:
        raise CancelReasonMissing
    event = taking.cancel(taking.side_of(actor.organisation_id), reason, now)
    told = locked.lot.free_taken(taking.quantity_value, now, reopens=_gives(locked.flow))
    if told is not None and taking.slot_from is not None and taking.slot_from - now < LATE:
        _pass_on(locked, taking, now)
    return await kept(session, actor, locked, taking, Done("lot.cancelled", [event], told))


async def mark_missed(
    session: AsyncSession, actor: Actor, *, taking_id: UUID, now: datetime, seen: int | None = None
) -> Taking:
    """Say that nothing was picked up within the slot, as either of the two."""
    locked, taking = await opened(session, actor, taking_id, seen)
    event = taking.miss(taking.side_of(actor.organisation_id), now)
    told = locked.lot.free_taken(taking.quantity_value, now, reopens=_gives(locked.flow), missed=True)
    if told is not None:
        _pass_on(locked, taking, now)
    return await kept(session, actor, locked, taking, Done("lot.missed", [event], told))


async def fire_taking(session: AsyncSession, *, taking_id: UUID, lot_id: UUID, now: datetime) -> None:
    """What the hour of a part asks for: of an option a warning, or its end; of a pick-up nobody confirmed a reminder.

    Nothing when another timer was here first.
    """
    locked = await lot_locked(session, lot_id)
    taking = await taking_locked(session, taking_id)
    if taking.due_at is None or taking.due_at > now:
        return
    if taking.state is State.MADE:
        await record(session, taking.remind(now))
        return
    if taking.is_held(now):
        await record(session, taking.warn(now))
        return
    event = taking.expire(now)
    told = locked.lot.free_held(taking.quantity_value, now)
    await record(session, *([told] if told else []), event)
    await note(session, None, taking.taker_id, "lot.hold-expired", about=taking.id, lot=str(lot_id))


async def _taker(session: AsyncSession, actor: Actor) -> Organisation:
    taker = await organisation_acting(session, actor.organisation_id)
    try:
        may_publish(session, actor)
    except EmailUnconfirmed:
        raise ConfirmBeforeTaking from None
    return taker


def _id_of(taker: Organisation, lot_id: UUID, once: UUID) -> UUID:
    """The same for the same form, and nobody else's whatever a form says."""
    return uuid5(taker.id, f"{lot_id} {once}")


def _refuse_asked(locked: Locked, taker: Organisation, asked: HoldAsked, now: datetime) -> None:
    refuse_taker(locked.flow, taker, asked.level)
    refuse_part(locked.flow, locked.lot, asked.quantity_value, now)
    refuse_out_of_turn(locked.flow, locked.lot, taker, asked.level, now)


async def refuse_unpapered(
    session: AsyncSession, locked: Locked, papers: Papers, level: Level, moment: datetime
) -> None:
    """Raise what a taker lacks to have it at all, for this, at a moment."""
    refuse_without_permits(locked.flow, papers, day_of(moment))
    refuse_without_cold(locked.flow, papers, level, day_of(moment))
    await refuse_without_time(session, locked, papers, level, moment)


async def picked_up(
    session: AsyncSession, locked: Locked, taker: Organisation, asked: PickUpAsked, *, part: Part, now: datetime
) -> PickUp:
    """How and when a part leaves; raises what the slot, the transport or the law refuses."""
    flow, lot = locked
    pick_up = pick_up_of(flow, lot, asked, now)
    papers = Papers.of(taker, asked.carrier_receipt, asked.tracking_slip)
    await refuse_unpapered(session, locked, papers, part.level, pick_up.slot_until)
    above = receipt_above_kg(flow, await figures_of(session, *RECEIPTS), on=asked.slot_on)
    load = Quantity(value=part.value, unit=lot.quantity_unit)
    refuse_without_references(flow, load, papers, transport=asked.transport, on=asked.slot_on, receipt_above=above)
    return pick_up


def begun(
    locked: Locked, taker: Organisation, asked: HoldAsked, *, taking_id: UUID, made_by: UUID | None, now: datetime
) -> Taking:
    """A part that is about to be taken or kept; `made_by` is a member, none when nobody pressed a button."""
    flow, lot = locked
    return Taking(
        id=taking_id,
        lot_id=lot.id,
        lot=lot,
        flow_id=flow.id,
        flow=flow,
        organisation_id=flow.organisation_id,
        organisation=flow.organisation,
        taker_id=taker.id,
        taker=taker,
        version=0,
        quantity_value=asked.quantity_value,
        quantity_unit=lot.quantity_unit,
        level=asked.level,
        carrier_receipt="",
        tracking_slip="",
        made_by=made_by,
        created_at=now,
        updated_at=now,
    )


def _pass_on(locked: Locked, taking: Taking, now: datetime) -> None:
    """Keep what was just freed for whoever is next, where the flow has somebody."""
    if locked.flow.serves_first:
        taking.passes_on, locked.lot.serve_at = True, now


def _gives(flow: Flow) -> bool:
    """True while what is freed of it may be taken again: a paused flow's open lots stay to be taken."""
    return flow.state in (FlowState.PUBLISHED, FlowState.PAUSED)
