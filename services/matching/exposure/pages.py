"""How evenly suppliers are asked, for the territory's coordinators."""

from litestar import get

from services.matching.exposure import view
from services.matching.exposure.figures import ENOUGH
from services.matching.exposure.queries import WELL
from services.matching.exposure.reading import exposure_told
from services.matching.waves import policy
from shared.clock import day_of
from shared.web.pages import Html, Req, page
from shared.web.provided import Coordinator, Now, Session
from shared.web.visit import visit_of


@get("/matching/exposure")
async def exposure_page(request: Req, session: Session, coordinator: Coordinator, now: Now) -> Html:
    """The figures of the last ninety days, with their curve, by root and day by day."""
    return page(
        request,
        "exposure/page.html",
        exposure=await exposure_told(session, today=day_of(now), language=visit_of(request).language),
        window_days=policy.EXPOSURE_WINDOW.days,
        well=WELL,
        enough=ENOUGH,
        percent=view.percent,
        points=view.points,
        fifths=view.fifths,
        box=(view.WIDE, view.HIGH),
    )


ROUTES = [exposure_page]
