"""What waits for a commit runs once that commit holds everything it belongs to."""

import pytest
from sqlalchemy import text

from shared.database import Database, after_commit

SOMETHING = text("SELECT 1")


async def test_it_runs_after_the_commit_and_once(database: Database) -> None:
    ran: list[str] = []
    async with database.sessions() as session:
        await session.execute(SOMETHING)
        after_commit(session, lambda: ran.append("done"))
        assert ran == []
        await session.commit()
        await session.execute(SOMETHING)
        await session.commit()
    assert ran == ["done"]


async def test_a_kept_savepoint_waits_for_the_whole(database: Database) -> None:
    ran: list[str] = []
    async with database.sessions.begin() as session:
        async with session.begin_nested():
            after_commit(session, lambda: ran.append("done"))
        assert ran == []
    assert ran == ["done"]


async def test_what_belongs_to_an_undone_savepoint_does_not_run(database: Database) -> None:
    ran: list[str] = []
    async with database.sessions.begin() as session:
        after_commit(session, lambda: ran.append("kept"))
        with pytest.raises(ZeroDivisionError):
            async with session.begin_nested():
                async with session.begin_nested():
                    await session.execute(SOMETHING)
                    after_commit(session, lambda: ran.append("undone with the outer one"))
                after_commit(session, lambda: ran.append("undone"))
                raise ZeroDivisionError
    assert ran == ["kept"]


async def test_a_rollback_forgets_it(database: Database) -> None:
    ran: list[str] = []
    async with database.sessions() as session:
        await session.execute(SOMETHING)
        after_commit(session, lambda: ran.append("undone"))
        await session.rollback()
        await session.execute(SOMETHING)
        await session.commit()
    assert ran == []
