"""A seller's year as JSON, for its own organisation."""

from typing import Annotated

from litestar import Router, get
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from services.catalog.earnings.queries import earnings_of
from services.catalog.earnings.schemas import EarningsOut
from shared.clock import day_of
from shared.web.provided import Member, Now, Session

OfYear = Annotated[int | None, QueryParameter(ge=2000, le=2100, description="The year of the payments; this one.")]


@get("/yearly")
async def read_earnings(session: Session, member: Member, now: Now, year: OfYear = None) -> EarningsOut:
    """What one's organisation was paid in a year, by quarter, with what a platform reports of a seller (DAC7).

    To be checked, never advice.
    """
    return EarningsOut.of(await earnings_of(session, member.organisation_id, year or day_of(now).year))


ROUTES: list[ControllerRouterHandler] = [
    Router("/api/v1/settlements", route_handlers=[read_earnings], tags=["settlements"])
]
