"""Exposure as JSON, for the same people as the page."""

from litestar import get

from services.matching.exposure.reading import exposure_told
from services.matching.exposure.view import Exposure
from shared.clock import day_of
from shared.web.pages import Req
from shared.web.provided import Coordinator, Now, Session
from shared.web.visit import visit_of


@get("/matching/api/v1/exposure")
async def exposure_json(request: Req, session: Session, coordinator: Coordinator, now: Now) -> Exposure:
    """How evenly suppliers were asked in the last ninety days: of all, by root of the vocabulary, day by day."""
    return await exposure_told(session, today=day_of(now), language=visit_of(request).language)


ROUTES = [exposure_json]
