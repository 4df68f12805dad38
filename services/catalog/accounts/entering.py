"""How a browser enters and leaves: a new session with its cookie, the old one ended, and where to go then."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from litestar import Response
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import Over, open_session_of, sign_out
from services.catalog.accounts.factors import HALFWAY_LIFE, stop_halfway
from services.catalog.accounts.links import Asker
from services.catalog.accounts.models import LIFE, Member
from services.catalog.accounts.queries import factors_of
from shared.identity import Identity
from shared.web.pages import Req, redirect
from shared.web.visit import IDENTITY_COOKIE, SESSION_COOKIE, cookie, visit_of

HOME_AFTER_SIGN_IN = "/dashboard"
SECOND = "/sign-in/second"
HALFWAY_COOKIE = "__Host-halfway"
# Longer ones say nothing more.
USER_AGENT_KEPT = 300


def asker_of(request: Req) -> Asker:
    """Who asks for a letter."""
    visit = visit_of(request)
    return Asker(browser=visit.visitor, language=visit.language)


async def let_in(
    request: Req,
    session: AsyncSession,
    visitor: Identity | None,
    member: Member,
    *,
    target: str,
    now: datetime,
    id_token: str | None = None,
) -> Response[Any]:
    """Somebody was recognised: open their session and go where they were going, or ask for the second proof first.

    `id_token` is that of the provider who recognised them, sealed.
    """
    if await factors_of(session, member.account_id):
        secret = await stop_halfway(session, member, target=own_address(target), now=now, id_token=id_token)
        max_age = int(HALFWAY_LIFE.total_seconds())
        visit_of(request).cookies.append(cookie(HALFWAY_COOKIE, secret, max_age=max_age))
        return redirect(request, SECOND)
    await begin_session(request, session, visitor, member, now=now, id_token=id_token)
    return Redirect(own_address(target), status_code=303)


async def begin_session(
    request: Req,
    session: AsyncSession,
    visitor: Identity | None,
    member: Member,
    *,
    now: datetime,
    id_token: str | None = None,
) -> None:
    """A new session with a new secret in this browser; the one it had is over.

    Who came through a provider and goes on as somebody else of their own account came through it still.
    """
    user_agent = request.headers.get("user-agent", "").replace("\0", "")[:USER_AGENT_KEPT]
    over = await leave(request, session, visitor, now=now)
    if over is not None and over.account_id == member.account_id:
        id_token = id_token or over.id_token
    _, secret = await open_session_of(session, member, now=now, user_agent=user_agent, id_token=id_token)
    set_session_cookie(request, secret)


def set_session_cookie(request: Req, secret: str) -> None:
    """Give the browser a session's secret."""
    visit = visit_of(request)
    visit.cookies.append(cookie(SESSION_COOKIE, secret, max_age=int(LIFE.total_seconds())))
    # A token of an earlier session must not outlive this sign-in.
    visit.cookies.append(cookie(IDENTITY_COOKIE, "", max_age=0))


async def leave(request: Req, session: AsyncSession, visitor: Identity | None, *, now: datetime) -> Over | None:
    """The browser forgets its secret; whoever else knows it must not go on with it."""
    if visitor is None:
        return None
    over = await sign_out(session, visitor, request.cookies[SESSION_COOKIE], now=now)
    # Written while we act for them; who comes next must not be asked whether they may.
    await session.flush()
    return over


def forget_session(request: Req) -> None:
    """Take the session's cookies out of the browser."""
    visit = visit_of(request)
    visit.identity = None
    for name in (SESSION_COOKIE, IDENTITY_COOKIE):
        visit.cookies.append(cookie(name, "", max_age=0))


def own_address(target: str) -> str:
    """A path of ours, never another site's address."""
    parts = urlsplit(target)
    safe = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if safe else HOME_AFTER_SIGN_IN
