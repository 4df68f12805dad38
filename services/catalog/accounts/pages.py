"""Sign-up, sign-in, sign-out and the quiet renewal of the token."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import open_session_of, sign_in, sign_out, sign_up
from services.catalog.accounts.errors import CredentialsWrong
from services.catalog.accounts.schemas import SignIn, SignUp
from services.catalog.accounts.throttle import count_wrong_password
from shared.identity import Identity
from shared.phrases.names import SUPPLIER_KINDS, options
from shared.refusal import Refusal
from shared.web.csrf import SAFE_METHODS
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Now, Session, Visitor
from shared.web.visit import IDENTITY_COOKIE, SESSION_COOKIE, cookie, flash_cookie, visit_of

HOME_AFTER_SIGN_IN = "/dashboard"


@get("/sign-up")
async def sign_up_form(request: Req) -> Html:
    """The one form that makes an account and its establishment."""
    return _sign_up_page(request, Form(typed={"roles": [], "kinds": []}))


@post("/sign-up", status_code=200)
async def sign_up_here(request: Req, session: Session, visitor: Visitor, now: Now) -> Response[Any]:
    """Create, sign in, and go to the dashboard; or show the form again with what was typed."""
    form = await read_form(request, SignUp)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            member = await sign_up(session, form.data, now=now, language=visit_of(request).language)
            _, secret = await open_session_of(session, member, now=now)
            await _end_session(request, session, visitor, now=now)
    if form.errors:
        return _sign_up_page(request, form)
    _set_session(request, secret)
    return redirect(request, HOME_AFTER_SIGN_IN, say="Bienvenue. Votre structure est sur Boucle.")


@get("/sign-in")
async def sign_in_form(request: Req, next: FromQuery[str] = HOME_AFTER_SIGN_IN) -> Html:
    """Address and password."""
    return page(request, "accounts/sign_in.html", form=Form[SignIn](typed={"next": next}))


@post("/sign-in", status_code=200)
async def sign_in_here(request: Req, session: Session, visitor: Visitor, now: Now) -> Response[Any]:
    """Open a session with a new secret, and go where the person was going."""
    form = await read_form(request, SignIn)
    if form.data is None:
        return page(request, "accounts/sign_in.html", status=422, form=form)
    try:
        _, secret = await sign_in(session, form.data, now=now)
    except Refusal as refusal:
        if isinstance(refusal, CredentialsWrong):
            await count_wrong_password(session, form.data.email, now=now)
        return page(request, "accounts/sign_in.html", status=refusal.status, form=form.refuse(request, refusal))
    await _end_session(request, session, visitor, now=now)
    _set_session(request, secret)
    return Redirect(_own_address(form.data.next), status_code=303)


@post("/session/end", status_code=303)
async def sign_out_here(request: Req, session: Session, visitor: Visitor, now: Now) -> Response[Any]:
    """End the session everywhere."""
    await _end_session(request, session, visitor, now=now)
    visit = visit_of(request)
    visit.identity = None
    for name in (SESSION_COOKIE, IDENTITY_COOKIE):
        visit.cookies.append(cookie(name, "", max_age=0))
    return redirect(request, "/", say="Vous êtes déconnecté.")


async def _renew(request: Request[Any, Any, Any]) -> Response[Any]:
    # The door has already set a new token when the session lives; without one, sign in and come back.
    target = _own_address(request.query_params.get("next", "/"))
    visit = visit_of(request)
    if visit.identity is None:
        visit.cookies.append(flash_cookie("info", gettext(request, "Votre session a expiré : reconnectez-vous.")))
        return Redirect("/sign-in", query_params={"next": target}, status_code=303)
    return Redirect(target, status_code=303 if request.method in SAFE_METHODS else 307)


@get("/session/renew")
async def renew(request: Req) -> Response[Any]:
    """Give the browser a fresh token and send it back where it was going."""
    return await _renew(request)


@post("/session/renew", status_code=307, csrf_exempt=True)  # changes nothing: the target checks its own token
async def renew_and_repeat(request: Req) -> Response[Any]:
    """The same for a POST: 307 keeps its body."""
    return await _renew(request)


def _sign_up_page(request: Req, form: Form[SignUp]) -> Html:
    return page(
        request,
        "accounts/sign_up.html",
        status=422 if form.errors else 200,
        form=form,
        kind_options=options(SUPPLIER_KINDS, visit_of(request).language),
    )


async def _end_session(request: Req, session: AsyncSession, visitor: Identity | None, *, now: datetime) -> None:
    # The browser forgets its secret; whoever else knows it must not go on with it.
    if visitor is not None:
        await sign_out(session, visitor, request.cookies[SESSION_COOKIE], now=now)


def _set_session(request: Req, secret: str) -> None:
    visit = visit_of(request)
    visit.cookies.append(cookie(SESSION_COOKIE, secret, max_age=30 * 24 * 3600))
    # A token of an earlier session must not outlive this sign-in.
    visit.cookies.append(cookie(IDENTITY_COOKIE, "", max_age=0))


def _own_address(target: str) -> str:
    """A path of ours, never another site's address."""
    parts = urlsplit(target)
    safe = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if safe else HOME_AFTER_SIGN_IN


ROUTES = [sign_up_form, sign_up_here, sign_in_form, sign_in_here, sign_out_here, renew, renew_and_repeat]
