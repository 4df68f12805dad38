"""Calls for projects: the public list and page, and how the territory or a partner writes one."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.calls.commands import (
    CALLERS,
    change_call,
    draft_call,
    publish_call,
    refuse_who_may_not_call,
)
from services.catalog.calls.errors import CallPublished
from services.catalog.calls.models import Call, CallState
from services.catalog.calls.queries import (
    application_to,
    applications_of,
    call_seen_by,
    calls_of,
    count_to,
    own_call,
    published_calls,
)
from services.catalog.calls.schemas import CallDraft
from services.catalog.calls.view import (
    application_badge,
    application_lines,
    badge_of,
    call_lines,
    facts_of,
    typed_call,
)
from services.catalog.files.queries import files_of
from services.catalog.files.view import lines_of
from shared.clock import day_of
from shared.identity import Role
from shared.phrases.coordination import CALL_OPEN_TO
from shared.phrases.names import options
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Now, Session, Visitor
from shared.web.visit import visit_of

HOME = "/calls"
PAGE = 30


@get(HOME)
async def calls_list(
    request: Req, session: Session, visitor: Visitor, now: Now, before: FromQuery[UUID | None] = None
) -> Html:
    """Every published call; a caller's own with their drafts, an applicant's with what they wrote."""
    today, may_call = day_of(now), visitor is not None and bool(CALLERS & visitor.roles)
    calls = await published_calls(session, before=before, limit=PAGE)
    own = await calls_of(session, visitor.organisation_id) if visitor and may_call else []
    answered = await applications_of(session, visitor.organisation_id) if visitor else []
    return page(
        request,
        "calls/list.html",
        lines=call_lines(request, calls, today),
        own=call_lines(request, own, today),
        applications=application_lines(request, answered, {}),
        may_call=may_call and visitor is not None and visitor.may(Role.EDITOR),
        following=f"{HOME}?before={calls[-1].id}" if len(calls) == PAGE else None,
    )


@get(f"{HOME}/new")
async def new_call(request: Req, editor: Editor, now: Now) -> Html:
    """An empty form."""
    refuse_who_may_not_call(editor)
    return _form(request, Form(typed={"open_to": ["ess"], "opens_on": day_of(now).isoformat()}), None)


@post(HOME, status_code=303)
async def create_call(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Keep a draft."""
    refuse_who_may_not_call(editor)
    form = await read_form(request, CallDraft)
    if form.data is None:
        return _form(request, form, None)
    call = await draft_call(session, editor, form.data, now=now)
    return redirect(request, f"{HOME}/{call.id}", say="Brouillon gardé.")


@get(f"{HOME}/{{call_id:uuid}}")
async def show_call(request: Req, session: Session, visitor: Visitor, now: Now, call_id: FromPath[UUID]) -> Html:
    """One call: what for, who may apply, until when; and what its visitor may do about it."""
    call = await call_seen_by(session, call_id, visitor.organisation_id if visitor else None)
    return await _call_page(request, session, call, Form(), now=now)


@get(f"{HOME}/{{call_id:uuid}}/edit")
async def edit_call(request: Req, session: Session, editor: Editor, call_id: FromPath[UUID]) -> Html:
    """The form with what the draft says now."""
    call = await own_call(session, call_id, organisation_id=editor.organisation_id)
    if call.state is not CallState.DRAFT:
        raise CallPublished
    return _form(request, Form(typed=typed_call(call), version=call.version), call)


@post(f"{HOME}/{{call_id:uuid}}", status_code=303)
async def save_call(
    request: Req, session: Session, editor: Editor, *, now: Now, call_id: FromPath[UUID]
) -> Response[Any]:
    """Save a draft."""
    call = await own_call(session, call_id, organisation_id=editor.organisation_id)
    form = await read_form(request, CallDraft)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            form.refuse_when_changed(call.version)
            await change_call(session, editor, form.data, call_id=call_id, now=now)
    if form.errors:
        return _form(request, form, call)
    return redirect(request, f"{HOME}/{call_id}", say="Brouillon gardé.")


@post(f"{HOME}/{{call_id:uuid}}/publish", status_code=303)
async def publish(
    request: Req, session: Session, editor: Editor, *, now: Now, call_id: FromPath[UUID]
) -> Response[Any]:
    """Show it to everybody, or say what is missing."""
    call = await own_call(session, call_id, organisation_id=editor.organisation_id)
    form: Form[CallDraft] = Form(typed=typed_call(call), version=call.version)
    async with kept_when_refused(request, session, form):
        await publish_call(session, editor, call_id=call_id, now=now)
    if form.errors:
        return _form(request, form, call)
    return redirect(request, f"{HOME}/{call_id}", say="Appel publié.")


def _form(request: Req, form: Form[CallDraft], call: Call | None) -> Html:
    open_options = options(CALL_OPEN_TO, visit_of(request).language)
    status = 422 if form.errors else 200
    return page(request, "calls/form.html", status=status, form=form, call=call, open_options=open_options)


async def _call_page(request: Req, session: AsyncSession, call: Call, form: Form[CallDraft], *, now: Any) -> Html:
    visit, today = visit_of(request), day_of(now)
    identity = visit.identity
    is_author = identity is not None and identity.organisation_id == call.organisation_id
    own = await application_to(session, call.id, identity.organisation_id) if identity and not is_author else None
    return page(
        request,
        "calls/page.html",
        call=call,
        badge=badge_of(request, call, today),
        facts=facts_of(request, call),
        takes=call.takes_applications(today),
        is_over=call.is_over(today),
        is_author=is_author and identity is not None and identity.may(Role.EDITOR),
        may_apply=identity is None or bool(identity.roles & set(call.open_to)),
        application=own,
        application_badge=application_badge(request, own) if own else None,
        count=await count_to(session, call.id) if is_author else 0,
        documents=lines_of(await files_of(session, call.id), visit.language),
    )


ROUTES = [calls_list, new_call, create_call, show_call, edit_call, save_call, publish]
