"""What an invitation's link shows: a page with one button, for whoever holds the letter, with an account or without."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import new_account
from services.catalog.accounts.entering import HOME_AFTER_SIGN_IN, begin_session, let_in
from services.catalog.accounts.link_errors import LinkUnknown
from services.catalog.accounts.link_pages import address_with, redacted, shown_link
from services.catalog.accounts.links import Shown
from services.catalog.accounts.models import Account
from services.catalog.accounts.queries import account_by_email, account_of
from services.catalog.accounts.schemas import LinkUse
from services.catalog.accounts.security import say_wrong_password
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.team.errors import InvitationExpired, InvitationOfAnother, InvitationOver, InvitationUnknown
from services.catalog.team.inviting import join, open_invitation
from services.catalog.team.models import Invitation
from services.catalog.team.schemas import Coming, ComingBack
from shared.identity import Identity
from shared.phrases.names import MEMBER_ROLES, named
from shared.refusal import Refusal
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Now, Session, Visitor
from shared.web.visit import visit_of

OVER = (LinkUnknown, InvitationOver, InvitationExpired, InvitationUnknown, InvitationOfAnother)
# Who comes with the letter: signed in with its address or with another, with an account of it, or nobody yet.
YOURS, OTHER, KNOWN, NEW = "yours", "other", "known", "new"


@get("/invitations/{link_id:uuid}")
async def show_invitation(
    request: Req, session: Session, visitor: Visitor, now: Now, *, link_id: FromPath[UUID], key: FromQuery[str] = ""
) -> Html:
    """Who invites, as what, and what is needed to join; nothing is done yet."""
    try:
        invitation = await open_invitation(session, shown_link(request, link_id, key), now=now)
    except OVER as refusal:
        return _over_page(request, refusal)
    who, _ = await _comes(session, visitor, invitation)
    return await _invitation_page(request, session, invitation, who, Form(typed={"key": key}))


@post("/invitations/{link_id:uuid}", status_code=303)
async def accept_invitation(
    request: Req, session: Session, visitor: Visitor, now: Now, link_id: FromPath[UUID]
) -> Response[Any]:
    """Join, and act for the organisation from now on."""
    sent = await read_form(request, LinkUse)
    shown = shown_link(request, link_id, sent.data.key if sent.data else "")
    try:
        invitation = await open_invitation(session, shown, now=now)
        who, account = await _comes(session, visitor, invitation)
        if who == OTHER:
            raise InvitationOfAnother
        if account is None:
            return await _come_new(request, session, shown, invitation, now=now)
        if who == KNOWN:
            return await _come_back(request, session, shown, invitation, account, now=now)
        member = await join(session, shown, account, now=now)
    except OVER as refusal:
        return _over_page(request, refusal)
    await begin_session(request, session, visitor, member, now=now)
    return _welcome(request)


async def _come_new(
    request: Req, session: AsyncSession, shown: Shown, invitation: Invitation, *, now: datetime
) -> Response[Any]:
    """Sign up with the invitation's address, which the letter has confirmed."""
    form, language = await read_form(request, Coming), visit_of(request).language
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            email = invitation.email or ""
            account = await new_account(session, form.data, email=email, language=language, now=now)
            member = await join(session, shown, account, now=now)
    if form.errors:
        return await _invitation_page(request, session, invitation, NEW, form)
    await begin_session(request, session, None, member, now=now)
    return _welcome(request)


async def _come_back(
    request: Req, session: AsyncSession, shown: Shown, invitation: Invitation, account: Account, *, now: datetime
) -> Response[Any]:
    """Show with the password that the account is one's own; the second proof is asked at the door as ever."""
    form = await read_form(request, ComingBack)
    if form.data is not None:
        await say_wrong_password(request, session, account, form, now=now)
    if form.data is not None and not form.errors:
        async with kept_when_refused(request, session, form):
            member = await join(session, shown, account, now=now)
    if form.errors:
        return await _invitation_page(request, session, invitation, KNOWN, form)
    return await let_in(request, session, None, member, target=HOME_AFTER_SIGN_IN, now=now)


async def _comes(session: AsyncSession, visitor: Identity | None, invitation: Invitation) -> tuple[str, Account | None]:
    email = (invitation.email or "").lower()
    if visitor is None:
        account = await account_by_email(session, email)
        return (NEW, None) if account is None else (KNOWN, account)
    account = await account_of(session, visitor.member_id)
    return (YOURS if account.email.lower() == email else OTHER), account


async def _invitation_page(
    request: Req, session: AsyncSession, invitation: Invitation, who: str, form: Form[Any]
) -> Html:
    organisation = await organisation_by_id(session, invitation.organisation_id)
    action = f"/invitations/{invitation.link_id}"
    answer = page(
        request,
        "team/invitation.html",
        status=422 if form.errors else 200,
        form=form,
        action=action,
        same_page=address_with(action, form.typed.get("key", "")),
        who=who,
        address=redacted(invitation.email or "?"),
        organisation=organisation,
        role=named(MEMBER_ROLES, invitation.role, visit_of(request).language),
    )
    answer.headers["cache-control"] = "no-store"
    return answer


def _over_page(request: Req, refusal: Refusal) -> Html:
    words = gettext(request, refusal.sentence)
    return page(request, "team/invitation_over.html", status=refusal.status, words=words, code=refusal.code)


def _welcome(request: Req) -> Response[Any]:
    return redirect(request, HOME_AFTER_SIGN_IN, say="Bienvenue dans l'équipe.")


ROUTES: list[ControllerRouterHandler] = [show_invitation, accept_invitation]
