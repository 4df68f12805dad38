"""Collections as JSON: each side says how much has left, or agrees with the other."""

from uuid import UUID

from litestar import Router, post
from litestar.params import FromPath, JSONBody

from services.catalog.collections.commands import accept_figure, say_done
from services.catalog.collections.schemas import AcceptAsked, DoneAsked
from services.catalog.takings.schemas import TakingOut
from shared.web.provided import Editor, Now, Session
from shared.web.transactions import SEEN


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


ROUTES = [Router("/api/v1/takings", route_handlers=[done, accept], tags=["takings"])]
