"""Take a part of a lot, or keep one: the two forms, with what is left on top."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.queries import flow_seen_by, lot_seen_by
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.takings.commands import hold_lot, take_lot
from services.catalog.takings.errors import TakingUnknown
from services.catalog.takings.schemas import HoldForm, TakingForm
from services.catalog.takings.view import availability, begun_with, choices, named_errors, papers_asked
from shared.database import new_id, now_of
from shared.identity import Identity
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Now, Session

ORDER = (
    *("quantity_value", "level", "transport", "slot_on", "slot_from", "slot_until"),
    *("papers", "carrier_receipt", "tracking_slip"),
)


@get("/flows/lots/{lot_id:uuid}/take")
async def take_form(request: Req, session: Session, editor: Editor, lot_id: FromPath[UUID]) -> Html:
    """Everything that taking asks, on one page."""
    return await _form_page(request, session, editor, Form(), lot_id=lot_id)


@post("/flows/lots/{lot_id:uuid}/take", status_code=303)
async def take(request: Req, session: Session, editor: Editor, now: Now, lot_id: FromPath[UUID]) -> Response[Any]:
    """Take it; what is refused comes back with what is left now and what was typed."""
    form = await read_form(request, TakingForm)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            taking = await take_lot(session, editor, form.data, lot_id=lot_id, once=form.data.once, now=now)
    if form.errors:
        return await _form_page(request, session, editor, form, lot_id=lot_id)
    return redirect(request, f"/takings/{taking.id}", say="C'est pris : le détenteur le sait.")


@get("/flows/lots/{lot_id:uuid}/hold")
async def hold_form(request: Req, session: Session, editor: Editor, lot_id: FromPath[UUID]) -> Html:
    """How much to keep, and for what."""
    return await _form_page(request, session, editor, Form(), lot_id=lot_id, holds=True)


@post("/flows/lots/{lot_id:uuid}/hold", status_code=303)
async def hold(request: Req, session: Session, editor: Editor, now: Now, lot_id: FromPath[UUID]) -> Response[Any]:
    """Keep it for a while."""
    form = await read_form(request, HoldForm)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            taking = await hold_lot(session, editor, form.data, lot_id=lot_id, once=form.data.once, now=now)
    if form.errors:
        return await _form_page(request, session, editor, form, lot_id=lot_id, holds=True)
    return redirect(request, f"/takings/{taking.id}", say="Option posée : cette part est gardée pour vous.")


async def _form_page(
    request: Req, session: AsyncSession, editor: Identity, form: Form[Any], *, lot_id: UUID, holds: bool = False
) -> Html:
    now = now_of(session)
    lot = await lot_seen_by(session, lot_id, editor.organisation_id)
    flow = await flow_seen_by(session, lot.flow_id, editor.organisation_id)
    taker = await organisation_by_id(session, editor.organisation_id)
    if taker is None:
        raise TakingUnknown
    if not form.typed:
        form.typed = begun_with(flow, lot, now)
    if not form.typed.get("once") or "once" in form.errors:
        form.typed["once"] = str(new_id())
    form.errors = form.errors_in(ORDER)
    return page(
        request,
        "takings/hold.html" if holds else "takings/take.html",
        status=422 if form.errors else 200,
        form=form,
        errors=named_errors(request, form.errors),
        papers=papers_asked(request, flow, taker, now),
        is_own=taker.legal_entity_id == flow.organisation.legal_entity_id,
        **availability(request, flow, lot, now),
        **choices(request, flow, lot, now),
    )


ROUTES = [take_form, take, hold_form, hold]
