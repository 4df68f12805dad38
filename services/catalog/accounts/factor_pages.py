"""A member's second proofs, on pages: what there is, adding an app or a passkey, taking one away, recovery codes."""

from datetime import datetime
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts import totp
from services.catalog.accounts.commands import check_password, end_other_sessions, renew_secret
from services.catalog.accounts.entering import set_session_cookie
from services.catalog.accounts.errors import CodeWrong, FactorUnknown, PasskeyRefused, PasswordWrong, TooManyAttempts
from services.catalog.accounts.factors import (
    CHALLENGE_BYTES,
    begin_factor,
    confirm_app,
    confirm_passkey,
    count_wrong_code,
    prove_by_code,
    remove_factor,
    renew_codes,
    secret_of,
)
from services.catalog.accounts.models import Account, Factor, FactorKind
from services.catalog.accounts.passkeys import Site, creation_options, site_of
from services.catalog.accounts.queries import (
    account_of,
    factor_by_id,
    factors_of,
    member_by_id,
    recovery_codes_left,
)
from services.catalog.accounts.schemas import CodeSent, KeySent, Proof
from services.catalog.accounts.throttle import count_wrong_password
from shared.identity import Identity
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Member, Now, Session

HOME = "/account/second-factor"


@get(HOME)
async def show_factors(request: Req, session: Session, member: Member) -> Html:
    """What there is, and how to have more."""
    return await _overview(request, session, member, Form())


@post(f"{HOME}/app", status_code=303)
async def begin_app(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """Begin with an app: its secret is made, and shown on the next page."""
    account = await account_of(session, member.member_id)
    form = await read_form(request, Proof)
    await prove(request, session, member, account, form, now=now)
    if form.errors:
        return await _overview(request, session, member, form)
    factor = await begin_factor(session, member, account, FactorKind.APP, secret=totp.new_secret(), now=now)
    return redirect(request, f"{HOME}/{factor.id}")


@post(f"{HOME}/passkey", status_code=303)
async def begin_passkey(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """Begin with a passkey: the next page has the browser make one."""
    account = await account_of(session, member.member_id)
    form = await read_form(request, Proof)
    await prove(request, session, member, account, form, now=now)
    if form.errors:
        return await _overview(request, session, member, form)
    challenge = token_hex(CHALLENGE_BYTES)
    factor = await begin_factor(session, member, account, FactorKind.PASSKEY, secret=challenge, now=now)
    return redirect(request, f"{HOME}/{factor.id}")


@post(f"{HOME}/codes", status_code=200)
async def renew_recovery_codes(request: Req, session: Session, member: Member, now: Now) -> Html:
    """Ten new recovery codes, shown this once."""
    account = await account_of(session, member.member_id)
    if not await factors_of(session, account.id):
        raise FactorUnknown
    form = await read_form(request, Proof)
    await prove(request, session, member, account, form, now=now)
    if form.errors:
        return await _overview(request, session, member, form)
    return codes_page(request, await renew_codes(session, member, account.id))


@get(f"{HOME}/{{factor_id:uuid}}")
async def show_factor(request: Req, session: Session, member: Member, factor_id: FromPath[UUID]) -> Html:
    """The drawing of an app that is being added, or how to take away what counts."""
    account = await account_of(session, member.member_id)
    factor = await factor_by_id(session, factor_id, account_id=account.id)
    return await _factor_page(request, session, account, factor, Form())


@post(f"{HOME}/{{factor_id:uuid}}", status_code=200)
async def prove_new(
    request: Req, session: Session, member: Member, now: Now, factor_id: FromPath[UUID]
) -> Response[Any]:
    """A first code, or a passkey just made: from now on it counts. Other sessions end, this one gets a new secret."""
    account = await account_of(session, member.member_id)
    factor = await factor_by_id(session, factor_id, account_id=account.id)
    form: Form[Any] = await read_form(request, KeySent if factor.kind is FactorKind.PASSKEY else CodeSent)
    codes: list[str] = []
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            if isinstance(form.data, KeySent):
                given, site = form.data.credential, site_here(request)
                codes = await confirm_passkey(session, member, factor_id, given, site=site, now=now)
            else:
                codes = await confirm_app(session, member, factor_id, form.data.code, account=account, now=now)
    if form.errors:
        return await _factor_page(request, session, account, factor, form)
    return await after_change(request, session, member, codes, now=now)


@post(f"{HOME}/{{factor_id:uuid}}/remove", status_code=303)
async def remove(request: Req, session: Session, member: Member, now: Now, factor_id: FromPath[UUID]) -> Response[Any]:
    """Take one away: takes the password and, as at the door, a code."""
    account = await account_of(session, member.member_id)
    factor = await factor_by_id(session, factor_id, account_id=account.id)
    form = await read_form(request, Proof)
    await prove(request, session, member, account, form, now=now)
    if form.errors:
        return await _factor_page(request, session, account, factor, form)
    await remove_factor(session, member, factor_id, account=account, now=now)
    return redirect(request, HOME, say="Seconde preuve retirée.")


async def prove(
    request: Req, session: AsyncSession, member: Identity, account: Account, form: Form[Proof], *, now: datetime
) -> None:
    """Put into the form what keeps this from being the person: the password, or the code if their account asks one."""
    if form.data is None:
        return
    row = await member_by_id(session, member.member_id)
    try:
        await check_password(session, account, form.data.password, now=now)
        if await factors_of(session, account.id):
            await prove_by_code(session, row, form.data.code, now=now)
    except PasswordWrong as wrong:
        await count_wrong_password(session, account.email, now=now)
        form.refuse(request, wrong)
    except CodeWrong as wrong:
        await count_wrong_code(session, row, now=now)
        form.refuse(request, wrong)
    except TooManyAttempts as many:
        form.refuse(request, many)


async def after_change(
    request: Req, session: AsyncSession, member: Identity, codes: list[str], *, now: datetime
) -> Response[Any]:
    """A proof was added: what was open without it ends, and the codes are shown if there are any."""
    await end_other_sessions(session, member, now=now)
    set_session_cookie(request, await renew_secret(session, member))
    if codes:
        return codes_page(request, codes)
    return redirect(request, HOME, say="Seconde preuve ajoutée. Vos autres sessions se sont fermées.")


def codes_page(request: Req, codes: list[str]) -> Html:
    """The one page that shows recovery codes."""
    return page(request, "accounts/recovery_codes.html", codes=codes)


def site_here(request: Req) -> Site:
    """Where this instance's passkeys are good; raises `PasskeyRefused` where there are none."""
    site = site_of(request.app.state.settings.public_url)
    if site is None:
        raise PasskeyRefused
    return site


async def _factor_page(request: Req, session: AsyncSession, account: Account, factor: Factor, form: Form[Any]) -> Html:
    is_new = factor.confirmed_at is None
    is_new_app = is_new and factor.kind is FactorKind.APP
    options, secret = None, secret_of(session, factor) if is_new_app else None
    if is_new and not is_new_app:
        known = await factors_of(session, account.id)
        options = creation_options(site_here(request), account, bytes.fromhex(factor.secret), known)
    return page(
        request,
        "accounts/factor.html",
        status=422 if form.errors else 200,
        form=form,
        factor=factor,
        drawing=totp.drawing(secret, account.email) if secret else None,
        options=options,
        typed_secret=totp.grouped(secret) if secret else None,
    )


async def _overview(request: Req, session: AsyncSession, member: Identity, form: Form[Proof]) -> Html:
    account = await account_of(session, member.member_id)
    site = site_of(request.app.state.settings.public_url)
    return page(
        request,
        "accounts/second_factor.html",
        status=422 if form.errors else 200,
        form=form,
        factors=await factors_of(session, account.id),
        codes_left=await recovery_codes_left(session, account.id),
        site=site,
        is_there=site is not None and urlsplit(site.origin).netloc == request.headers.get("host"),
    )


ROUTES = [show_factors, begin_app, begin_passkey, renew_recovery_codes, show_factor, prove_new, remove]
