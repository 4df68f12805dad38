"""A connection that PostgreSQL closed leaves the pool before anybody gets it."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import Database
from shared.database.statement import Statement
from shared.messaging.transient import is_transient
from tests.shared.database.conftest import Cut

ONE = Statement("SELECT 1")
DIE = Statement("SELECT pg_terminate_backend(pg_backend_pid())")


async def _fill(database: Database, number: int = 3) -> None:
    async def hold() -> None:
        async with database.sessions() as session:
            await ONE.scalar(session)
            await asyncio.sleep(0.1)

    await asyncio.gather(*(hold() for _ in range(number)))


@pytest.mark.promise(24)
async def test_after_a_restart_of_postgres_the_first_statement_succeeds(database: Database, cut: Cut) -> None:
    await _fill(database)
    await cut()
    async with database.sessions.begin() as session:
        assert await ONE.scalar(session) == 1


@pytest.mark.parametrize("way", ["connection", "driver"])
async def test_a_connection_without_a_transaction_recovers_too(database: Database, cut: Cut, way: str) -> None:
    enter = getattr(database, way)
    async with enter() as connection:
        await ONE.scalar(connection)
    await cut()
    async with enter() as connection:
        assert await ONE.scalar(connection) == 1


async def test_a_drivers_own_that_dies_in_use_raises_a_passing_trouble_and_does_not_come_back(
    database: Database,
) -> None:
    raised: Exception | None = None
    try:
        async with database.driver() as driver:
            await DIE.execute(driver)
    except Exception as error:
        raised = error
    assert raised is not None
    assert is_transient(raised), repr(raised)
    async with database.driver() as driver:
        assert await ONE.scalar(driver) == 1


@pytest.mark.parametrize("statement", [DIE, "SELECT pg_terminate_backend(pg_backend_pid())"], ids=["driver", "session"])
async def test_one_that_dies_in_use_raises_a_passing_trouble_and_does_not_come_back(
    database: Database, statement: Statement | str
) -> None:
    raised: Exception | None = None
    try:
        async with database.sessions.begin() as session:
            if isinstance(statement, Statement):
                await statement.execute(session)
            else:
                await session.execute(text(statement))
    except Exception as error:
        raised = error
    assert raised is not None
    assert is_transient(raised), repr(raised)
    async with database.sessions.begin() as session:
        assert await ONE.scalar(session) == 1


async def test_what_happens_on_a_connection_lost_between_two_statements_is_transient(
    database: Database, cut: Cut
) -> None:
    with pytest.raises(DBAPIError) as raised:
        async with database.sessions.begin() as session:
            await ONE.scalar(session)
            await cut()
            await ONE.scalar(session)
    assert is_transient(raised.value)
