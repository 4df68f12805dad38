"""A pool on catalog's database that commits for real, and a way to cut what it holds."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from deploy.embedded.engines import Engines
from shared.database import Database
from shared.messaging.worker import asyncpg_dsn

Cut = Callable[[], Awaitable[None]]


@pytest.fixture
async def database(engines: Engines) -> AsyncIterator[Database]:
    database = Database(engines.instance.database_url("catalog"))
    yield database
    await database.close()


@pytest.fixture
def cut(engines: Engines) -> Cut:
    """End every connection of catalog's app role, as a restart of PostgreSQL does."""

    async def every_connection() -> None:
        admin = await asyncpg.connect(asyncpg_dsn(engines.instance.admin_database_url("catalog")), ssl=False)
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'catalog_app'")
        # Each ends when it gets to it; then our side has to hear of it.
        async with asyncio.timeout(30):
            while await admin.fetchval("SELECT count(*) FROM pg_stat_activity WHERE usename = 'catalog_app'"):
                await asyncio.sleep(0.02)
        await admin.close()
        await asyncio.sleep(0.2)

    return every_connection
