"""What one is told of, where and how often: one form."""

from typing import Any

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.preferences.commands import choose
from services.notifications.preferences.queries import choices_of, waiting_for
from services.notifications.preferences.schemas import PreferencesForm, WholeForm
from services.notifications.preferences.view import form_of, groups, hour_options
from shared.identity import Identity, Role
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Member, Now, Session
from shared.web.visit import visit_of

PREFERENCES = "/notifications/preferences"


@get(PREFERENCES)
async def show_preferences(request: Req, session: Session, member: Member) -> Html:
    """The matrix, as it counts now."""
    return await _preferences_page(request, session, member, form_of(await choices_of(session, member.member_id)))


@post(PREFERENCES)
async def save_preferences(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """Keep all of it; what already waits is planned anew."""
    form = await read_form(request, WholeForm)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await choose(session, member.member_id, form.data.chosen(), form.data.hours(), now=now)
    if form.errors:
        return await _preferences_page(request, session, member, form)
    return redirect(request, PREFERENCES, say="Vos préférences sont enregistrées.")


async def _preferences_page(request: Req, session: AsyncSession, member: Identity, form: Form[PreferencesForm]) -> Html:
    language = visit_of(request).language
    return page(
        request,
        "preferences/page.html",
        status=422 if form.errors else 200,
        form=form,
        groups=groups(),
        opens_options=hour_options(0, language),
        closes_options=hour_options(1, language),
        waiting=await waiting_for(session, member.member_id),
        is_viewer=not member.may(Role.EDITOR),
        sends_mail=bool(request.app.state.settings.smtp_url),
    )


ROUTES = [show_preferences, save_preferences]
