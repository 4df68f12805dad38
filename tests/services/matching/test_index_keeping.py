"""The index between two starts: what was written is read again, and only what changed since is read anew."""

from pathlib import Path

from sqlalchemy import text

from services.matching.index.compiled.keeping import catch_up, kept_index, read_index
from services.matching.index.compiled.market import Market, market_at
from tests.services.matching.scenes import need, offer
from tests.services.matching.stage import Stage
from tests.support import Isolated


async def a_start(database: Isolated, folder: Path) -> tuple[int, int]:
    """How many supplies and demands a worker that begins now holds; it leaves them in the folder."""
    market_at(database).begin_again()
    async with kept_index(database, folder):
        engine = market_at(database).engine
        return engine.supplies.living, engine.demands.living


async def test_a_start_reads_what_the_last_one_left_and_what_came_since(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    first, second = offer(), offer()
    await stage.tell(first, need())
    assert await a_start(stage.database, folder) == (1, 1)
    left = Market()
    assert await read_index(stage.database, left, folder)
    assert left.engine.supplies.tag_of(first.offer_id) is not None
    await stage.tell(second)
    assert await a_start(stage.database, folder) == (2, 1)


async def test_an_index_of_another_database_is_not_read(stage: Stage, tmp_path: Path) -> None:
    await stage.tell(offer())
    await a_start(stage.database, tmp_path / "index")
    async with stage.database.sessions.begin() as session:
        await session.execute(text("RESET ROLE"))
        await session.execute(text("COMMENT ON SEQUENCE changes IS 'another'"))
    assert not await read_index(stage.database, Market(), tmp_path / "index")
    assert await a_start(stage.database, tmp_path / "index") == (1, 0)


async def test_many_rows_are_read_in_short_transactions(stage: Stage) -> None:
    for _ in range(5):
        await stage.tell(offer())
    market = Market(at_once=2)
    await catch_up(stage.database, market)
    assert market.engine.supplies.living == 5


async def test_rows_that_somebody_took_away_are_found_no_more(stage: Stage) -> None:
    first, second = offer(), offer()
    await stage.tell(first, second)
    market = Market()
    await catch_up(stage.database, market)
    assert market.engine.supplies.living == 2
    async with stage.database.sessions.begin() as session:
        await session.execute(text("DELETE FROM supplies WHERE id = :id"), {"id": first.offer_id})
    await catch_up(stage.database, market)
    assert market.engine.supplies.tag_of(first.offer_id) is None
    assert market.engine.supplies.tag_of(second.offer_id) is not None
