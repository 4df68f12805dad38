"""Sessions of one service, and what happens once their transaction is committed."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session, SessionTransaction

from shared.database.acting import Acting

# Every statement has an end: asyncpg without command_timeout waits for ever on a frozen server.
COMMAND_TIMEOUT_S = 15
CONNECT_TIMEOUT_S = 5
# Who comes when all are taken is served late rather than sent away.
POOL_TIMEOUT_S = 8


class Driver(asyncpg.Connection):
    """A connection whose next BEGIN says for whom, in the same round trip."""

    opening: str = ""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ASYNC109 - asyncpg's
        """As asyncpg does; without arguments several statements go in one message."""
        if self.opening and query.startswith("BEGIN"):
            query, self.opening = query.rstrip(";") + self.opening, ""
        status: str = await super().execute(query, *args, timeout=timeout)
        return status


class Database:
    """Engine and session factory; `surroundings` (clock, calendar ...) is readable from every session's `info`."""

    def __init__(self, url: str, *, pool_size: int = 10, **surroundings: Any) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=10,
            pool_timeout=POOL_TIMEOUT_S,
            pool_pre_ping=False,
            pool_recycle=1800,
            # The connection used last has its statements prepared and planned; taking turns would warm up ten of them.
            pool_use_lifo=True,
            # Addresses and names are among the parameters; a failed statement is logged without them.
            hide_parameters=True,
            connect_args={
                "connection_class": Driver,
                "command_timeout": COMMAND_TIMEOUT_S,
                "timeout": CONNECT_TIMEOUT_S,
                # The same few statements by key or by index: planning them each time cost more than running them.
                "server_settings": {"plan_cache_mode": "force_generic_plan"},
                **_ssl(url),
            },
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_unfit)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.sessions = self._sessions(self.engine, surroundings)

    def _sessions(
        self, bind: AsyncEngine | AsyncConnection, surroundings: dict[str, Any]
    ) -> async_sessionmaker[AsyncSession]:
        return async_sessionmaker(
            bind,
            expire_on_commit=False,
            # On a connection that already holds a transaction (a test's), commits end a savepoint only.
            join_transaction_mode="create_savepoint",
            info=surroundings,
        )

    def surround(self, **surroundings: Any) -> None:
        """Let every session from now on know these too."""
        self.sessions.configure(info={**self.sessions.kw.get("info", {}), **surroundings})

    @property
    def bind(self) -> object:
        """What its sessions speak through, as `Session.get_bind` tells it."""
        bind = self.sessions.kw["bind"]
        return bind.sync_connection if isinstance(bind, AsyncConnection) else bind.sync_engine

    def surrounding(self, name: str) -> Any:
        """What sessions know by this name; None when it was not given."""
        return self.sessions.kw.get("info", {}).get(name)

    def now(self) -> datetime:
        """The moment, by the clock the service was given; `now_of` for whoever has a session."""
        moment: datetime = self.surrounding("clock")()
        return moment

    def sessions_on(self, connection: AsyncConnection) -> async_sessionmaker[AsyncSession]:
        """Sessions that all use this one connection, for what lives and dies with it: temporary tables."""
        return self._sessions(connection, self.sessions.kw.get("info", {}))

    @asynccontextmanager
    async def acting(self, acting: Acting) -> AsyncIterator[AsyncSession]:
        """A session with one transaction for somebody, committed at the end of the block."""
        async with self.sessions(info={"acting": acting}) as session, session.begin():
            yield session

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection on which every statement stands alone: one round trip for one question."""
        async with self._autocommit.connect() as connection:
            yield connection

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[Driver]:
        """The driver's own connection, on which every statement stands alone, for what somebody waits for: a third of
        the time of `connection`.
        """
        pooled = await self.engine.raw_connection()
        try:
            yield pooled.driver_connection  # type: ignore[misc]
        finally:
            pooled.close()

    async def close(self) -> None:
        """Give every pooled connection back to PostgreSQL."""
        await self.engine.dispose()


def _refuse_unfit(connection: Any, _record: object, _fairy: object) -> None:
    driver: Driver = connection.driver_connection
    # The driver knows without asking that PostgreSQL hung up, or is in a transaction that somebody left open; the pool
    # then replaces the connection on the spot.
    if driver.is_closed() or driver.is_in_transaction():
        raise DisconnectionError
    # For whom it was to begin, and then did not, is nobody's business.
    driver.opening = ""


def _ssl(url: str) -> dict[str, bool]:
    # asyncpg looks for certificates under HOME even on loopback, and fails where HOME is another user's.
    return {"ssl": False} if make_url(url).host in ("127.0.0.1", "localhost", "::1") else {}


@event.listens_for(Session, "after_begin")
def _begin_for(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    # BEGIN itself is sent with the first statement.
    acting: Acting | None = session.info.get("acting")
    if acting is not None and not transaction.nested:
        driver: Any = connection.connection.driver_connection
        driver.opening = acting.opening()


def now_of(session: AsyncSession) -> datetime:
    """The moment, by the clock the service was given."""
    moment: datetime = session.info["clock"]()
    return moment


def after_commit(session: AsyncSession, call: Callable[[], object]) -> None:
    """Run `call` once this session's transaction is committed, never when it or its savepoint is rolled back."""
    sync = session.sync_session
    transaction = sync.get_nested_transaction() or sync.get_transaction()
    session.info.setdefault("after_commit", []).append((transaction, call))


@event.listens_for(Session, "after_commit")
def _run_after_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    committed = session.get_transaction()
    for transaction, call in session.info.pop("after_commit", ()):
        if _is_within(transaction, committed):
            call()


@event.listens_for(Session, "after_soft_rollback")
def _forget_after_rollback(session: Session, undone: SessionTransaction) -> None:
    hooks = session.info.get("after_commit")
    if hooks:
        session.info["after_commit"] = [hook for hook in hooks if not _is_within(hook[0], undone)]


def _is_within(transaction: SessionTransaction | None, outer: SessionTransaction | None) -> bool:
    # None: the call was given before anything began, so it belongs to the whole.
    if transaction is None:
        return outer is None or not outer.nested
    while transaction is not None and transaction is not outer:
        transaction = transaction.parent
    return transaction is not None
