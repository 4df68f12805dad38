"""What passes by itself is told from what stays, in whatever class it comes."""

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import Database
from shared.database.statement import Statement
from shared.messaging.transient import is_transient
from tests.shared.messaging.conftest import Core


@pytest.mark.parametrize(
    "kind",
    [
        asyncpg.LockNotAvailableError,
        asyncpg.DeadlockDetectedError,
        asyncpg.SerializationError,
        asyncpg.AdminShutdownError,
        asyncpg.CrashShutdownError,
        asyncpg.CannotConnectNowError,
        asyncpg.TooManyConnectionsError,
        asyncpg.DiskFullError,
        asyncpg.ConnectionDoesNotExistError,
        asyncpg.InvalidCatalogNameError,
    ],
)
def test_a_passing_trouble_is_known_raw_and_as_a_cause(kind: type[asyncpg.PostgresError]) -> None:
    assert is_transient(kind("x"))
    wrapped = RuntimeError()
    wrapped.__cause__ = kind("x")
    assert is_transient(wrapped)
    assert is_transient(DBAPIError("SELECT 1", None, wrapped))


@pytest.mark.parametrize(
    "error",
    [
        ValueError("cannot be applied"),
        asyncpg.QueryCanceledError("the statement took too long"),
        asyncpg.UniqueViolationError("x"),
        asyncpg.InterfaceError("the server expects 1 argument for this query, 0 were passed"),
    ],
    ids=repr,
)
def test_what_stays_is_counted(error: Exception) -> None:
    """INVARIANT: what no waiting mends must reach the quarantine, or it is tried for ever."""
    assert not is_transient(error)


async def test_a_parameter_of_the_wrong_type_stays(core: Core) -> None:
    database: Database = core.reader
    for statement in (Statement("SELECT CAST(:n AS int)"), text("SELECT CAST(:n AS int)")):
        with pytest.raises(Exception, match="invalid input for query argument") as raised:
            async with database.sessions() as session:
                if isinstance(statement, Statement):
                    await statement.execute(session, n="not a number")
                else:
                    await session.execute(statement, {"n": "not a number"})
        assert not is_transient(raised.value)
