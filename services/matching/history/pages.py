"""Why did I get this? The page of one organisation's history with one demand."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery

from services.matching.history.reading import history_seen_by
from services.matching.waves import policy
from shared.web.pages import Html, Req, page
from shared.web.provided import Member, Session
from shared.web.visit import visit_of


@get("/matching/demands/{demand_id:uuid}/history")
async def history_page(
    request: Req,
    session: Session,
    member: Member,
    demand_id: FromPath[UUID],
    organisation: FromQuery[UUID | None] = None,
) -> Html:
    """What became of a match and when it was asked; `organisation` is for coordinators."""
    language = visit_of(request).language
    found = await history_seen_by(session, member, demand_id, organisation_id=organisation, language=language)
    return page(
        request,
        "history/page.html",
        history=found,
        is_own=found.organisation_id == member.organisation_id,
        offers=len({each.offer_id for each in found.entries}),
        window_days=policy.EXPOSURE_WINDOW.days,
    )


ROUTES = [history_page]
