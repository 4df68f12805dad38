"""A transaction says for whom it is, in the message that begins it, and takes it with it when it ends."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deploy.embedded.engines import Engines
from shared.database import Database
from shared.database.acting import NOBODY, Acting, act

ASKED = text(
    "SELECT "
    + ", ".join(f"coalesce(current_setting('app.{name}', true), '')" for name in ("org", "member", "coordinator"))
)


@pytest.fixture
async def one(engines: Engines) -> AsyncIterator[Database]:
    """A pool of one connection: whoever comes next has the one of whoever was before."""
    database = Database(engines.instance.database_url("catalog"), pool_size=1)
    yield database
    await database.close()


async def told(database: Database, acting: Acting = NOBODY) -> tuple[str, ...]:
    async with database.acting(acting) as session:
        return tuple((await session.execute(ASKED)).one())


@pytest.mark.promise(47)
async def test_a_transaction_is_for_one_and_the_next_for_nobody(one: Database) -> None:
    somebody = Acting(uuid4(), uuid4(), is_coordinator=True)
    assert await told(one, somebody) == (str(somebody.organisation_id), str(somebody.member_id), "on")
    assert await told(one) == ("", "", "")
    assert await told(one, Acting(somebody.organisation_id)) == (str(somebody.organisation_id), "", "")
    async with one.sessions.begin() as session:
        assert tuple((await session.execute(ASKED)).one()) == ("", "", "")
    async with one.connection() as connection:
        assert tuple((await connection.execute(ASKED)).one()) == ("", "", "")


@pytest.mark.promise(47)
async def test_a_transaction_that_never_began_leaves_nothing(one: Database) -> None:
    """INVARIANT: what was to be said with a BEGIN that was never sent is not said with somebody else's."""
    async with one.acting(Acting(uuid4(), uuid4())) as session:
        await session.connection()
    async with one.engine.begin() as connection:
        assert tuple((await connection.execute(ASKED)).one()) == ("", "", "")


@pytest.mark.promise(47)
async def test_a_transaction_that_failed_leaves_nothing(one: Database) -> None:
    with pytest.raises(DBAPIError):
        async with one.acting(Acting(uuid4(), uuid4())) as session:
            await session.execute(text("SELECT 1 / 0"))
    assert await told(one) == ("", "", "")


async def test_it_takes_no_round_trip_of_its_own(one: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    said = list[str]()
    execute = asyncpg.Connection.execute

    async def heard(self: Any, query: str, *args: object, **how: Any) -> str:
        said.append(query)
        status: str = await execute(self, query, *args, **how)
        return status

    await told(one)  # SQLAlchemy's own questions to a new connection
    monkeypatch.setattr(asyncpg.Connection, "execute", heard)
    organisation_id = uuid4()
    await told(one, Acting(organisation_id))
    assert said == [f"BEGIN; SET LOCAL app.org = '{organisation_id}'", "COMMIT;"]


@pytest.mark.promise(47)
async def test_who_becomes_known_on_the_way_is_said_until_the_end(one: Database) -> None:
    organisation_id, member_id = uuid4(), uuid4()
    async with one.acting(NOBODY) as session:
        await act(session, org=organisation_id, member=member_id)
        assert tuple((await session.execute(ASKED)).one()) == (str(organisation_id), str(member_id), "")
    assert await told(one) == ("", "", "")
