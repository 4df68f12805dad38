"""The second page of signing in: a code or a passkey, for whose account asks for a second proof."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.entering import HALFWAY_COOKIE, SECOND, begin_session, own_address
from services.catalog.accounts.errors import CodeWrong, HalfwayOver, PasskeyRefused, TooManyAttempts
from services.catalog.accounts.factor_pages import site_here
from services.catalog.accounts.factors import count_wrong_code, prove_by_code, prove_by_passkey
from services.catalog.accounts.models import Halfway, Member
from services.catalog.accounts.passkeys import request_options, site_of
from services.catalog.accounts.queries import factors_of, halfway_by_secret
from services.catalog.accounts.schemas import CodeSent, KeySent
from shared.web.forms import Form, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Now, Session, Visitor
from shared.web.visit import cookie, visit_of


@get(SECOND)
async def second_form(request: Req, session: Session, now: Now) -> Response[Any]:
    """The code is asked for, and nothing else."""
    try:
        halfway, member = await halfway_by_secret(session, _secret(request), now=now)
    except HalfwayOver:
        return _begin_again(request)
    return _second_page(request, Form(), await _options(request, session, halfway, member))


@post(SECOND, status_code=303)
async def show_code(request: Req, session: Session, visitor: Visitor, now: Now) -> Response[Any]:
    """The right code, or passkey, opens the session that the password, or the link, did not open alone."""
    form: Form[Any] = await read_form(request, KeySent if (await request.form()).get("credential") else CodeSent)
    try:
        halfway, member = await halfway_by_secret(session, _secret(request), now=now, for_update=True)
    except HalfwayOver:
        return _begin_again(request)
    try:
        if isinstance(form.data, KeySent):
            given, site = form.data.credential, site_here(request)
            await prove_by_passkey(session, member, halfway, given, site=site, now=now)
        elif form.data is not None:
            await prove_by_code(session, member, form.data.code, now=now)
    except (CodeWrong, PasskeyRefused) as wrong:
        await count_wrong_code(session, member, now=now)
        form.refuse(request, wrong)
    except TooManyAttempts as many:
        form.refuse(request, many)
    if form.errors:
        return _second_page(request, form, await _options(request, session, halfway, member))
    halfway.used_at, id_token, halfway.id_token = now, halfway.id_token, None
    visit_of(request).cookies.append(cookie(HALFWAY_COOKIE, "", max_age=0))
    await begin_session(request, session, visitor, member, now=now, id_token=id_token)
    return Redirect(own_address(halfway.target), status_code=303)


def _secret(request: Req) -> str:
    return request.cookies.get(HALFWAY_COOKIE, "")


def _begin_again(request: Req) -> Redirect:
    return redirect(request, "/sign-in", say="Trop de temps a passé depuis le mot de passe. Recommencez.", kind="info")


async def _options(request: Req, session: AsyncSession, halfway: Halfway, member: Member) -> str | None:
    """What the browser is asked when there is a passkey to sign with; None without one."""
    known = [each for each in await factors_of(session, member.account_id) if each.credential_id]
    site = site_of(request.app.state.settings.public_url)
    return request_options(site, halfway.challenge, known) if known and site else None


def _second_page(request: Req, form: Form[Any], options: str | None) -> Html:
    status = 422 if form.errors else 200
    answer = page(request, "accounts/second.html", status=status, form=form, options=options)
    answer.headers["cache-control"] = "no-store"
    return answer


ROUTES = [second_form, show_code]
