"""Consents as JSON: what was posted in one's organisation's place, or for coordinators in that of others."""

from uuid import UUID

from litestar import Router, get
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from services.catalog.consents.queries import consents_of
from services.catalog.consents.schemas import ConsentOut, Consents
from shared.web.cursors import Cursor, Limit, cursor_at, cut, place_of
from shared.web.provided import Member, Session


@get("/")
async def list_consents(
    session: Session,
    member: Member,
    *,
    organisation: FromQuery[UUID | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Consents:
    """What one's organisation agreed to, the latest first; coordinators may ask about another `organisation`."""
    whose = organisation or member.organisation_id
    found, last = cut(await consents_of(session, whose, before=place_of(cursor, UUID), limit=limit + 1), limit)
    return Consents([ConsentOut.of(each) for each in found], cursor_at(last.id) if last else None)


ROUTES: list[ControllerRouterHandler] = [
    Router("/api/v1/consents", route_handlers=[list_consents], tags=["organisations"])
]
