"""Sign-in, sign-out and the quiet renewal of the token."""

from contextlib import suppress
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import Over, recognise
from services.catalog.accounts.entering import (
    HOME_AFTER_SIGN_IN,
    forget_session,
    leave,
    let_in,
    own_address,
)
from services.catalog.accounts.errors import CredentialsWrong
from services.catalog.accounts.schemas import SignIn
from services.catalog.accounts.throttle import count_wrong_password
from services.catalog.accounts.vault import SealBroken, Sealed, vault_of
from shared.refusal import Refusal
from shared.web.csrf import SAFE_METHODS
from shared.web.forms import Form, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Now, Session, Visitor
from shared.web.visit import flash_cookie, visit_of


@get("/sign-in")
async def sign_in_form(request: Req, next: FromQuery[str] = HOME_AFTER_SIGN_IN) -> Html:
    """Address and password."""
    return _sign_in_page(request, Form[SignIn](typed={"next": next}))


@post("/sign-in", status_code=200)
async def sign_in_here(request: Req, session: Session, visitor: Visitor, now: Now) -> Response[Any]:
    """Open a session with a new secret, and go where the person was going."""
    form = await read_form(request, SignIn)
    if form.data is None:
        return _sign_in_page(request, form, status=422)
    try:
        member = await recognise(session, form.data, now=now)
    except Refusal as refusal:
        if isinstance(refusal, CredentialsWrong):
            await count_wrong_password(session, form.data.email, now=now)
        return _sign_in_page(request, form.refuse(request, refusal), status=refusal.status)
    return await let_in(request, session, visitor, member, target=form.data.next, now=now)


@post("/session/end", status_code=303)
async def sign_out_here(request: Req, session: Session, visitor: Visitor, now: Now) -> Response[Any]:
    """End the session everywhere; who came through a provider is sent there, to end the one they have with it."""
    over = await leave(request, session, visitor, now=now)
    forget_session(request)
    if over is not None and over.id_token is not None and request.app.state.oidc is not None:
        return await _sign_out_elsewhere(request, session, over)
    return redirect(request, "/", say="Vous êtes déconnecté.")


async def _sign_out_elsewhere(request: Req, session: AsyncSession, over: Over) -> Response[Any]:
    # A page, and no redirect: what a form leads to must be ours (form-action), and it says where one is going.
    provider = request.app.state.oidc
    with suppress(SealBroken):
        id_token = vault_of(session).open(over.id_token or "", over.account_id, Sealed.ID_TOKEN)
        if address := await provider.way_out(id_token):
            answer = page(request, "accounts/signed_out.html", address=address, name=provider.settings.name)
            answer.headers.update({"refresh": f"0; url={address}", "cache-control": "no-store"})
            return answer
    return redirect(request, "/", say="Vous êtes déconnecté.")


async def _renew(request: Request[Any, Any, Any]) -> Response[Any]:
    # The door has already set a new token when the session lives; without one, sign in and come back.
    target = own_address(request.query_params.get("next", "/"))
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


def _sign_in_page(request: Req, form: Form[SignIn], *, status: int = 200) -> Html:
    return page(request, "accounts/sign_in.html", status=status, form=form, provider=request.app.state.oidc)


ROUTES = [
    sign_in_form,
    sign_in_here,
    sign_out_here,
    renew,
    renew_and_repeat,
]
