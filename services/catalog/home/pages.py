"""The home page: what Boucle is for each actor, and what is open now."""

from typing import Any

from litestar import Response, get
from litestar.response import Redirect

from services.catalog.calls.queries import open_calls
from services.catalog.campaigns.queries import open_campaigns
from services.catalog.flows.queries import open_flows
from services.catalog.home.queries import counts, open_places
from services.catalog.home.teaser import teaser
from services.catalog.home.wall import wall_of
from services.catalog.needs.queries import open_needs
from services.catalog.posting.lists import list_names
from shared.clock import day_of
from shared.web.pages import Req, page
from shared.web.provided import Now, Session, Visitor
from shared.web.visit import visit_of

ON_THE_WALL, IN_A_LIST = 10, 5


@get("/")
async def home(request: Req, session: Session, visitor: Visitor, now: Now) -> Response[Any]:
    """Three doors, figures of this minute, the latest needs and flows; a member is taken to the dashboard."""
    visit = visit_of(request)
    if visitor is not None:
        return Redirect(visit.url("/dashboard"), status_code=303)
    needs, flows = await open_needs(session, limit=ON_THE_WALL), await open_flows(session, limit=ON_THE_WALL)
    return page(
        request,
        "home/home.html",
        wall=wall_of(needs, flows),
        needs=needs[:IN_A_LIST],
        flows=flows[:IN_A_LIST],
        counts=await counts(session),
        calls=await open_calls(session, day_of(now), limit=3),
        campaigns=await open_campaigns(session, day_of(now), limit=3),
        map=teaser(*await open_places(session)),
        at=now,
        **list_names(visit.language),
    )


ROUTES = [home]
