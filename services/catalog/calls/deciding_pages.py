"""The caller reads what was sent, notes it by criterion and decides; all applicants are told at once."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.calls.commands import announce_decisions, review_application
from services.catalog.calls.errors import ApplicationSent, ApplicationUnknown
from services.catalog.calls.models import Application, CallState
from services.catalog.calls.queries import (
    application_seen_by,
    applications_to,
    own_call,
    review_of,
    reviews_of,
)
from services.catalog.calls.schemas import ReviewAsked
from services.catalog.calls.view import application_badge, application_lines, badge_of, typed_review
from services.catalog.files.queries import files_of
from services.catalog.files.view import lines_of
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Identity, Role
from shared.phrases.coordination import MARKS
from shared.phrases.names import options
from shared.web import i18n
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.visit import visit_of

PATH = "/calls/applications/{application_id:uuid}"


@get("/calls/{call_id:uuid}/applications")
async def applications(request: Req, session: Session, editor: Editor, now: Now, call_id: FromPath[UUID]) -> Html:
    """What was sent to one's own call, the best noted first."""
    call = await own_call(session, call_id, organisation_id=editor.organisation_id)
    sent = await applications_to(session, call_id)
    lines = application_lines(request, sent, await reviews_of(session, [each.id for each in sent]))
    undecided = sum(1 for line in lines if line.review is None or line.review.retained is None)
    return page(
        request,
        "calls/applications.html",
        call=call,
        badge=badge_of(request, call, day_of(now)),
        lines=lines,
        most=4 * len(call.criteria),
        undecided=undecided,
        is_over=call.is_over(day_of(now)),
        is_decided=call.state is CallState.DECIDED,
    )


@post("/calls/{call_id:uuid}/announce", status_code=303)
async def announce(
    request: Req, session: Session, editor: Editor, *, now: Now, call_id: FromPath[UUID]
) -> Response[Any]:
    """Tell all applicants."""
    await announce_decisions(session, editor, call_id=call_id, now=now)
    return redirect(request, f"/calls/{call_id}/applications", say="Décisions annoncées à toutes les structures.")


@get(PATH)
async def show_application(request: Req, session: Session, member: Member, application_id: FromPath[UUID]) -> Html:
    """What was written, for its authors and its caller; the caller notes it beside."""
    application = await application_seen_by(session, application_id, member.organisation_id)
    return await _application_page(request, session, member, application, None)


@post(PATH, status_code=303)
async def review(
    request: Req, session: Session, editor: Editor, *, now: Now, application_id: FromPath[UUID]
) -> Response[Any]:
    """Keep the notes and the decision to be."""
    application = await application_seen_by(session, application_id, editor.organisation_id)
    if application.call.organisation_id != editor.organisation_id:
        raise ApplicationUnknown
    if application.call.state is CallState.DECIDED:
        raise ApplicationSent
    form = await read_form(request, ReviewAsked)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await review_application(session, editor, form.data, application_id=application_id, now=now)
    if form.errors:
        return await _application_page(request, session, editor, application, form)
    return redirect(request, f"/calls/{application.call_id}/applications", say="Avis gardé.")


async def _application_page(
    request: Req, session: AsyncSession, member: Identity, application: Application, form: Form[ReviewAsked] | None
) -> Html:
    visit, call = visit_of(request), application.call
    is_caller = call.organisation_id == member.organisation_id
    kept = await review_of(session, application.id) if is_caller else None
    choose = [("", gettext(request, "Pas encore noté"))]
    return page(
        request,
        "calls/application.html",
        status=422 if form and form.errors else 200,
        application=application,
        call=call,
        badge=application_badge(request, application),
        amount=i18n.euros(application.amount_cents, visit.language),
        answers=list(zip(call.criteria, application.answers, strict=False)),
        documents=lines_of(await files_of(session, application.id), visit.language),
        is_caller=is_caller,
        may_withdraw=not is_caller
        and application.state == "submitted"
        and call.takes_applications(day_of(now_of(session)))
        and member.may(Role.EDITOR),
        may_send_again=not is_caller
        and application.state == "withdrawn"
        and call.takes_applications(day_of(now_of(session)))
        and member.may(Role.EDITOR),
        came_again=kept is not None and not kept.is_of(application),
        may_review=is_caller and call.state is not CallState.DECIDED and member.may(Role.EDITOR),
        form=form or Form(typed=typed_review(kept)),
        mark_options=[*choose, *options(MARKS, visit.language)],
    )


ROUTES = [applications, announce, show_application, review]
