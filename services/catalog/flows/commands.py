"""What a person does with a flow: draft, publish, update, pause, resume, end; and with one of its lots: change it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.flows.errors import FlowNotSubmitted
from services.catalog.flows.lot import Lot
from services.catalog.flows.models import Flow, FlowState
from services.catalog.flows.planning import (
    expire_open_lots,
    forget_planned,
    plan_lots,
    replan_lots,
    tell_what_is_left,
)
from services.catalog.flows.queries import flow_for_update, lot_for_update
from services.catalog.flows.schemas import FlowDraft, LotChange
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import resolved_place
from services.catalog.posting.commands import begun, copied, kept, waits_for_a_look
from shared.events.facts import Origin
from shared.messaging.outbox import record

# What is tied to no day.
COPIED = (
    *("title", "description", "categories", "ewc", "place_data", "radius_km", "legal_status", "levels", "currency"),
    *("quantity_value", "quantity_most", "quantity_unit", "quantity_period", "minimum_value", "measured"),
    *("supplier_kinds", "permits", "receipt_wanted", "price_cents", "recurrence", "pickup_from", "pickup_until"),
    *("lot_days", "condition", "packaging", "consistence", "transport", "access", "safety", "owner_name"),
    *("operator_name", "epr_scheme", "epr_convention", "provenance", "priority_percent", "use_by_days"),
)


async def draft_flow(
    session: AsyncSession,
    author: Actor,
    draft: FlowDraft,
    now: datetime,
    *,
    origin: Origin = Origin.MEMBER,
    organisation: Organisation | None = None,
) -> Flow:
    """Keep a flow that nobody else sees yet."""
    flow = await begun(session, Flow, author, now=now, origin=origin, organisation=organisation)
    fill_flow(flow, draft)
    return await kept(session, flow, author, "flow.drafted")


async def update_flow(session: AsyncSession, author: Actor, draft: FlowDraft, flow_id: UUID, now: datetime) -> Flow:
    """Change a flow; an open one is matched again and its announced lots made anew."""
    flow = await flow_for_update(session, flow_id, organisation_id=author.organisation_id)
    fill_flow(flow, draft)
    event = flow.updated(now)
    if event is not None:
        await record(session, event)
    if flow.is_open:
        await replan_lots(session, flow, now)
    await note(session, author.member_id, author.organisation_id, "flow.updated", about=flow.id)
    return flow


async def publish_flow(session: AsyncSession, author: Actor, flow_id: UUID, now: datetime) -> Flow:
    """Open a flow to takers, with its first lots; unverified organisations' flows are looked at first."""
    flow = await flow_for_update(session, flow_id, organisation_id=author.organisation_id)
    return await open_flow(session, author, flow, now)


async def open_flow(session: AsyncSession, author: Actor, flow: Flow, now: datetime) -> Flow:
    """`publish_flow` with the row at hand: locked, or made in this transaction so that nobody else has seen it."""
    if waits_for_a_look(session, author, flow.organisation):
        flow.submit(now)
        await record(session, flow.waiting(now))
        await note(session, author.member_id, author.organisation_id, "flow.submitted", about=flow.id)
        return flow
    await record(session, flow.publish(now))
    await plan_lots(session, flow, now)
    await note(session, author.member_id, author.organisation_id, "flow.published", about=flow.id)
    return flow


async def accept_flow(session: AsyncSession, actor: Actor, *, flow_id: UUID, now: datetime) -> Flow:
    """Publish what waited for a look, with its first lots."""
    flow = await flow_for_update(session, flow_id, organisation_id=actor.organisation_id)
    if flow.state is not FlowState.SUBMITTED:
        raise FlowNotSubmitted
    await record(session, flow.publish(now))
    await plan_lots(session, flow, now)
    await note(session, actor.member_id, actor.organisation_id, "flow.published", about=flow.id)
    return flow


async def return_flow(session: AsyncSession, actor: Actor, words: str, *, flow_id: UUID, now: datetime) -> Flow:
    """Send a flow back to its holder, with what has to change."""
    flow = await flow_for_update(session, flow_id, organisation_id=actor.organisation_id)
    flow.send_back(words, now)
    await record(session, flow.returned(now))
    await note(session, actor.member_id, actor.organisation_id, "flow.returned", about=flow.id)
    return flow


async def copy_flow(session: AsyncSession, author: Actor, *, flow_id: UUID, now: datetime) -> Flow:
    """A new draft that says what an own flow said, without its dates, its lots and its photos."""
    source = await flow_for_update(session, flow_id, organisation_id=author.organisation_id)
    flow = await copied(session, author, source, COPIED, now=now)
    flow.copied_from = source.id
    return await kept(session, flow, author, "flow.copied", source=str(source.id))


async def pause_flow(session: AsyncSession, author: Actor, *, flow_id: UUID, now: datetime) -> Flow:
    """Release no lot for now; those already open stay to be taken."""
    flow = await flow_for_update(session, flow_id, organisation_id=author.organisation_id)
    await record(session, flow.pause(now))
    await forget_planned(session, flow)
    await note(session, author.member_id, author.organisation_id, "flow.paused", about=flow.id)
    return flow


async def resume_flow(session: AsyncSession, author: Actor, *, flow_id: UUID, now: datetime) -> Flow:
    """Release lots again."""
    flow = await flow_for_update(session, flow_id, organisation_id=author.organisation_id)
    flow.organisation.may_act()
    await record(session, flow.resume(now))
    await replan_lots(session, flow, now)
    await note(session, author.member_id, author.organisation_id, "flow.resumed", about=flow.id)
    return flow


async def end_flow(session: AsyncSession, author: Actor, *, flow_id: UUID, now: datetime) -> Flow:
    """End a flow; what is still to take of it closes."""
    flow = await flow_for_update(session, flow_id, organisation_id=author.organisation_id)
    event = flow.end(now)
    await forget_planned(session, flow)
    await expire_open_lots(session, flow, now)
    if event is not None:
        await record(session, event)
    await note(session, author.member_id, author.organisation_id, "flow.ended", about=flow.id)
    return flow


async def change_lot(session: AsyncSession, author: Actor, change: LotChange, *, lot_id: UUID, now: datetime) -> Lot:
    """Say that an open lot holds more or less than announced, or is to be eaten by another day."""
    flow, lot = await lot_for_update(session, lot_id, organisation_id=author.organisation_id)
    lot.quantity_value = change.quantity_value
    lot.be_used_by(change.use_by_on)
    await record(session, lot.change(now))
    await tell_what_is_left(session, flow, now)
    await note(session, author.member_id, author.organisation_id, "lot.changed", about=lot.id)
    return lot


def fill_flow(flow: Flow, draft: FlowDraft) -> None:
    """Put a draft's values into the row; a place or a rule that cannot be read is refused, not dropped."""
    for name, value in draft.columns().items():
        setattr(flow, name, value)
    flow.place = resolved_place(draft.place) if draft.place else None
