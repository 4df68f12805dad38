"""SQL that runs for every event, straight on the driver, inside the session's own transaction."""

import re
from collections import namedtuple
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

# `:name`, but neither `::type` nor a colon inside a word.
PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
POSITION = re.compile(r"\$(\d+)")


# Whose transaction carries a statement; a driver's own connection has none.
Speaker = AsyncSession | AsyncConnection | asyncpg.Connection


class Statement:
    """One statement with `:named` parameters, prepared once per connection by asyncpg; its rows have attributes.

    Use it where a statement runs for every event; elsewhere SQLAlchemy reads better. Measured on a one-row
    statement: 0.016 ms of our CPU against 0.064 ms through `session.execute(text(...))`.
    """

    def __init__(self, sql: str) -> None:
        self.names: list[str] = []
        self._row: Any = None
        self.sql = PARAMETER.sub(self._position, sql)

    def _position(self, match: "re.Match[str]") -> str:
        name = match[1]
        if name not in self.names:
            self.names.append(name)
        return f"${self.names.index(name) + 1}"

    def __call__(self, **values: Any) -> "Part":
        """This statement with its values, to be run `together` with others."""
        return Part(self, values)

    def ordered(self, values: Mapping[str, Any]) -> list[Any]:
        """The values by position."""
        return [values[name] for name in self.names]

    async def fetch(self, session: Speaker, **values: Any) -> Sequence[Any]:
        """The rows, inside the session's transaction; what the session holds unflushed is not seen."""
        driver = await driver_of(session)
        records: list[asyncpg.Record] = await driver.fetch(self.sql, *self.ordered(values))
        if not records:
            return ()
        if self._row is None:
            self._row = namedtuple("Row", records[0].keys())  # type: ignore[misc]
        return [self._row(*record) for record in records]

    async def scalars(self, session: Speaker, **values: Any) -> list[Any]:
        """The first column of every row."""
        driver = await driver_of(session)
        return [record[0] for record in await driver.fetch(self.sql, *self.ordered(values))]

    async def scalar(self, session: Speaker, **values: Any) -> Any:
        """The first column of the first row, or None."""
        driver = await driver_of(session)
        return await driver.fetchval(self.sql, *self.ordered(values))

    async def execute(self, session: Speaker, **values: Any) -> None:
        """Run it for its effect."""
        driver = await driver_of(session)
        await driver.fetch(self.sql, *self.ordered(values))


class Part(NamedTuple):
    """A statement with its values, not run yet."""

    statement: Statement
    values: Mapping[str, Any]


async def together(session: Speaker, *writes: Part, then: Part | None = None) -> Any:
    """Run writes that return nothing in one round trip, with the first column of a question's first row, or None.

    None of them sees what another one wrote. Parts that were given the very same values send them once.
    """
    parts = [*writes, then] if then else writes
    if not parts:
        return None
    driver = await driver_of(session)
    arguments: list[Any] = []
    known: dict[tuple[int, str], int] = {}
    placed: list[tuple[Statement, tuple[int, ...]]] = []
    for statement, values in parts:
        for name in statement.names:
            if known.setdefault((id(values), name), len(arguments) + 1) > len(arguments):
                arguments.append(values[name])
        placed.append((statement, tuple(known[id(values), name] for name in statement.names)))
    return await driver.fetchval(_joined(tuple(placed), asks=then is not None), *arguments)


@lru_cache(maxsize=256)
def _joined(placed: tuple[tuple[Statement, tuple[int, ...]], ...], *, asks: bool) -> str:
    said = [_moved(statement.sql, places) for statement, places in placed]
    question = said.pop() if asks else "SELECT NULL"
    clauses = ", ".join(f"w{number} AS ({write})" for number, write in enumerate(said))
    return f"WITH {clauses} {question}" if clauses else question


def _moved(sql: str, places: tuple[int, ...]) -> str:
    return POSITION.sub(lambda found: f"${places[int(found[1]) - 1]}", sql)


async def driver_of(session: Speaker) -> Any:
    """The asyncpg connection that carries the session's transaction, begun if it was not; or a connection's own."""
    if isinstance(session, AsyncConnection):
        return await _begun(session)
    if isinstance(session, asyncpg.Connection):
        return session
    known = session.info.get("driver")
    if known is not None and known[0] is _transaction(session):
        return known[1]
    # Asking for the connection sends BEGIN's successor too: a SAVEPOINT when this is a nested transaction.
    driver = await _begun(await session.connection())
    session.info["driver"] = (_transaction(session), driver)
    return driver


async def _begun(connection: AsyncConnection) -> Any:
    raw = await connection.get_raw_connection()
    adapter: Any = raw.dbapi_connection
    if not adapter.autocommit and adapter._transaction is None:
        if not connection.in_transaction():
            await connection.begin()
        # SQLAlchemy sends BEGIN with its own first statement; ours must not run before it.
        try:
            await adapter._start_transaction()
        except BaseException:
            # Cancelled in between, PostgreSQL has begun and SQLAlchemy does not know: whoever gets the connection next
            # would only end a savepoint with each commit, and all of it would be undone with what nobody ends.
            await connection.invalidate()
            raise
    return raw.driver_connection


def _transaction(session: AsyncSession) -> object:
    return session.sync_session.get_nested_transaction() or session.sync_session.get_transaction()
