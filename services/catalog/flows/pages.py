"""The pages of flows: list, form with its next dates, the flow itself with its lots."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from pydantic import ValidationError

from services.catalog.flows.commands import (
    change_lot,
    draft_flow,
    end_flow,
    pause_flow,
    publish_flow,
    resume_flow,
    update_flow,
)
from services.catalog.flows.models import Flow, FlowState
from services.catalog.flows.queries import (
    flow_for_update,
    flow_seen_by,
    lot_for_update,
    lots_of,
    open_flow_count,
    open_flows,
)
from services.catalog.flows.recurrence import WEEKDAYS
from services.catalog.flows.rhythm import rhythm_words, weekday_name
from services.catalog.flows.schemas import FlowDraft, LotChange
from services.catalog.flows.view import coming_dates, new_form, price_words, typed_from, view_of
from services.catalog.posting.lists import PAGE, filter_tabs, next_page
from services.catalog.posting.pages import asks_for_categories, form_lists, pressed
from services.catalog.posting.view import quantity_words
from shared.phrases.names import LEGAL_STATUSES, LEVELS, PERMITS, SUPPLIER_KINDS, options
from shared.refusal import Refusal
from shared.web.forms import Form, field_errors, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Now, Session, Visitor
from shared.web.visit import visit_of

LOTS_SHOWN = 12
CALENDAR = ("rhythm", "recurrence", "month_day", "starts_on", "ends_on", "pickup_from", "pickup_until", "lot_days")


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
        total=await open_flow_count(session),
        status_tabs=filter_tabs(request, "/flows", "status", statuses, status, everything=gettext(request, "Tous")),
        following=next_page(request, "/flows", flows, status=status),
    )


@get("/flows/new")
async def new_flow(request: Req, session: Session, editor: Editor, now: Now) -> Html:
    """An empty form."""
    return _form(request, Form(typed=new_form(now)), now, flow=None)


@post("/flows", status_code=303)
async def create_flow(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Keep or publish; what is refused comes back with what was typed."""
    form, then = await read_form(request, FlowDraft), await pressed(request)
    if await asks_for_categories(request, form):
        return _form(request, form, now, flow=None)
    publish = then == "publish"
    if form.data is not None and then != "dates":
        async with kept_when_refused(request, session, form):
            flow = await draft_flow(session, editor, form.data, now=now)
            if publish:
                await publish_flow(session, editor, flow_id=flow.id, now=now)
    if form.errors or then == "dates":
        return _form(request, form, now, flow=None)
    return redirect(request, f"/flows/{flow.id}", say="Gisement publié." if publish else "Brouillon gardé.")


@get("/flows/{flow_id:uuid}")
async def show_flow(request: Req, session: Session, visitor: Visitor, now: Now, flow_id: FromPath[UUID]) -> Html:
    """The flow: its facts and lots for all, its matches for its holder."""
    flow = await flow_seen_by(session, flow_id, visitor.organisation_id if visitor else None)
    lots = await lots_of(session, flow.id, since=now)
    return page(request, "flows/page.html", **view_of(request, flow, visitor, lots=lots[:LOTS_SHOWN], now=now))


@get("/flows/{flow_id:uuid}/edit")
async def edit_flow(request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> Html:
    """The form with what the flow says now."""
    flow = await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
    return _form(request, Form(typed=typed_from(flow), version=flow.version), now, flow=flow)


@post("/flows/{flow_id:uuid}", status_code=303)
async def change_flow(
    request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]
) -> Response[Any]:
    """Save the changes; a draft may be published at the same time."""
    flow = await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
    form, then = await read_form(request, FlowDraft), await pressed(request)
    if await asks_for_categories(request, form):
        return _form(request, form, now, flow=flow)
    publish = flow.state is FlowState.DRAFT and then == "publish"
    if form.data is not None and then != "dates":
        async with kept_when_refused(request, session, form):
            form.refuse_when_changed(flow.version)
            await update_flow(session, editor, form.data, flow_id=flow_id, now=now)
            if publish:
                await publish_flow(session, editor, flow_id=flow_id, now=now)
    if form.errors or then == "dates":
        flow = await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
        return _form(request, form, now, flow=flow)
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
        return _form(request, form, now, flow=flow)
    return redirect(request, f"/flows/{flow_id}", say="Gisement publié.")


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
        return _form(request, form, now, flow=flow)
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
    lot = await lot_for_update(session, lot_id, organisation_id=editor.organisation_id)
    page_of_it = f"/flows/{lot.flow_id}"
    if form.data is None:
        return redirect(request, page_of_it, say=next(iter(form.errors.values())), kind="error")
    if form.version != lot.version:
        return redirect(
            request, page_of_it, say="Ce lot a changé entre-temps : relisez-le, puis corrigez-le.", kind="error"
        )
    await change_lot(session, editor, form.data, lot_id=lot_id, now=now)
    return redirect(request, page_of_it, say="Lot corrigé.")


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
    return page(request, "flows/dates.html", dates=_dates(request, form, now))


def _short(status: str) -> str:
    """A legal status without its explanation."""
    return status.partition(" (")[0].partition(",")[0]


def _dates(request: Req, form: Form[FlowDraft], now: datetime) -> Sequence[tuple[str, str]]:
    """The dates a form means; none when it is not right yet."""
    if form.data is None:
        return []
    draft = form.data
    try:
        calendar = Flow(
            recurrence=draft.rule(),
            starts_on=draft.starts_on,
            ends_on=draft.ends_on,
            pickup_until=draft.pickup_until,
            lot_days=draft.lot_days,
        )
        return coming_dates(request, calendar, now)
    except Refusal:
        return []


def _form(request: Req, form: Form[FlowDraft], now: datetime, *, flow: Flow | None) -> Html:
    language = visit_of(request).language
    return page(
        request,
        "flows/form.html",
        status=422 if form.errors else 200,
        form=form,
        flow=flow,
        dates=_dates(request, form, now) or (coming_dates(request, flow, now) if flow and not form.data else []),
        weekday_options=[(code, weekday_name(code, language)) for code in WEEKDAYS],
        status_options=options(LEGAL_STATUSES, language),
        level_options=options(LEVELS, language),
        supplier_kind_options=options(SUPPLIER_KINDS, language),
        permit_options=options(PERMITS, language),
        **form_lists(request),
    )


ROUTES = [
    flows_list,
    new_flow,
    create_flow,
    show_flow,
    edit_flow,
    change_flow,
    publish,
    pause,
    resume,
    end,
    correct_lot,
    suggest_dates,
]
