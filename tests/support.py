"""What tests of several services share: an isolated database, a client, an identity, `settle`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from copy import copy
from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

import httpx
from litestar import Litestar
from litestar.datastructures import State
from playwright.async_api import Browser, async_playwright
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, SessionTransaction

from deploy.bench.manners import Manners
from deploy.embedded.instance import Instance
from shared.clock import PARIS, Calendar, now
from shared.database import Database
from shared.database.acting import NOBODY, Acting
from shared.database.both import Databases
from shared.database.session import Driver
from shared.database.statement import driver_of
from shared.identity import Identity, Role
from shared.web.application import Application
from shared.web.visit import IDENTITY_COOKIE, VISITOR_COOKIE

ORIGIN = "https://boucle.test"
CLOSE_S = 10.0
SERVICES = ("catalog", "matching", "notifications")


@contextmanager
def at_noon_of(day: date, session: AsyncSession) -> Iterator[None]:
    """It is noon of that day for `session`: at noon, a day is the same one in France and in UTC, all the year."""
    clock = session.info["clock"]
    session.info["clock"] = lambda: datetime.combine(day, time(12), PARIS)
    try:
        yield
    finally:
        session.info["clock"] = clock


@contextmanager
def moved_to(moment: datetime, database: Database) -> Iterator[None]:
    """It is that moment for every session that `database` begins meanwhile."""
    clock = database.sessions.kw["info"]["clock"]
    database.surround(clock=lambda: moment)
    try:
        yield
    finally:
        database.surround(clock=clock)


class RegisteredOnce:
    """Applications whose routes are registered once a run: half a second, and the same for every test.

    Each test has an application of its own, with its own state, door and life; what it shares is how requests are
    routed and read, which is made of the routes alone.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], tuple[Application, Any]] = {}

    def __call__(self, routes: Sequence[Any], **options: Any) -> Application:
        """What `Application` gives."""
        provided = tuple((name, each.dependency) for name, each in options["dependencies"].items())
        key = (options["openapi_config"].title, *map(id, routes), *provided)
        if key not in self._known:
            # The routes are kept, so that no other ones get their ids.
            self._known[key] = (Application(routes, **{**options, "lifespan": []}), routes)
        app = copy(self._known[key][0])
        app.state = State()
        app._lifespan_managers = [*options["lifespan"], *app._lifespan_managers]
        app.asgi_router = copy(app.asgi_router)
        app.asgi_router.app = app
        app.asgi_handler = app._create_asgi_handler()
        return app


class Part:
    """The one connection of a test, and which role speaks on it now, for whom."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self._speaking: list[tuple[str, Acting]] = []

    def begin(self, role: str, acting: Acting, send: Callable[[str], object]) -> None:
        """From now on `role` speaks; `send` runs a statement on the connection."""
        self._speaking.append((role, acting))
        self.say(send)

    async def end(self) -> None:
        """Who spoke before goes on, as if on a connection of their own."""
        self._speaking.pop()
        if self._speaking and self.connection.in_transaction():
            await self.connection.run_sync(lambda sync: self.say(sync.exec_driver_sql))

    def say(self, send: Callable[[str], object]) -> None:
        """Say it again: who rolled back has undone it."""
        role, acting = self._speaking[-1]
        said = {"role": role, "app.account": "", **acting.settings()}
        send("SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in said.items()))


class SessionInPart(AsyncSession):
    """A session that gives the connection back to whoever spoke before it."""

    async def close(self) -> None:
        await super().close()
        if self.info.pop("speaks", False):
            await self.info["part"].end()


@event.listens_for(Session, "after_begin")
def _speak(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    part: Part | None = session.info.get("part")
    if part is None or transaction.nested:
        return
    if session.info.get("speaks"):
        part.say(connection.exec_driver_sql)
        return
    session.info["speaks"] = True
    part.begin(session.info["speaker"], session.info.get("acting", NOBODY), connection.exec_driver_sql)


class IsolatedDatabase(Database):
    """One role's view of a database whose every session lives in one outer transaction, undone after the test.

    The connection is the superuser's, who may speak as any role; PostgreSQL then checks rights and policies as for a
    connection of that role.
    """

    def __init__(self, url: str, part: Part, role: str, **surroundings: Any) -> None:
        super().__init__(url, **surroundings)
        self._part, self._role = part, role
        self.sessions: async_sessionmaker[AsyncSession] = self._sessions(
            part.connection, {**surroundings, "part": part, "speaker": role}
        )
        self.sessions.class_ = SessionInPart

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """The one connection that sees what the test wrote, for nobody."""
        connection = self._part.connection
        await connection.run_sync(lambda sync: self._part.begin(self._role, NOBODY, sync.exec_driver_sql))
        try:
            yield connection
        finally:
            await self._part.end()

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[Driver]:
        """That of the one connection."""
        async with self.connection() as connection:
            yield await driver_of(connection)


class Isolated(IsolatedDatabase):
    """The database as the worker sees it, which is everything; `both` adds the pages' view of the same."""

    def __init__(self, instance: Instance, service: str, connection: AsyncConnection, **surroundings: Any) -> None:
        part = Part(connection)
        super().__init__(instance.database_url(service, "work"), part, f"{service}_work", **surroundings)
        pages = IsolatedDatabase(instance.database_url(service), part, f"{service}_app", **surroundings)
        self.both = Databases(pages, self)


class Outer:
    """The superuser's pools, one for each database of a run: what was compiled for one test serves the next ones."""

    def __init__(self) -> None:
        self._known: dict[str, Database] = {}

    def __getitem__(self, url: str) -> Database:
        if url not in self._known:
            self._known[url] = Database(url)
        return self._known[url]

    async def close(self, instance: Instance) -> None:
        """Before the engines of an instance stop."""
        for service in SERVICES:
            if known := self._known.pop(instance.admin_database_url(service), None):
                await known.close()


OUTER = Outer()


@asynccontextmanager
async def isolated(instance: Instance, service: str, **surroundings: Any) -> AsyncIterator[Isolated]:
    """An isolated database on a running engine; `clock` and `calendar` default to the real ones."""
    surroundings = {"clock": now, "calendar": Calendar(always_open=True), **surroundings}
    async with OUTER[instance.admin_database_url(service)].engine.connect() as connection:
        # The limits are for requests; this one transaction lasts as long as its test, however busy the machine is.
        for limit in ("transaction_timeout", "idle_in_transaction_session_timeout"):
            await connection.execute(text(f"SET {limit} = 0"))
        await connection.commit()
        transaction = await connection.begin()
        database = Isolated(instance, service, connection, **surroundings)
        yield database
        await database.both.close()
        await transaction.rollback()


@asynccontextmanager
async def committing(instance: Instance, service: str, **surroundings: Any) -> AsyncIterator[Databases]:
    """Both pools of a service, which commit for real; who uses them cleans up."""
    surroundings = {"clock": now, "calendar": Calendar(always_open=True), **surroundings}
    pages, work = (Database(instance.database_url(service, kind), **surroundings) for kind in ("app", "work"))
    databases = Databases(pages, work)
    try:
        yield databases
    finally:
        await databases.close()


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
        headers={"origin": ORIGIN, "sec-fetch-site": "same-origin", "accept-encoding": "identity"},
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


async def emptied(session: AsyncSession, tables: str) -> None:
    """Empty tables and what refers to them; the figures that came with catalog's migrations come back."""
    has_figures = await session.scalar(text("SELECT to_regclass('parameters') IS NOT NULL"))
    if has_figures:
        await session.execute(text("CREATE TEMP TABLE figures ON COMMIT DROP AS TABLE parameters"))
    await session.execute(text(f"TRUNCATE {tables} CASCADE"))
    if has_figures:
        await session.execute(text("INSERT INTO parameters SELECT * FROM figures WHERE set_by IS NULL"))
