"""Published calls as JSON, for everybody."""

from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath

from services.catalog.calls.queries import call_seen_by, published_calls
from services.catalog.calls.schemas import CallOut, Calls
from shared.web.cursors import Cursor, Limit, cursor_at, cut, place_of
from shared.web.provided import Session


@get("/")
async def list_calls(session: Session, cursor: Cursor = None, limit: Limit = 50) -> Calls:
    """Published calls, newest first."""
    found, last = cut(await published_calls(session, before=place_of(cursor, UUID), limit=limit + 1), limit)
    return Calls([CallOut.of(each) for each in found], cursor_at(last.id) if last else None)


@get("/{call_id:uuid}")
async def read_call(session: Session, call_id: FromPath[UUID]) -> CallOut:
    """One published call."""
    return CallOut.of(await call_seen_by(session, call_id, None))


ROUTES = [Router("/api/v1/calls", route_handlers=[list_calls, read_call], tags=["calls"])]
