"""Asking for a letter with a link, and what the link shows: a page with one button, since scanners follow links too."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.answers import confirm_email, recognise_by_link, reset_password
from services.catalog.accounts.entering import HOME_AFTER_SIGN_IN, asker_of, forget_session, let_in
from services.catalog.accounts.link_errors import LinkExpired, LinkOfAnotherBrowser, LinkUnknown, LinkUsed
from services.catalog.accounts.links import Opened, Shown, ask_for_link, open_link
from services.catalog.accounts.queries import link_by_id
from services.catalog.accounts.schemas import LinkUse, LinkWanted, NewPassword
from shared.events.catalog import LinkPurpose
from shared.identity import LinkKeys
from shared.refusal import Refusal
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Now, Session, Visitor
from shared.web.visit import visit_of

ASK = {LinkPurpose.SIGN_IN: "/sign-in/link", LinkPurpose.RESET_PASSWORD: "/sign-in/forgotten"}
# What opens no account has a page of its own.
ELSEWHERE = {LinkPurpose.INVITATION: "/invitations", LinkPurpose.CLAIM: "/claims/links"}
SENT = "/sign-in/sent"
OVER = (LinkUnknown, LinkUsed, LinkExpired, LinkOfAnotherBrowser)


@get("/sign-in/link")
async def ask_to_sign_in(request: Req) -> Html:
    """The form that sends a link to sign in with."""
    return _ask_page(request, LinkPurpose.SIGN_IN, Form())


@post("/sign-in/link", status_code=303)
async def send_sign_in(request: Req, session: Session, now: Now) -> Response[Any]:
    """Send it, to whoever has the address; the answer does not say whether anybody has."""
    return await _send(request, session, LinkPurpose.SIGN_IN, now=now)


@get("/sign-in/forgotten")
async def ask_to_reset(request: Req) -> Html:
    """The form that sends a link to set a new password with."""
    return _ask_page(request, LinkPurpose.RESET_PASSWORD, Form())


@post("/sign-in/forgotten", status_code=303)
async def send_reset(request: Req, session: Session, now: Now) -> Response[Any]:
    """Send it, in the same silence."""
    return await _send(request, session, LinkPurpose.RESET_PASSWORD, now=now)


@get(SENT)
async def say_sent(request: Req) -> Html:
    """Where to look now, the same for every address."""
    return page(request, "accounts/link_sent.html", sends_mail=request.app.state.settings.sends_mail)


@get("/links/{link_id:uuid}")
async def show_link(
    request: Req, session: Session, now: Now, *, link_id: FromPath[UUID], key: FromQuery[str] = ""
) -> Response[Any]:
    """What the link will do and for whom, with the button that does it; nothing is done yet."""
    link = await link_by_id(session, link_id)
    if link is not None and link.purpose in ELSEWHERE:
        address = visit_of(request).url(f"{ELSEWHERE[link.purpose]}/{link_id}")
        return Redirect(address, query_params={"key": key}, status_code=303)
    try:
        opened = await open_link(session, shown_link(request, link_id, key), browser=visit_of(request).visitor, now=now)
    except OVER as refusal:
        return _over_page(request, refusal)
    return _link_page(request, opened, Form(typed={"key": key}))


@post("/links/{link_id:uuid}", status_code=303)
async def use_link(
    request: Req, session: Session, visitor: Visitor, now: Now, link_id: FromPath[UUID]
) -> Response[Any]:
    """Do what the link is for, once."""
    sent = await read_form(request, LinkUse)
    key = sent.data.key if sent.data else ""
    browser = visit_of(request).visitor
    try:
        opened = await open_link(session, shown_link(request, link_id, key), browser=browser, now=now, for_use=True)
        if opened.link.purpose is LinkPurpose.SIGN_IN:
            member = await recognise_by_link(session, opened, now=now)
            return await let_in(request, session, visitor, member, target=HOME_AFTER_SIGN_IN, now=now)
        if opened.link.purpose is LinkPurpose.RESET_PASSWORD:
            return await _set_password(request, session, opened, now=now)
        await confirm_email(session, opened, now=now)
    except OVER as refusal:
        return _over_page(request, refusal)
    said = "Adresse confirmée. Vous pouvez publier."
    return redirect(request, "/account" if visitor else "/sign-in", say=said)


async def _set_password(request: Req, session: AsyncSession, opened: Opened, *, now: datetime) -> Response[Any]:
    form = await read_form(request, NewPassword)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await reset_password(session, opened, form.data.password, now=now)
    if form.errors:
        return _link_page(request, opened, form)
    # Every session has ended, the one of this browser too if it had one.
    forget_session(request)
    return redirect(request, "/sign-in", say="Mot de passe changé, et toutes les sessions fermées. Connectez-vous.")


async def _send(request: Req, session: AsyncSession, purpose: LinkPurpose, *, now: datetime) -> Response[Any]:
    form = await read_form(request, LinkWanted)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await ask_for_link(session, purpose, email=form.data.email, asker=asker_of(request), now=now)
    if form.errors:
        return _ask_page(request, purpose, form)
    return redirect(request, SENT)


def shown_link(request: Req, link_id: UUID, key: str) -> Shown:
    """A link as the browser shows it."""
    keys: LinkKeys = request.app.state.link_keys
    return Shown(link_id, is_ours=keys.opens(link_id, key))


def address_with(path: str, key: str) -> str:
    """A link as its letter has it: where the switch of languages leads, which a path alone would break."""
    return f"{path}?{urlencode({'key': key})}"


def _ask_page(request: Req, purpose: LinkPurpose, form: Form[LinkWanted]) -> Html:
    status = 422 if form.errors else 200
    return page(request, "accounts/link_wanted.html", status=status, form=form, ask=ASK[purpose], purpose=purpose.value)


def _link_page(request: Req, opened: Opened, form: Form[Any]) -> Html:
    action = f"/links/{opened.link.id}"
    answer = page(
        request,
        "accounts/link.html",
        status=422 if form.errors else 200,
        form=form,
        action=action,
        same_page=address_with(action, form.typed.get("key", "")),
        purpose=opened.link.purpose.value,
        who=redacted(_address(opened)),
    )
    answer.headers["cache-control"] = "no-store"
    return answer


def _over_page(request: Req, refusal: Refusal) -> Html:
    words = gettext(request, refusal.sentence)
    return page(request, "accounts/link_over.html", status=refusal.status, words=words, code=refusal.code)


def _address(opened: Opened) -> str:
    account = opened.account
    asked = account.email_asked if opened.link.purpose is LinkPurpose.CHANGE_EMAIL else None
    return asked or account.email


def redacted(email: str) -> str:
    """Enough of an address for whose it is: « c•••d@exemple.fr »."""
    name, _, domain = email.partition("@")
    return f"{name[0]}•••{name[-1] if len(name) > 2 else ''}@{domain}"


ROUTES = [ask_to_sign_in, send_sign_in, ask_to_reset, send_reset, say_sent, show_link, use_link]
