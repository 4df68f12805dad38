"""A statement straight on the driver is part of its session's transaction, whatever comes first."""

from unittest.mock import patch
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import Database
from shared.database.statement import Part, Statement, driver_of, together

PUT = Statement("INSERT INTO wrong_passwords (id, email_hash, at) VALUES (:id, CAST(:hash AS bytea), now())")
COUNT = Statement("SELECT count(*) AS found FROM wrong_passwords WHERE email_hash = :hash")


async def count(database: Database, key: bytes) -> int:
    async with database.sessions() as session:
        return int(await COUNT.scalar(session, hash=key))


async def test_a_rollback_undoes_it_even_as_the_first_statement(database: Database) -> None:
    """INVARIANT: without BEGIN before it, the first statement would commit by itself."""
    key = uuid4().bytes
    with pytest.raises(RuntimeError):
        async with database.sessions.begin() as session:
            await PUT.execute(session, id=uuid4(), hash=key)
            raise RuntimeError
    assert await count(database, key) == 0


async def test_on_the_drivers_own_connection_it_stands_alone(database: Database) -> None:
    """INVARIANT: committed at once, also where what follows fails; and the connection begins for others as any does."""
    key = uuid4().bytes
    with pytest.raises(RuntimeError):
        async with database.driver() as driver:
            await PUT.execute(driver, id=uuid4(), hash=key)
            assert await count(database, key) == 1
            raise RuntimeError
    with pytest.raises(RuntimeError):
        async with database.sessions.begin() as session:
            await PUT.execute(session, id=uuid4(), hash=key)
            raise RuntimeError
    assert await count(database, key) == 1


async def test_a_savepoint_undoes_its_part(database: Database) -> None:
    key = uuid4().bytes
    async with database.sessions() as session:
        await PUT.execute(session, id=uuid4(), hash=key)
        with pytest.raises(RuntimeError):
            async with session.begin_nested():
                await PUT.execute(session, id=uuid4(), hash=key)
                raise RuntimeError
        assert await COUNT.scalar(session, hash=key) == 1
        await session.rollback()
    assert await count(database, key) == 0


async def test_it_sees_what_the_session_did_and_the_other_way_round(database: Database) -> None:
    key = uuid4().bytes
    async with database.sessions() as session:
        await session.execute(text("SELECT 1"))
        await PUT.execute(session, id=uuid4(), hash=key)
        found = await session.scalar(
            text("SELECT count(*) FROM wrong_passwords WHERE email_hash = :hash"), {"hash": key}
        )
        assert found == 1
        await session.rollback()
        # A new transaction of the same session gets a connection of its own again.
        await PUT.execute(session, id=uuid4(), hash=key)
        await session.rollback()
    assert await count(database, key) == 0


async def test_rows_have_attributes_and_names_repeat(database: Database) -> None:
    async with database.sessions() as session:
        (row,) = await Statement("SELECT CAST(:a AS int) AS one, CAST(:a AS int) + :b AS two, '1'::text AS t").fetch(
            session, a=1, b=2
        )
    assert (row.one, row.two, row.t) == (1, 3, "1")


async def test_on_a_connection_it_belongs_to_its_transaction(database: Database) -> None:
    key = uuid4().bytes
    with pytest.raises(ZeroDivisionError):
        async with database.engine.begin() as connection:
            await PUT.execute(connection, id=uuid4(), hash=key)
            raise ZeroDivisionError
    async with database.engine.connect() as connection:
        await PUT.execute(connection, id=uuid4(), hash=key)
        await connection.rollback()
    assert await count(database, key) == 0


async def test_a_failed_statement_is_told_without_its_parameters(database: Database) -> None:
    with pytest.raises(DBAPIError) as raised:
        async with database.sessions() as session:
            await session.execute(text("SELECT CAST(CAST(:secret AS text) AS int)"), {"secret": "camille@exemple.fr"})
    assert "parameters hidden" in str(raised.value)


async def test_several_writes_and_a_question_share_a_round_trip_and_one_moment(database: Database) -> None:
    key = uuid4().bytes
    async with database.sessions() as session:
        await PUT.execute(session, id=uuid4(), hash=key)
        writes = [PUT(id=uuid4(), hash=key) for _ in range(2)]
        assert await together(session, *writes, then=COUNT(hash=key)) == 1
        assert await COUNT.scalar(session, hash=key) == 3
        assert await together(session, PUT(id=uuid4(), hash=key)) is None
        assert await together(session) is None
        assert await COUNT.scalar(session, hash=key) == 4
        await session.rollback()
    assert await count(database, key) == 0


async def test_parts_of_the_same_values_send_them_once_and_others_their_own(database: Database) -> None:
    shared = {"a": "x", "b": "y", "id": uuid4(), "hash": b"1"}
    put, other = Part(PUT, shared), PUT(id=uuid4(), hash=b"2")
    said = Part(Statement("SELECT CAST(:b AS text) || CAST(:a AS text) || CAST(:b AS text)"), shared)
    async with database.sessions() as session:
        driver = await driver_of(session)
        with patch.object(driver, "fetchval", wraps=driver.fetchval) as sent:
            assert await together(session, put, other, then=said) == "yxy"
        _, *arguments = sent.call_args.args
        assert sorted(map(str, arguments)) == sorted(map(str, (*shared.values(), *other.values.values())))
        assert await COUNT.scalar(session, hash=b"1") == await COUNT.scalar(session, hash=b"2") == 1
        await session.rollback()
