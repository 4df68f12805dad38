"""A member's own page: who they are, their organisation, who else acts for it."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.browsers import guessed
from services.catalog.accounts.commands import change_profile
from services.catalog.accounts.models import Session as SessionRow
from services.catalog.accounts.queries import account_of, factors_of, linked_identity, living_sessions, team_of
from services.catalog.accounts.schemas import Profile
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.organisations.view import facts_of, state_badge
from shared.identity import Identity
from shared.phrases.names import MEMBER_ROLES, named
from shared.web.errors import SignInNeeded
from shared.web.forms import Form, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Member, Now, Session
from shared.web.visit import visit_of

# Each in its own words: one looks for one's language.
LANGUAGE_OPTIONS = [("fr", "Français"), ("en", "English")]


class Place(NamedTuple):
    """Where a person is signed in."""

    session_id: UUID
    words: str
    icon: str
    since: datetime
    seen_at: datetime
    is_here: bool


@get("/account")
async def show_account(request: Req, session: Session, member: Member, now: Now) -> Html:
    """Name, address, language; organisation and team; sign out."""
    account = await account_of(session, member.member_id)
    typed = {"person_name": account.name, "language": account.language}
    return await _account_page(request, session, member, Form(typed=typed), now=now)


@post("/account", status_code=303)
async def change_account(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """Keep a new name or language; the page comes back in that language."""
    form = await read_form(request, Profile)
    if form.data is None:
        return await _account_page(request, session, member, form, now=now)
    await change_profile(session, member, form.data)
    visit_of(request).language = form.data.language
    return redirect(request, "/account", say="Compte enregistré.")


async def _account_page(
    request: Req, session: AsyncSession, member: Identity, form: Form[Profile], *, now: datetime
) -> Html:
    organisation = await organisation_by_id(session, member.organisation_id)
    if organisation is None:
        raise SignInNeeded
    language = visit_of(request).language
    account = await account_of(session, member.member_id)
    team = await team_of(session, member.organisation_id)
    provider = request.app.state.oidc
    return page(
        request,
        "accounts/account.html",
        status=422 if form.errors else 200,
        form=form,
        account=account,
        sessions=[_place(request, each, member) for each in await living_sessions(session, account.id, now=now)],
        organisation=organisation,
        facts=[(label, value, None) for label, value, _ in facts_of(request, organisation)],
        state_badge=state_badge(request, organisation),
        team=[(row.name, named(MEMBER_ROLES, row.role, language), row.joined_at, row.id) for row in team],
        factors=len(await factors_of(session, account.id)),
        provider=provider,
        linked=await linked_identity(session, account.id, provider.settings.issuer) if provider else None,
        language_options=LANGUAGE_OPTIONS,
    )


def _place(request: Req, opened: SessionRow, member: Identity) -> Place:
    browser, system = guess = guessed(opened.user_agent)
    known = [each for each in (browser, system) if each]
    words = ", ".join(known) or gettext(request, "Navigateur inconnu")
    icon = "smartphone" if guess.is_handheld else "monitor"
    is_here = opened.id == member.session_id
    return Place(opened.id, words, icon, opened.created_at, opened.seen_at, is_here)


ROUTES = [show_account, change_account]
