"""Published calls as JSON, for everybody."""

from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath

from services.catalog.calls.queries import call_seen_by, published_calls
from services.catalog.calls.schemas import CallOut, Calls
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Session


@get("/")
async def list_calls(session: Session, cursor: Cursor = None, limit: Limit = 50) -> Calls:
    """Published calls, newest first."""
    rows = await published_calls(session, before=place_of(cursor, UUID), limit=limit + 1)
    return Calls(*listed(rows, limit, CallOut.of))


@get("/{call_id:uuid}")
async def read_call(session: Session, call_id: FromPath[UUID]) -> CallOut:
    """One published call."""
    return CallOut.of(await call_seen_by(session, call_id, None))


ROUTES = [Router("/api/v1/calls", route_handlers=[list_calls, read_call], tags=["calls"])]
