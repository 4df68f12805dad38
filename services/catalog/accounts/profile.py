"""A member's own page: who they are, their organisation, who else acts for it."""

from typing import Any

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import change_profile
from services.catalog.accounts.queries import account_of, team_of
from services.catalog.accounts.schemas import Profile
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.organisations.view import facts_of, state_badge
from shared.identity import Identity
from shared.phrases.names import MEMBER_ROLES, named
from shared.web.errors import SignInNeeded
from shared.web.forms import Form, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Member, Session
from shared.web.visit import visit_of

# Each in its own words: one looks for one's language.
LANGUAGE_OPTIONS = [("fr", "Français"), ("en", "English")]


@get("/account")
async def show_account(request: Req, session: Session, member: Member) -> Html:
    """Name, address, language; organisation and team; sign out."""
    account = await account_of(session, member.member_id)
    typed = {"person_name": account.name, "language": account.language}
    return await _account_page(request, session, member, Form(typed=typed))


@post("/account", status_code=303)
async def change_account(request: Req, session: Session, member: Member) -> Response[Any]:
    """Keep a new name or language; the page comes back in that language."""
    form = await read_form(request, Profile)
    if form.data is None:
        return await _account_page(request, session, member, form)
    await change_profile(session, member, form.data)
    visit_of(request).language = form.data.language
    return redirect(request, "/account", say="Compte enregistré.")


async def _account_page(request: Req, session: AsyncSession, member: Identity, form: Form[Profile]) -> Html:
    organisation = await organisation_by_id(session, member.organisation_id)
    if organisation is None:
        raise SignInNeeded
    language = visit_of(request).language
    team = await team_of(session, member.organisation_id)
    return page(
        request,
        "accounts/account.html",
        status=422 if form.errors else 200,
        form=form,
        account=await account_of(session, member.member_id),
        organisation=organisation,
        facts=[(label, value, None) for label, value, _ in facts_of(request, organisation)],
        state_badge=state_badge(request, organisation),
        team=[(row.name, named(MEMBER_ROLES, row.role, language), row.joined_at, row.id) for row in team],
        language_options=LANGUAGE_OPTIONS,
    )


ROUTES = [show_account, change_account]
