"""The pages of flows: list, form with its next dates, what is done with one. The flow itself is shown by takings."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.calling_off import call_off
from services.catalog.flows.commands import (
    change_lot,
    copy_flow,
    draft_flow,
    end_flow,
    pause_flow,
    publish_flow,
    resume_flow,
    update_flow,
)
from services.catalog.flows.errors import FlowUnknown
from services.catalog.flows.models import Flow, FlowState
from services.catalog.flows.queries import (
    flow_for_update,
    flow_seen_by,
    lot_for_update,
    open_flow_count,
    open_flows,
)
from services.catalog.flows.rhythm import rhythm_words
from services.catalog.flows.schemas import CallOffForm, FlowDraft, LotChange
from services.catalog.flows.view import dates_meant, has_use_by, new_form, price_words, typed_from
from services.catalog.flows.writing import FLOW_WRITING, lists
from services.catalog.posting.files import file_routes
from services.catalog.posting.lists import PAGE, filter_tabs, next_page
from services.catalog.posting.pages import asks_for_categories, pressed
from services.catalog.posting.view import quantity_words
from services.catalog.preview.pages import PreviewedWizard
from shared.database import new_id, now_of
from shared.identity import Identity
from shared.phrases.names import LEGAL_STATUSES, options
from shared.web.forms import Form, field_errors, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Now, Session
from shared.web.visit import visit_of

CALENDAR = ("rhythm", "recurrence", "month_day", "starts_on", "ends_on", "pickup_from", "pickup_until", "lot_days")


class FlowWizard(PreviewedWizard):
    """A flow, written step by step."""

    path = "/flows"
    of = "flow"
    writing = FLOW_WRITING


@get("/flows")
async def flows_list(
    request: Req, session: Session, status: FromQuery[str | None] = None, before: FromQuery[UUID | None] = None
) -> Html:
    """Open flows, newest first, by legal status."""
    language = visit_of(request).language
    status = status if status in LEGAL_STATUSES else None
    flows = await open_flows(session, legal_status=status, before=before, limit=PAGE)
    statuses = [(code, _short(text)) for code, text in options(LEGAL_STATUSES, language)]
    return page(
        request,
        "flows/list.html",
        flows=[
            (
                flow,
                quantity_words(flow.quantity, language),
                rhythm_words(flow.recurrence, language),
                price_words(request, flow),
            )
            for flow in flows
        ],
        total=await open_flow_count(session, legal_status=status),
        status_tabs=filter_tabs(request, "/flows", "status", statuses, status, everything=gettext(request, "Tous")),
        following=next_page(request, "/flows", flows, status=status),
    )


@get("/flows/whole")
async def new_flow(request: Req, session: Session, editor: Editor, now: Now) -> Html:
    """An empty form with every question on one page."""
    return await _form(request, session, editor, Form(typed=new_form(now)), flow=None)


@post("/flows", status_code=303)
async def create_flow(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Keep or publish; what is refused comes back with what was typed."""
    form, then = await read_form(request, FlowDraft), await pressed(request)
    if await asks_for_categories(request, form):
        return await _form(request, session, editor, form, flow=None)
    publish = then == "publish"
    if form.data is not None and then != "dates":
        async with kept_when_refused(request, session, form):
            flow = await draft_flow(session, editor, form.data, now=now)
            if publish:
                await publish_flow(session, editor, flow_id=flow.id, now=now)
    if form.errors or then == "dates":
        return await _form(request, session, editor, form, flow=None)
    return redirect(request, f"/flows/{flow.id}", say="Gisement publié." if publish else "Brouillon gardé.")


@get("/flows/{flow_id:uuid}/edit")
async def edit_flow(request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> Html:
    """The form with what the flow says now."""
    flow = await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
    return await _form(request, session, editor, Form(typed=typed_from(flow), version=flow.version), flow=flow)


@post("/flows/{flow_id:uuid}", status_code=303)
async def change_flow(
    request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]
) -> Response[Any]:
    """Save the changes; a draft may be published at the same time."""
    flow = await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
    form, then = await read_form(request, FlowDraft), await pressed(request)
    if await asks_for_categories(request, form):
        return await _form(request, session, editor, form, flow=flow)
    publish = flow.state is FlowState.DRAFT and then == "publish"
    if form.data is not None and then != "dates":
        async with kept_when_refused(request, session, form):
            form.refuse_when_changed(flow.version)
            await update_flow(session, editor, form.data, flow_id=flow_id, now=now)
            if publish:
                await publish_flow(session, editor, flow_id=flow_id, now=now)
    if form.errors or then == "dates":
        flow = await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
        return await _form(request, session, editor, form, flow=flow)
    return redirect(request, f"/flows/{flow_id}", say="Gisement publié." if publish else "Changements enregistrés.")


@post("/flows/{flow_id:uuid}/publish", status_code=303)
async def publish(request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> Response[Any]:
    """Open a draft; what is missing sends back to its form."""
    flow = await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
    form = Form[FlowDraft](typed=typed_from(flow), version=flow.version)
    async with kept_when_refused(request, session, form):
        await publish_flow(session, editor, flow_id=flow_id, now=now)
    if form.errors:
        flow = await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
        return await _form(request, session, editor, form, flow=flow)
    return redirect(request, f"/flows/{flow_id}", say="Gisement publié.")


@post("/flows/{flow_id:uuid}/copy", status_code=303)
async def copy(request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> Response[Any]:
    """Begin a new flow with what this one said."""
    flow = await copy_flow(session, editor, flow_id=flow_id, now=now)
    return redirect(
        request, f"/flows/{flow.id}/steps/calendar", say="Copie gardée en brouillon : donnez-lui ses dates."
    )


@post("/flows/{flow_id:uuid}/pause", status_code=303)
async def pause(request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> Response[Any]:
    """Release no lot for now."""
    await pause_flow(session, editor, flow_id=flow_id, now=now)
    return redirect(request, f"/flows/{flow_id}", say="Gisement en pause : aucun nouveau lot ne s'ouvre.")


@post("/flows/{flow_id:uuid}/resume", status_code=303)
async def resume(request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> Response[Any]:
    """Release lots again; a season that is over meanwhile sends to the form."""
    flow = await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
    form = Form[FlowDraft](typed=typed_from(flow), version=flow.version)
    async with kept_when_refused(request, session, form):
        await resume_flow(session, editor, flow_id=flow_id, now=now)
    if form.errors:
        flow = await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
        return await _form(request, session, editor, form, flow=flow)
    return redirect(request, f"/flows/{flow_id}", say="Gisement repris.")


@post("/flows/{flow_id:uuid}/end", status_code=303)
async def end(request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> Response[Any]:
    """End the flow."""
    await end_flow(session, editor, flow_id=flow_id, now=now)
    return redirect(request, f"/flows/{flow_id}", say="Gisement terminé.")


@post("/flows/lots/{lot_id:uuid}", status_code=303)
async def correct_lot(
    request: Req, session: Session, editor: Editor, now: Now, lot_id: FromPath[UUID]
) -> Response[Any]:
    """Say that an open lot holds more or less than announced."""
    form = await read_form(request, LotChange)
    _, lot = await lot_for_update(session, lot_id, organisation_id=editor.organisation_id)
    page_of_it = f"/flows/{lot.flow_id}"
    if form.data is None:
        return redirect(request, page_of_it, say=next(iter(form.errors.values())), kind="error")
    if form.version != lot.version:
        return redirect(
            request, page_of_it, say="Ce lot a changé entre-temps : relisez-le, puis corrigez-le.", kind="error"
        )
    async with kept_when_refused(request, session, form):
        await change_lot(session, editor, form.data, lot_id=lot_id, now=now)
    if form.errors:
        return redirect(request, page_of_it, say=next(iter(form.errors.values())), kind="error")
    return redirect(request, page_of_it, say="Lot corrigé.")


@post("/flows/{flow_id:uuid}/call-off", status_code=303)
async def call_off_lot(
    request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]
) -> Response[Any]:
    """« The skip is full »: release a lot besides the rule; what is refused comes back on a page of its own."""
    form = await read_form(request, CallOffForm)
    await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await call_off(session, editor, form.data, flow_id=flow_id, once=form.data.once, now=now)
    if form.errors:
        if not form.typed.get("once") or "once" in form.errors:
            form.typed["once"] = str(new_id())
        form.errors.pop("once", None)
        flow = await flow_seen_by(session, flow_id, editor.organisation_id)
        return page(request, "flows/call_off.html", status=422, flow=flow, form=form, has_use_by=has_use_by(flow))
    return redirect(request, f"/flows/{flow_id}", say="Lot en plus ouvert : les abonnés sont servis d'abord.")


@get("/suggest/dates")
async def suggest_dates(request: Req, session: Session, now: Now) -> Html:
    """The next six dates of the rhythm being chosen."""
    query = request.query_params
    typed: dict[str, Any] = {name: query[name] for name in CALENDAR if query.get(name)}
    typed["weekdays"] = query.getall("weekdays", [])
    form = Form[FlowDraft](typed=typed)
    try:
        form.data = FlowDraft.model_validate(typed)
    except ValidationError as error:
        form.errors = field_errors(error, lambda sentence: gettext(request, sentence))
    return page(request, "flows/dates.html", dates=dates_meant(request, form, now))


def _short(status: str) -> str:
    """A legal status without its explanation."""
    return status.partition(" (")[0].partition(",")[0]


async def _form(
    request: Req, session: AsyncSession, editor: Identity, form: Form[FlowDraft], *, flow: Flow | None
) -> Html:
    around = await lists(request, session, editor, flow, form)
    now = now_of(session)
    around["dates"] = dates_meant(request, form, now) or (around["dates"] if form.data is None else [])
    status = 422 if form.errors else 200
    return page(request, "flows/form.html", status=status, form=form, flow=flow, **around)


ROUTES: list[ControllerRouterHandler] = [
    FlowWizard,
    *file_routes("/flows", Flow, FlowUnknown),
    copy,
    flows_list,
    new_flow,
    create_flow,
    edit_flow,
    change_flow,
    publish,
    pause,
    resume,
    end,
    correct_lot,
    call_off_lot,
    suggest_dates,
]
