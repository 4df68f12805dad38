"""The history of a match as JSON, for the same people as the page."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery

from services.matching.history.reading import history_seen_by
from services.matching.history.view import History
from shared.web.pages import Req
from shared.web.provided import Member, Session
from shared.web.visit import visit_of


@get("/matching/api/v1/demands/{demand_id:uuid}/history")
async def history_json(
    request: Req,
    session: Session,
    member: Member,
    demand_id: FromPath[UUID],
    organisation: FromQuery[UUID | None] = None,
) -> History:
    """Why the caller's organisation got a demand; `organisation` names another one, for coordinators."""
    language = visit_of(request).language
    return await history_seen_by(session, member, demand_id, organisation_id=organisation, language=language)


ROUTES = [history_json]
