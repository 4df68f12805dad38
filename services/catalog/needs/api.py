"""Needs as JSON."""

from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from services.catalog.needs.commands import close_need, draft_need, publish_need, update_need, withdraw_need
from services.catalog.needs.queries import need_seen_by, open_needs
from services.catalog.needs.schemas import Closing, NeedDraft, NeedOut
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Editor, Now, Session, Visitor
from shared.web.transactions import ONCE, SEEN


class Needs(Struct, frozen=True):
    """One page of needs; `next` is the cursor of the following one."""

    items: list[NeedOut]
    next: str | None


@get("/")
async def list_needs(
    session: Session,
    kind: FromQuery[str | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Needs:
    """Open needs, newest first."""
    rows = await open_needs(session, kind=kind, before=place_of(cursor, UUID), limit=limit + 1)
    return Needs(*listed(rows, limit, NeedOut.of))


@get("/{need_id:uuid}")
async def read_need(session: Session, visitor: Visitor, need_id: FromPath[UUID]) -> NeedOut:
    """One need."""
    return NeedOut.of(await need_seen_by(session, need_id, visitor.organisation_id if visitor else None))


@post("/", dependencies=ONCE)
async def create_need(session: Session, editor: Editor, now: Now, data: JSONBody[NeedDraft]) -> NeedOut:
    """Draft a need."""
    return NeedOut.of(await draft_need(session, editor, data, now=now))


@patch("/{need_id:uuid}", dependencies=SEEN)
async def change_need(
    session: Session, editor: Editor, now: Now, need_id: FromPath[UUID], data: JSONBody[NeedDraft]
) -> NeedOut:
    """Replace a need's fields."""
    return NeedOut.of(await update_need(session, editor, data, need_id=need_id, now=now))


@post("/{need_id:uuid}/publish", status_code=200, dependencies=SEEN)
async def publish(session: Session, editor: Editor, now: Now, need_id: FromPath[UUID]) -> NeedOut:
    """Open a need to answers."""
    return NeedOut.of(await publish_need(session, editor, need_id=need_id, now=now))


@post("/{need_id:uuid}/withdraw", status_code=200, dependencies=SEEN)
async def withdraw(session: Session, editor: Editor, now: Now, need_id: FromPath[UUID]) -> NeedOut:
    """Take a need back."""
    return NeedOut.of(await withdraw_need(session, editor, need_id=need_id, now=now))


@post("/{need_id:uuid}/close", status_code=200, dependencies=SEEN)
async def close(
    session: Session, editor: Editor, now: Now, need_id: FromPath[UUID], data: JSONBody[Closing]
) -> NeedOut:
    """End a need with its outcome."""
    return NeedOut.of(await close_need(session, editor, data, need_id=need_id, now=now))


ROUTES = [
    Router(
        "/api/v1/needs",
        route_handlers=[list_needs, read_need, create_need, change_need, publish, withdraw, close],
        tags=["needs"],
    )
]
