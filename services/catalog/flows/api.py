"""Flows and their lots as JSON."""

from datetime import date
from uuid import UUID, uuid4

from litestar import Router, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from services.catalog.flows.calling_off import call_off
from services.catalog.flows.commands import (
    change_lot,
    draft_flow,
    end_flow,
    pause_flow,
    publish_flow,
    resume_flow,
    update_flow,
)
from services.catalog.flows.errors import FlowUnknown, NamedFlowUnknown
from services.catalog.flows.queries import flow_seen_by, lot_seen_by, lots_of, open_flows
from services.catalog.flows.schemas import CallOffOf, FlowDraft, FlowOut, LotChange, LotOut
from shared.events.facts import LegalStatus
from shared.web.cursors import Cursor, Limit, cursor_at, cut, place_of
from shared.web.provided import Editor, Now, Session, Visitor
from shared.web.transactions import ONCE, SEEN


class Flows(Struct, frozen=True):
    """One page of flows; `next` is the cursor of the following one."""

    items: list[FlowOut]
    next: str | None


class Lots(Struct, frozen=True):
    """One page of a flow's lots, by day; `next` is the cursor of the following one."""

    items: list[LotOut]
    next: str | None


@get("/")
async def list_flows(
    session: Session,
    legal_status: FromQuery[LegalStatus | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Flows:
    """Open flows, newest first."""
    before = place_of(cursor, UUID)
    rows = await open_flows(session, legal_status=legal_status, before=before, limit=limit + 1)
    flows, last = cut(rows, limit)
    return Flows([FlowOut.of(flow) for flow in flows], cursor_at(last.id) if last else None)


@get("/{flow_id:uuid}")
async def read_flow(session: Session, visitor: Visitor, flow_id: FromPath[UUID]) -> FlowOut:
    """One flow."""
    return FlowOut.of(await flow_seen_by(session, flow_id, visitor.organisation_id if visitor else None))


@get("/{flow_id:uuid}/lots")
async def list_lots(
    session: Session, visitor: Visitor, flow_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> Lots:
    """A flow's lots, those to come and those that were."""
    flow = await flow_seen_by(session, flow_id, visitor.organisation_id if visitor else None)
    rows = await lots_of(session, flow.id, after=place_of(cursor, date), limit=limit + 1)
    lots, last = cut(rows, limit)
    return Lots([LotOut.of(lot) for lot in lots], cursor_at(last.day) if last else None)


@get("/lots/{lot_id:uuid}")
async def read_lot(session: Session, visitor: Visitor, lot_id: FromPath[UUID]) -> LotOut:
    """One lot."""
    return LotOut.of(await lot_seen_by(session, lot_id, visitor.organisation_id if visitor else None))


@post("/", dependencies=ONCE)
async def create_flow(session: Session, editor: Editor, now: Now, data: JSONBody[FlowDraft]) -> FlowOut:
    """Draft a flow."""
    return FlowOut.of(await draft_flow(session, editor, data, now=now))


@patch("/{flow_id:uuid}", dependencies=SEEN)
async def change_flow(
    session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID], data: JSONBody[FlowDraft]
) -> FlowOut:
    """Replace a flow's fields."""
    return FlowOut.of(await update_flow(session, editor, data, flow_id=flow_id, now=now))


@patch("/lots/{lot_id:uuid}", dependencies=SEEN)
async def correct_lot(
    session: Session, editor: Editor, now: Now, lot_id: FromPath[UUID], data: JSONBody[LotChange]
) -> LotOut:
    """Say that an open lot holds more or less than announced, or is to be eaten by another day."""
    return LotOut.of(await change_lot(session, editor, data, lot_id=lot_id, now=now))


@post("/call-offs", dependencies=ONCE)
async def call_off_lot(session: Session, editor: Editor, now: Now, data: JSONBody[CallOffOf]) -> LotOut:
    """Release a lot besides the rule, now: « the skip is full »; its subscribers have their parts first."""
    try:
        return LotOut.of(await call_off(session, editor, data, flow_id=data.flow_id, once=uuid4(), now=now))
    except FlowUnknown:
        raise NamedFlowUnknown from None


@post("/{flow_id:uuid}/publish", status_code=200, dependencies=SEEN)
async def publish(session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> FlowOut:
    """Open a flow to takers."""
    return FlowOut.of(await publish_flow(session, editor, flow_id=flow_id, now=now))


@post("/{flow_id:uuid}/pause", status_code=200, dependencies=SEEN)
async def pause(session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> FlowOut:
    """Release no lot for now."""
    return FlowOut.of(await pause_flow(session, editor, flow_id=flow_id, now=now))


@post("/{flow_id:uuid}/resume", status_code=200, dependencies=SEEN)
async def resume(session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> FlowOut:
    """Release lots again."""
    return FlowOut.of(await resume_flow(session, editor, flow_id=flow_id, now=now))


@post("/{flow_id:uuid}/end", status_code=200, dependencies=SEEN)
async def end(session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> FlowOut:
    """End a flow."""
    return FlowOut.of(await end_flow(session, editor, flow_id=flow_id, now=now))


ROUTES = [
    Router(
        "/api/v1/flows",
        route_handlers=[
            list_flows,
            read_flow,
            list_lots,
            read_lot,
            create_flow,
            change_flow,
            correct_lot,
            call_off_lot,
            publish,
            pause,
            resume,
            end,
        ],
        tags=["flows"],
    )
]
