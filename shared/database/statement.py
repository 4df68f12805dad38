"""SQL that runs often, straight on the driver: the session's own transaction without the cost of an ORM's statement."""

import re
from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

# `:name`, but neither `::type` nor a colon inside a word.
PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


class Statement:
    """One statement with `:named` parameters, prepared once per connection by asyncpg.

    Use it where a statement runs for every event; elsewhere SQLAlchemy reads better. Measured on a one-row
    statement: 0.016 ms of our CPU against 0.064 ms through `session.execute(text(...))`.
    """

    def __init__(self, sql: str) -> None:
        self.names: list[str] = []
        self.sql = PARAMETER.sub(self._position, sql)

    def _position(self, match: "re.Match[str]") -> str:
        name = match[1]
        if name not in self.names:
            self.names.append(name)
        return f"${self.names.index(name) + 1}"

    async def fetch(self, session: AsyncSession, **values: Any) -> Sequence[asyncpg.Record]:
        """The rows, inside the session's transaction; what the session holds unflushed is not seen."""
        driver = await driver_of(session)
        rows: Sequence[asyncpg.Record] = await driver.fetch(self.sql, *(values[name] for name in self.names))
        return rows

    async def scalar(self, session: AsyncSession, **values: Any) -> Any:
        """The first column of the first row, or None."""
        driver = await driver_of(session)
        return await driver.fetchval(self.sql, *(values[name] for name in self.names))

    async def execute(self, session: AsyncSession, **values: Any) -> None:
        """Run it for its effect."""
        await self.fetch(session, **values)


async def driver_of(session: AsyncSession) -> Any:
    """The asyncpg connection that carries the session's transaction, begun if it was not."""
    transaction = session.sync_session.get_transaction()
    known = session.info.get("driver")
    if known is not None and known[0] is transaction and transaction is not None:
        return known[1]
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    session.info["driver"] = (session.sync_session.get_transaction(), raw.driver_connection)
    return raw.driver_connection
