"""Say that a part has left, and how much; or agree with the other side."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.collections.commands import accept_figure, say_done
from services.catalog.collections.schemas import AcceptAsked, DoneAsked
from services.catalog.collections.view import asked_of, begun_with
from services.catalog.takings.models import State
from services.catalog.takings.queries import taking_seen_by
from shared.database import now_of
from shared.identity import Identity
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Now, Session

ORDER = ("value", "basis", "ticket", "words")
SENTENCES = {
    State.MADE: "C'est noté : l'autre structure est invitée à dire son chiffre.",
    State.DISPUTED: "C'est noté, mais vos deux chiffres s'écartent de plus de 10 % : accordez-les.",
    State.CONFIRMED: "Enlèvement confirmé par les deux structures.",
}


@get("/takings/{taking_id:uuid}/collect")
async def collect_form(request: Req, session: Session, editor: Editor, taking_id: FromPath[UUID]) -> Html:
    """How much has left, filled in with what was promised."""
    return await _collect_page(request, session, editor, Form(), taking_id=taking_id)


@post("/takings/{taking_id:uuid}/collect", status_code=303)
async def collect(request: Req, session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID]) -> Response[Any]:
    """Say it."""
    form = await read_form(request, DoneAsked)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            taking = await say_done(session, editor, form.data, taking_id=taking_id, now=now)
    if form.errors:
        return await _collect_page(request, session, editor, form, taking_id=taking_id)
    return redirect(request, f"/takings/{taking_id}", say=SENTENCES[taking.state])


@post("/takings/{taking_id:uuid}/accept", status_code=303)
async def accept(request: Req, session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID]) -> Response[Any]:
    """Agree with the figure that was read."""
    form = await read_form(request, AcceptAsked)
    # The other's figure was pressed, and not typed: it is nothing to keep in the field of one's own.
    form.typed = {}
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            taking = await accept_figure(session, editor, form.data, taking_id=taking_id, now=now)
    if form.errors:
        return await _collect_page(request, session, editor, form, taking_id=taking_id)
    return redirect(request, f"/takings/{taking_id}", say=SENTENCES[taking.state])


async def _collect_page(
    request: Req, session: AsyncSession, editor: Identity, form: Form[Any], *, taking_id: UUID
) -> Html:
    now = now_of(session)
    taking = await taking_seen_by(session, taking_id, editor.organisation_id)
    side = taking.side_of(editor.organisation_id)
    form.typed = {**begun_with(taking, side), **form.typed}
    form.errors = form.errors_in(ORDER)
    return page(
        request,
        "collections/collect.html",
        status=422 if form.errors else 200,
        form=form,
        **asked_of(request, taking, side, now),
    )


ROUTES = [collect_form, collect, accept]
