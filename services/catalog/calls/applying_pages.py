"""An organisation answers a call: a draft that is kept, sent, taken back while the call is open, sent again."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.calls.commands import keep_application, submit_application, withdraw_application
from services.catalog.calls.models import Application, ApplicationState, Call
from services.catalog.calls.queries import application_to, call_seen_by
from services.catalog.calls.schemas import ApplicationDraft
from services.catalog.calls.view import typed_application
from services.catalog.files.queries import files_of
from services.catalog.files.view import lines_of
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Identity
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Now, Session
from shared.web.visit import visit_of

PATH = "/calls/{call_id:uuid}/apply"


@get(PATH)
async def application_form(request: Req, session: Session, editor: Editor, call_id: FromPath[UUID]) -> Response[Any]:
    """The form with what was kept so far; what was sent is read on a page of its own."""
    call = await call_seen_by(session, call_id, editor.organisation_id)
    application = await application_to(session, call_id, editor.organisation_id)
    is_open = call.takes_applications(day_of(now_of(session)))
    if application is not None and not (application.is_with_its_authors and (is_open or _is_draft(application))):
        return redirect(request, f"/calls/applications/{application.id}")
    return await _form(request, session, editor, call, Form(typed=typed_application(application)))


@post(PATH, status_code=303)
async def apply(request: Req, session: Session, editor: Editor, *, now: Now, call_id: FromPath[UUID]) -> Response[Any]:
    """Keep the draft, and send it when asked to."""
    call = await call_seen_by(session, call_id, editor.organisation_id)
    form, sends = await read_form(request, ApplicationDraft), (await request.form()).get("then") == "submit"
    if form.data is None:
        return await _form(request, session, editor, call, form)
    # What was written is kept even when it cannot be sent yet.
    application = await keep_application(session, editor, form.data, call_id=call_id, now=now)
    if sends:
        async with kept_when_refused(request, session, form):
            await submit_application(session, editor, call_id=call_id, now=now)
    if form.errors:
        return await _form(request, session, editor, call, form)
    if sends:
        return redirect(request, f"/calls/applications/{application.id}", say="Candidature envoyée.")
    return redirect(request, f"/calls/{call_id}/apply", say="Brouillon gardé.")


@post("/calls/{call_id:uuid}/withdraw", status_code=303)
async def withdraw(
    request: Req, session: Session, editor: Editor, *, now: Now, call_id: FromPath[UUID]
) -> Response[Any]:
    """Take it back."""
    await withdraw_application(session, editor, call_id=call_id, now=now)
    return redirect(request, f"/calls/{call_id}", say="Candidature retirée.")


def _is_draft(application: Application) -> bool:
    return application.state is ApplicationState.DRAFT


async def _form(
    request: Req, session: AsyncSession, editor: Identity, call: Call, form: Form[ApplicationDraft]
) -> Html:
    application = await application_to(session, call.id, editor.organisation_id)
    documents = await files_of(session, application.id) if application else []
    return page(
        request,
        "calls/apply.html",
        status=422 if form.errors else 200,
        form=form,
        call=call,
        application=application,
        takes=call.takes_applications(day_of(now_of(session))),
        may_apply=bool(editor.roles & set(call.open_to)) and call.organisation_id != editor.organisation_id,
        documents=lines_of(documents, visit_of(request).language),
    )


ROUTES = [application_form, apply, withdraw]
