"""The three services at work on one NATS, committing for real; `settle()` waits until nothing moves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from nats.aio.client import Client
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.catalog.app import create_app as create_catalog
from services.catalog.settings import Settings as CatalogSettings
from services.matching.app import create_app as create_matching
from services.matching.settings import Settings as MatchingSettings
from services.notifications.app import create_app as create_notifications
from services.notifications.settings import Settings as NotificationsSettings
from shared.database import Database
from shared.messaging.connection import close, connect
from shared.messaging.provision import provision_with
from shared.messaging.topology import CONSUMERS, STREAMS, Topology
from tests.support import client_for, emptied

SERVICES = ("catalog", "matching", "notifications")
MAKERS: dict[str, Any] = {"catalog": create_catalog, "matching": create_matching, "notifications": create_notifications}
SETTLE_LIMIT_S = 60.0
KEPT = "('alembic_version')"


@dataclass
class Town:
    """All of Boucle in this process."""

    apps: dict[str, Any]
    databases: dict[str, Database]
    admin: Client
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, service: str = "catalog") -> httpx.AsyncClient:
        """A new browser that talks to one service."""
        client = client_for(self.apps[service])
        self.clients.append(client)
        return client

    async def settle(self) -> None:
        """Wait until every outbox is published and every consumer has nothing left, twice in a row."""
        quiet = 0
        async with asyncio.timeout(SETTLE_LIMIT_S):
            while quiet < 2:
                quiet = quiet + 1 if await self._is_quiet() else 0
                await asyncio.sleep(0.03)

    async def _is_quiet(self) -> bool:
        for database in self.databases.values():
            async with database.connection() as connection:
                waiting = await connection.scalar(text("SELECT count(*) FROM outbox WHERE published_at IS NULL"))
            if waiting:
                return False
        for spec in CONSUMERS:
            info = await self.admin.jetstream().consumer_info(spec.stream, spec.durable)
            if info.num_pending or info.num_ack_pending:
                return False
        return True

    async def scalar(self, service: str, sql: str, **values: Any) -> Any:
        """One value from a service's database."""
        async with self.databases[service].connection() as connection:
            return await connection.scalar(text(sql), values)


async def _empty(database: Database) -> None:
    async with database.sessions.begin() as session:
        tables = await session.scalars(
            text(f"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN {KEPT}")
        )
        await emptied(session, ", ".join(tables))


async def _fresh_streams(admin: Client) -> None:
    for spec in STREAMS:
        await admin.jetstream().delete_stream(spec.name)
    await provision_with(admin, Topology().in_memory())


@asynccontextmanager
async def _awake(apps: list[Any]) -> AsyncIterator[None]:
    """Applications between start-up and shutdown, both in one task: a fixture's two halves run in different ones."""
    ready, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with AsyncExitStack() as stack:
            for app in apps:
                await stack.enter_async_context(app.lifespan())
            ready.set()
            await over.wait()
            for app in apps:
                app.state.stopping.set()

    task = asyncio.create_task(live())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        over.set()
        waiting.cancel()
        await task


@asynccontextmanager
async def _town(engines: Engines, settings: dict[str, Any]) -> AsyncIterator[Town]:
    """The named services, awake; afterwards everything is as empty as before."""
    instance = engines.instance
    admin = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
    owners = [Database(instance.database_url(service, "owner")) for service in SERVICES]
    await _fresh_streams(admin)
    apps = {name: MAKERS[name](each.model_copy(update={"worker": True})) for name, each in settings.items()}
    async with _awake(list(apps.values())):
        databases = {name: Database(instance.database_url(name, "work")) for name in apps}
        town = Town(apps, databases, admin)
        yield town
        for database in databases.values():
            await database.close()
        for client in town.clients:
            await client.aclose()
    for owner in owners:
        await _empty(owner)
        await owner.close()
    await _fresh_streams(admin)
    await close(admin)


@pytest.fixture
async def town(
    engines: Engines,
    catalog_settings: CatalogSettings,
    matching_settings: MatchingSettings,
    notifications_settings: NotificationsSettings,
) -> AsyncIterator[Town]:
    settings = {"catalog": catalog_settings, "matching": matching_settings, "notifications": notifications_settings}
    async with _town(engines, settings) as town:
        yield town


@pytest.fixture
async def catalog_alone(engines: Engines, catalog_settings: CatalogSettings) -> AsyncIterator[Town]:
    """Catalog publishes, and nobody of ours reads."""
    async with _town(engines, {"catalog": catalog_settings}) as town:
        yield town
