"""Collections as JSON: those of some days, and each side says how much has left, or agrees with the other."""

from datetime import date
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from services.catalog.collections.agenda import COMING, MOST_DAYS, span_of, within_reach
from services.catalog.collections.commands import accept_figure, say_done
from services.catalog.collections.schemas import AcceptAsked, Collections, DoneAsked
from services.catalog.takings.queries import slots_between
from services.catalog.takings.schemas import TakingOut
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import SEEN


@get("/")
async def list_collections(
    session: Session, member: Member, since: FromQuery[date], until: FromQuery[date]
) -> Collections:
    """What one's organisation gives and takes in slots from one day to another, both included, by time.

    A month of days at most: `until` further off is taken as that.
    """
    begins = within_reach(since)
    first, end = span_of(begins, min(within_reach(until), begins + MOST_DAYS))
    found = await slots_between(session, member.organisation_id, first, end, states=COMING)
    return Collections([TakingOut.of(each) for each in found])


@post("/{taking_id:uuid}/done", status_code=200, dependencies=SEEN)
async def done(
    session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID], data: JSONBody[DoneAsked]
) -> TakingOut:
    """Say, from the beginning of its slot on, how much has left; again to correct it, until both sides agree."""
    return TakingOut.of(await say_done(session, editor, data, taking_id=taking_id, now=now))


@post("/{taking_id:uuid}/accept", status_code=200, dependencies=SEEN)
async def accept(
    session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID], data: JSONBody[AcceptAsked]
) -> TakingOut:
    """Agree with the figure that the other side says."""
    return TakingOut.of(await accept_figure(session, editor, data, taking_id=taking_id, now=now))


ROUTES = [
    Router("/api/v1/collections", route_handlers=[list_collections], tags=["takings"]),
    Router("/api/v1/takings", route_handlers=[done, accept], tags=["takings"]),
]
