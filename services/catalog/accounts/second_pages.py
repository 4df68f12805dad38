"""The second page of signing in: a code, for whose account asks for a second proof."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from services.catalog.accounts.entering import HALFWAY_COOKIE, SECOND, begin_session, own_address
from services.catalog.accounts.errors import CodeWrong, HalfwayOver, TooManyAttempts
from services.catalog.accounts.factors import count_wrong_code, prove_by_code
from services.catalog.accounts.queries import halfway_by_secret
from services.catalog.accounts.schemas import CodeSent
from shared.web.forms import Form, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Now, Session, Visitor
from shared.web.visit import cookie, visit_of


@get(SECOND)
async def second_form(request: Req, session: Session, now: Now) -> Response[Any]:
    """The code is asked for, and nothing else."""
    try:
        await halfway_by_secret(session, _secret(request), now=now)
    except HalfwayOver:
        return _begin_again(request)
    return _second_page(request, Form())


@post(SECOND, status_code=303)
async def show_code(request: Req, session: Session, visitor: Visitor, now: Now) -> Response[Any]:
    """The right code opens the session that the password, or the link, did not open alone."""
    form = await read_form(request, CodeSent)
    try:
        halfway, member = await halfway_by_secret(session, _secret(request), now=now, for_update=True)
    except HalfwayOver:
        return _begin_again(request)
    if form.data is None:
        return _second_page(request, form)
    try:
        await prove_by_code(session, member, form.data.code, now=now)
    except CodeWrong as wrong:
        await count_wrong_code(session, member, now=now)
        return _second_page(request, form.refuse(request, wrong))
    except TooManyAttempts as many:
        return _second_page(request, form.refuse(request, many))
    halfway.used_at = now
    visit_of(request).cookies.append(cookie(HALFWAY_COOKIE, "", max_age=0))
    await begin_session(request, session, visitor, member, now=now)
    return Redirect(own_address(halfway.target), status_code=303)


def _secret(request: Req) -> str:
    return request.cookies.get(HALFWAY_COOKIE, "")


def _begin_again(request: Req) -> Redirect:
    return redirect(request, "/sign-in", say="Trop de temps a passé depuis le mot de passe. Recommencez.", kind="info")


def _second_page(request: Req, form: Form[CodeSent]) -> Html:
    status = 422 if form.errors else 200
    answer = page(request, "accounts/second.html", status=status, form=form)
    answer.headers["cache-control"] = "no-store"
    return answer


ROUTES = [second_form, show_code]
