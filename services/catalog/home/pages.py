"""The home page: what Boucle is for each actor, and what is open now."""

from datetime import UTC, datetime

from litestar import get
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.home.queries import counts
from services.catalog.needs.queries import open_needs
from shared.phrases.names import AMOUNT_BANDS, options
from shared.web.pages import Html, Req, page
from shared.web.visit import visit_of


@get("/")
async def home(request: Req, session: NamedDependency[AsyncSession]) -> Html:
    """Three doors, live counters, the latest needs and flows."""
    return page(
        request,
        "home/home.html",
        needs=await open_needs(session, limit=5),
        counts=await counts(session),
        band_names=dict(options(AMOUNT_BANDS, visit_of(request).language)),
        at=datetime.now(UTC),
    )


ROUTES = [home]
