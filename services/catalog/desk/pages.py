"""The dashboard of a member: what is new for them, what they published, what is not finished."""

from datetime import UTC, datetime

from litestar import get
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.needs.queries import needs_of
from services.catalog.organisations.queries import organisation_by_id
from shared.identity import Identity
from shared.web.pages import Html, Req, page


@get("/dashboard")
async def dashboard(request: Req, session: NamedDependency[AsyncSession], member: NamedDependency[Identity]) -> Html:
    """One page for every role; a part that has nothing says what to do next."""
    return page(
        request,
        "desk/dashboard.html",
        organisation=await organisation_by_id(session, member.organisation_id),
        needs=await needs_of(session, member.organisation_id, limit=20),
        today=datetime.now(UTC),
    )


ROUTES = [dashboard]
