"""A connection on which a transaction is still open leaves the pool: what came next would be undone with it."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from deploy.chaos.proxy import Proxy
from deploy.embedded.engines import Engines
from shared.database import Database
from shared.database.session import _refuse_unfit
from tests.shared.database.test_statement import PUT, count


@pytest.fixture
async def way(engines: Engines) -> AsyncIterator[Proxy]:
    """In front of PostgreSQL."""
    way = Proxy()
    await way.start()
    port = make_url(engines.instance.database_url("catalog")).port
    assert port is not None
    way.forward_to(port)
    yield way
    await way.close()


async def put(database: Database, key: bytes, *, first: str = "") -> None:
    """One row, committed; `first` is asked before, through SQLAlchemy."""
    async with database.sessions.begin() as session:
        if first:
            await session.execute(text(first))
        await PUT.execute(session, id=uuid4(), hash=key)


@pytest.mark.promise(2, 7)
@pytest.mark.parametrize("first", ["", "SELECT 1"], ids=["driver", "session"])
async def test_who_is_cancelled_while_a_transaction_begins_takes_nobody_elses_along(
    database: Database, way: Proxy, first: str
) -> None:
    """INVARIANT: a reader that is stopped in that moment must not have its successor's commits end a savepoint only."""
    told = make_url(database.url).set(port=way.port).render_as_string(hide_password=False)
    pooled = Database(told)
    # The pool's own look comes later, and would not find one that never came to begin.
    event.remove(pooled.engine.sync_engine, "checkout", _refuse_unfit)
    before, after = uuid4().bytes, uuid4().bytes
    try:
        await put(pooled, before)
        way.hold_back()
        beginning = asyncio.create_task(put(pooled, uuid4().bytes, first=first))
        await asyncio.sleep(0.1)
        beginning.cancel()
        way.let_pass()
        await asyncio.gather(beginning, return_exceptions=True)
        assert beginning.cancelled()
        await put(pooled, after)
        assert await count(database, before) == 1
        assert await count(database, after) == 1
    finally:
        await pooled.close()


async def test_what_somebody_left_open_is_not_handed_on(database: Database) -> None:
    key = uuid4().bytes
    async with database.driver() as driver:
        await driver.execute("BEGIN")
    await put(database, key)
    other = Database(database.url)
    try:
        assert await count(other, key) == 1
    finally:
        await other.close()
