"""Sign-in, sign-out and the quiet renewal of the token."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from services.catalog.accounts.commands import recognise
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
    """End the session everywhere."""
    await leave(request, session, visitor, now=now)
    forget_session(request)
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
