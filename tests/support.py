"""What tests of several services share: an isolated database, a client, an identity, `settle`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import httpx
from litestar import Litestar
from playwright.async_api import Browser, async_playwright
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker

from deploy.bench.manners import Manners
from shared.clock import Calendar, now
from shared.database import Database
from shared.identity import Identity, Role
from shared.web.visit import IDENTITY_COOKIE, VISITOR_COOKIE

ORIGIN = "https://boucle.test"
CLOSE_S = 10.0


class IsolatedDatabase(Database):
    """A database whose every session lives in one outer transaction, undone after the test."""

    def __init__(self, url: str, connection: AsyncConnection, **surroundings: Any) -> None:
        super().__init__(url, **surroundings)
        self._outer = connection
        self.sessions: async_sessionmaker[AsyncSession] = self._sessions(connection, surroundings)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """The one connection that sees what the test wrote."""
        yield self._outer


@asynccontextmanager
async def isolated(url: str, **surroundings: Any) -> AsyncIterator[IsolatedDatabase]:
    """An isolated database on a running engine; `clock` and `calendar` default to the real ones."""
    outer = Database(url)
    surroundings = {"clock": now, "calendar": Calendar(always_open=True), **surroundings}
    try:
        async with outer.engine.connect() as connection:
            # The limits are for requests; this one transaction lasts as long as its test, however busy the machine is.
            for limit in ("transaction_timeout", "idle_in_transaction_session_timeout"):
                await connection.execute(text(f"SET {limit} = 0"))
            await connection.commit()
            transaction = await connection.begin()
            database = IsolatedDatabase(url, connection, **surroundings)
            yield database
            await database.close()
            await transaction.rollback()
    finally:
        await outer.close()


@asynccontextmanager
async def a_chromium(executable: str | None, *arguments: str) -> AsyncIterator[Browser]:
    """A browser for a whole run; one that does not close in time is left behind rather than waited for."""
    driver = await async_playwright().start()
    browser = await driver.chromium.launch(executable_path=executable, args=list(arguments))
    try:
        yield browser
    finally:
        await close_in_time(browser.close)
        await close_in_time(driver.stop)


async def close_in_time(close: Callable[[], Awaitable[None]]) -> None:
    """Close a browser's part; one that hangs is left behind rather than waited for."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_S):
            await close()


def client_for(app: Any, *, manners: bool = True, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """A browser's view of an application, without a network; use as an async context manager.

    With `manners` it says to the API what a good program says; without, only what a test makes it say.
    """
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 50_000)),
        base_url=ORIGIN,
        headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"},
        follow_redirects=False,
        event_hooks=Manners().hooks if manners else {},
    )


def an_identity(**changes: Any) -> Identity:
    """A signed-in owner of a made-up buyer."""
    facts: dict[str, Any] = {
        "session_id": uuid4(),
        "member_id": uuid4(),
        "person_name": "Camille Test",
        "organisation_id": uuid4(),
        "organisation_name": "Structure de test",
        "role": Role.OWNER,
        "roles": frozenset({"buyer"}),
        **changes,
    }
    return Identity(**facts)


def csrf_headers(client: httpx.AsyncClient, app: Litestar, identity: Identity | None = None) -> dict[str, str]:
    """The header an unsafe request of this client needs."""
    from shared.web.csrf import HEADER, token_for

    subject = str(identity.session_id) if identity else client.cookies.get(VISITOR_COOKIE) or ""
    return {HEADER: token_for(app.state.settings.csrf_secret.get_secret_value(), subject)}


def set_identity(client: httpx.AsyncClient, token: str) -> None:
    """Give the client an identity token, as catalog's cookie would."""
    client.cookies.set(IDENTITY_COOKIE, token, domain="boucle.test")
