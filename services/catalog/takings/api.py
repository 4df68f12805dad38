"""Takings as JSON: one's own, those of one's lots, and what is done with them."""

from uuid import UUID, uuid4

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody

from services.catalog.flows.errors import LotUnknown
from services.catalog.takings.commands import (
    cancel_taking,
    extend_hold,
    hold_lot,
    mark_missed,
    release_hold,
    take_held,
    take_lot,
)
from services.catalog.takings.errors import NamedLotUnknown
from services.catalog.takings.queries import taking_seen_by, takings_from, takings_of
from services.catalog.takings.schemas import CancelAsked, HoldOf, PickUpAsked, TakingOf, TakingOut, Takings
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import ONCE, SEEN


@get("/")
async def list_takings(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Takings:
    """What one's organisation takes or took, the newest first."""
    rows = await takings_of(session, member.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    return Takings(*listed(rows, limit, TakingOut.of))


@get("/received")
async def list_taken_from_us(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Takings:
    """What others take or took of one's organisation's lots, the newest first."""
    rows = await takings_from(session, member.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    return Takings(*listed(rows, limit, TakingOut.of))


@get("/{taking_id:uuid}")
async def read_taking(session: Session, member: Member, taking_id: FromPath[UUID]) -> TakingOut:
    """One taking of which one's organisation is a side."""
    return TakingOut.of(await taking_seen_by(session, taking_id, member.organisation_id))


@post("/", dependencies=ONCE)
async def create_taking(session: Session, editor: Editor, now: Now, data: JSONBody[TakingOf]) -> TakingOut:
    """Take a part of an open lot, or all that is left."""
    try:
        return TakingOut.of(await take_lot(session, editor, data, lot_id=data.lot_id, once=uuid4(), now=now))
    except LotUnknown:
        raise NamedLotUnknown from None


@post("/holds", dependencies=ONCE)
async def create_hold(session: Session, editor: Editor, now: Now, data: JSONBody[HoldOf]) -> TakingOut:
    """Keep a part of an open lot for the smaller of 48 hours and a quarter of what is left of its life."""
    try:
        return TakingOut.of(await hold_lot(session, editor, data, lot_id=data.lot_id, once=uuid4(), now=now))
    except LotUnknown:
        raise NamedLotUnknown from None


@post("/{taking_id:uuid}/take", status_code=200, dependencies=SEEN)
async def take(
    session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID], data: JSONBody[PickUpAsked]
) -> TakingOut:
    """Take what one keeps."""
    return TakingOut.of(await take_held(session, editor, data, taking_id=taking_id, now=now))


@post("/{taking_id:uuid}/release", status_code=200, dependencies=SEEN)
async def release(session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID]) -> TakingOut:
    """Let go what one keeps."""
    return TakingOut.of(await release_hold(session, editor, taking_id=taking_id, now=now))


@post("/{taking_id:uuid}/extend", status_code=200, dependencies=SEEN)
async def extend(session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID]) -> TakingOut:
    """Keep a part of one's own lot longer for its taker."""
    return TakingOut.of(await extend_hold(session, editor, taking_id=taking_id, now=now))


@post("/{taking_id:uuid}/cancel", status_code=200, dependencies=SEEN)
async def cancel(
    session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID], data: JSONBody[CancelAsked]
) -> TakingOut:
    """Call it off before its slot, as either side."""
    return TakingOut.of(await cancel_taking(session, editor, data.reason, taking_id=taking_id, now=now))


@post("/{taking_id:uuid}/miss", status_code=200, dependencies=SEEN)
async def miss(session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID]) -> TakingOut:
    """Say, after its slot, that nothing was picked up."""
    return TakingOut.of(await mark_missed(session, editor, taking_id=taking_id, now=now))


ROUTES = [
    Router(
        "/api/v1/takings",
        route_handlers=[
            list_takings,
            list_taken_from_us,
            read_taking,
            create_taking,
            create_hold,
            take,
            release,
            extend,
            cancel,
            miss,
        ],
        tags=["takings"],
    )
]
