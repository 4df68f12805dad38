"""The index on disk between two starts: read when the worker begins, kept up to date meanwhile, written every hour and
when it ends.

It belongs to the database it was read from, by the name that its sequence of changes was given; and it is of the past
of what that database holds: one that was restored from an older backup is read anew.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

from services.matching.index.compiled import snapshot
from services.matching.index.compiled.market import Market, market_at
from shared.database import Database
from shared.database.statement import Statement
from shared.observability.pulse import beat, every

EVERY_S, READ_EVERY_S = 3600.0, 0.25
WHOSE = Statement("SELECT obj_description('changes'::regclass) AS name, last_value FROM changes")

log = structlog.get_logger()


@asynccontextmanager
async def kept_index(database: Database, folder: Path | None) -> AsyncIterator[None]:
    """Begin with what the folder holds, and leave there what is known in the end."""
    market = market_at(database)
    if folder is not None:
        snapshot.sweep(folder)
        await read_index(database, market, folder)
    await catch_up(database, market)
    try:
        yield
    finally:
        if folder is not None:
            await write_index(database, market, folder)


async def catch_up(database: Database, market: Market) -> None:
    """Read what changed since, some rows a transaction: the first search then has little left to read."""
    for read in (market.read_supplies, market.read_demands):
        fresh = True
        while fresh:
            async with database.sessions.begin() as session:
                fresh = await read(session) == market.at_once
    await market.tidy()


async def read_for_ever(database: Database) -> None:
    """Know of every supply a moment after it is committed, here or by another replica: what is foretold then holds."""
    market = market_at(database)
    async for _ in every(READ_EVERY_S):
        async with database.driver() as driver:
            while await market.read_supplies(driver) == market.at_once:
                beat()
        await market.tidy()


async def write_for_ever(database: Database, folder: Path) -> None:
    """Write it every hour."""
    async for _ in every(EVERY_S):
        await write_index(database, market_at(database), folder)


async def read_index(database: Database, market: Market, folder: Path) -> bool:
    """Fill an empty market from a folder; False when what is there is not of this database, or not of its past."""
    name, last = await _whose(database)
    seen = snapshot.load(market.engine, folder, of=name, until=last)
    if seen is None:
        return False
    market.supplies_seen, market.demands_seen, market.lost = seen["supplies"], seen["demands"], seen["lost"]
    log.info("index_read", supplies=market.engine.supplies.living, demands=market.engine.demands.living)
    return True


async def write_index(database: Database, market: Market, folder: Path) -> None:
    """Write it; a disk that is full or a database that is away costs the next start some time and nothing else."""
    with suppress(OSError):
        name, _ = await _whose(database)
        await market.save(folder, of=name)


async def _whose(database: Database) -> tuple[str, int]:
    async with database.connection() as connection:
        (row,) = await WHOSE.fetch(connection)
    return row.name, row.last_value
