"""The audit log as JSON: the territory's for coordinators, one's organisation's for its owners."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.params import FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.trail.errors import OwnersOnly
from services.catalog.trail.queries import trail
from services.catalog.trail.schemas import Searched, TrailLines
from shared.identity import Role
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Coordinator, Editor, Session

Action = Annotated[str, QueryParameter(max_length=60, description="A code, or a group of them: needs, flows, lots…")]


@get("/territory/audit")
async def list_territory_audit(
    session: Session,
    coordinator: Coordinator,
    *,
    action: Action = "",
    organisation: FromQuery[UUID | None] = None,
    about: FromQuery[UUID | None] = None,
    for_others: FromQuery[bool] = False,
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TrailLines:
    """What was done to the territory's records, newest first; `for_others`: by somebody of another organisation."""
    searched = Searched(
        action=action,
        organisation=str(organisation or ""),
        about=str(about or ""),
        for_others=for_others,
        since=since,
        until=until,
    )
    return await _lines(session, searched, None, cursor, limit)


@get("/audit")
async def list_audit(
    session: Session,
    editor: Editor,
    *,
    action: Action = "",
    about: FromQuery[UUID | None] = None,
    for_others: FromQuery[bool] = False,
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TrailLines:
    """What was done to one's organisation's records, newest first; for its owners."""
    if not editor.may(Role.OWNER):
        raise OwnersOnly
    searched = Searched(action=action, about=str(about or ""), for_others=for_others, since=since, until=until)
    return await _lines(session, searched, editor.organisation_id, cursor, limit)


async def _lines(
    session: AsyncSession, searched: Searched, own: UUID | None, cursor: str | None, limit: int
) -> TrailLines:
    rows = await trail(session, searched, own=own, before=place_of(cursor, UUID), limit=limit + 1)
    return TrailLines(*listed(rows, limit, lambda each: each))


ROUTES: list[ControllerRouterHandler] = [
    Router("/api/v1", route_handlers=[list_territory_audit, list_audit], tags=["audit"])
]
