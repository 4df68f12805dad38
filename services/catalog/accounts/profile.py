"""A member's own page: who they are, their organisation, who else acts for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from pydantic import StringConstraints
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.models import Account, Member
from services.catalog.audit.commands import note
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.organisations.view import facts_of, state_badge
from shared.events.contacts import MemberContact
from shared.identity import Identity, Role
from shared.messaging.outbox import record
from shared.phrases.names import MEMBER_ROLES, named
from shared.web import provided
from shared.web.asked import Asked
from shared.web.errors import SignInNeeded
from shared.web.forms import Form, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Now, Session
from shared.web.visit import visit_of

# Each in its own words: one looks for one's language.
LANGUAGE_OPTIONS = [("fr", "Français"), ("en", "English")]


class Profile(Asked):
    """What a person may change about themselves."""

    person_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
    language: Literal["fr", "en"]


@get("/account")
async def show_account(request: Req, session: Session, member: provided.Member) -> Html:
    """Name, address, language; organisation and team; sign out."""
    account = await _account_of(session, member)
    typed = {"person_name": account.name, "language": account.language}
    return await _account_page(request, session, member, Form(typed=typed))


@post("/account", status_code=303)
async def change_account(request: Req, session: Session, member: provided.Member, now: Now) -> Response[Any]:
    """Keep a new name or language; the page comes back in that language."""
    form = await read_form(request, Profile)
    if form.data is None:
        return await _account_page(request, session, member, form)
    await change_profile(session, member, form.data, now=now)
    visit_of(request).language = form.data.language
    return redirect(request, "/account", say="Compte enregistré.")


async def change_profile(session: AsyncSession, member: Identity, profile: Profile, *, now: datetime) -> Account:
    """Change a person's name and language, and tell those who write to them, once for each organisation."""
    account = await _account_of(session, member)
    account.name, account.language = profile.person_name, profile.language
    for membership in await _memberships(session, account):
        membership.version += 1
        contact = MemberContact(
            version=membership.version,
            member_id=membership.id,
            organisation_id=membership.organisation_id,
            email=account.email,
            name=account.name,
            language=account.language,
        )
        await record(session, contact)
    await note(session, member.member_id, member.organisation_id, "account.changed", about=account.id)
    return account


async def _account_page(request: Req, session: AsyncSession, member: Identity, form: Form[Profile]) -> Html:
    organisation = await organisation_by_id(session, member.organisation_id)
    if organisation is None:
        raise SignInNeeded
    language = visit_of(request).language
    team = await _team(session, member)
    return page(
        request,
        "accounts/account.html",
        status=422 if form.errors else 200,
        form=form,
        account=await _account_of(session, member),
        organisation=organisation,
        facts=[(label, value, None) for label, value, _ in facts_of(request, organisation)],
        state_badge=state_badge(request, organisation),
        team=[(row.name, named(MEMBER_ROLES, row.role, language), row.joined_at, row.id) for row in team],
        language_options=LANGUAGE_OPTIONS,
    )


async def _account_of(session: AsyncSession, member: Identity) -> Account:
    account = await session.scalar(
        select(Account).join(Member, Member.account_id == Account.id).where(Member.id == member.member_id)
    )
    if account is None:
        raise SignInNeeded
    return account


async def _memberships(session: AsyncSession, account: Account) -> Sequence[Member]:
    found = await session.scalars(
        select(Member).where(Member.account_id == account.id, Member.left_at.is_(None)).with_for_update()
    )
    return found.all()


async def _team(session: AsyncSession, member: Identity) -> Sequence[Row[UUID, str, Role, datetime]]:
    found = await session.execute(
        select(Member.id, Account.name, Member.role, Member.joined_at)
        .join(Account, Account.id == Member.account_id)
        .where(Member.organisation_id == member.organisation_id, Member.left_at.is_(None))
        .order_by(Member.joined_at)
    )
    return found.all()


ROUTES = [show_account, change_account]
