"""A small topology of its own on the run's NATS, and catalog's database committed for real and cleaned after."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import asyncpg
import pytest
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.embedded.engines import Engines
from shared.database import Database
from shared.events.catalog import NeedWithdrawn
from shared.messaging.connection import close, connect
from shared.messaging.consumer import Consumer
from shared.messaging.fresh import Fresh
from shared.messaging.outbox import record
from shared.messaging.provision import provision_with
from shared.messaging.relay import Relay
from shared.messaging.topology import CONSUMERS, STREAMS, Topology
from shared.messaging.worker import asyncpg_dsn

TOPOLOGY = Topology(
    streams=tuple(spec for spec in STREAMS if spec.name == "CATALOG"),
    consumers=tuple(spec for spec in CONSUMERS if (spec.stream, spec.durable) == ("CATALOG", "matching")),
    storage="memory",
)
TABLES = "outbox, inbox, dead_letter, attempt"
# Less than a lease (30 s), after which what nobody gave back comes again by itself.
PATIENCE_S = 20.0


@dataclass
class Core:
    """Catalog publishes, matching reads: enough to see every rule of the event core."""

    engines: Engines
    producer: Database
    reader: Database
    admin: Client
    publishing: Client
    reading: Client
    seen: list[UUID] = field(default_factory=list)

    @property
    def spec(self) -> object:
        return TOPOLOGY.consumers[0]

    async def write(self, *, aggregate: UUID | None = None, version: int = 1) -> UUID:
        """Record one event, committed."""
        need = aggregate or uuid4()
        async with self.producer.sessions.begin() as session:
            await record(session, NeedWithdrawn(version=version, need_id=need, organisation_id=uuid4()))
        return need

    async def relay_all(self) -> int:
        """Publish everything that is waiting; returns how many."""
        relay = Relay(asyncpg_dsn(self.producer.url), self.publishing, fresh=Fresh())
        connection = await asyncpg.connect(asyncpg_dsn(self.producer.url), ssl=False)
        try:
            while await relay.publish_once(connection):
                pass
            await relay.mark(connection)
        finally:
            await connection.close()
        return relay.published

    async def provision(self) -> None:
        """Make the stream and its durable exist (again)."""
        await provision_with(self.admin, TOPOLOGY)

    async def provision_all(self) -> None:
        """Make the streams of all services exist again, with the small one kept."""
        await provision_with(self.admin, replace(Topology().in_memory(), consumers=TOPOLOGY.consumers))

    async def stored(self) -> int:
        """Messages in the stream."""
        return (await self.admin.jetstream().stream_info("CATALOG")).state.messages

    async def message(self, seq: int) -> bytes:
        """The stored bytes at a position of the stream."""
        return (await self.admin.jetstream().get_msg("CATALOG", seq=seq)).data or b""

    async def count(self, table: str, *, where: str = "true", database: Database | None = None) -> int:
        async with (database or self.reader).sessions() as session:
            return int(await session.scalar(text(f"SELECT count(*) FROM {table} WHERE {where}")) or 0)

    async def remember(self, session: AsyncSession, event: NeedWithdrawn) -> None:
        """A handler with an effect that rolls back with its transaction."""
        await session.execute(text("INSERT INTO effects (id) VALUES (:id)"), {"id": event.need_id})
        self.seen.append(event.need_id)

    def consumer(self, handler: object) -> Consumer:
        return Consumer(TOPOLOGY.consumers[0], self.reader, self.reading, {NeedWithdrawn: handler})  # type: ignore[dict-item]

    async def consume(self, handler: object, *, until: object, seconds: float = PATIENCE_S) -> None:
        """Run a consumer until `until()` (awaited) is true; fails when it never is."""
        task = asyncio.create_task(self.consumer(handler).run())
        try:
            async with asyncio.timeout(seconds):
                while not await until():  # type: ignore[operator]
                    await asyncio.sleep(0.02)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def core(engines: Engines) -> AsyncIterator[Core]:
    place = engines.instance
    admin = await connect(place.nats_url, user="admin", seed_file=place.seed_file("admin"))
    for name in ("CATALOG",):
        await admin.jetstream().delete_stream(name)
    await provision_with(admin, TOPOLOGY)
    publishing = await connect(place.nats_url, user="catalog", seed_file=place.seed_file("catalog"))
    reading = await connect(place.nats_url, user="matching", seed_file=place.seed_file("matching"))
    producer, reader = (Database(place.database_url(service, "work")) for service in ("catalog", "matching"))
    owner = Database(place.database_url("matching", "owner"))
    async with owner.sessions.begin() as session:
        await session.execute(text("CREATE TABLE IF NOT EXISTS effects (id uuid PRIMARY KEY)"))
    yield Core(engines, producer, reader, admin, publishing, reading)
    async with owner.sessions.begin() as session:
        await session.execute(text("DROP TABLE effects"))
    for database in (producer, reader):
        async with database.sessions.begin() as session:
            for table in TABLES.split(", "):
                await session.execute(text(f"DELETE FROM {table}"))
    for database in (producer, reader, owner):
        await database.close()
    await admin.jetstream().delete_stream("CATALOG")
    await provision_with(admin, Topology().in_memory())
    for client in (admin, publishing, reading):
        await close(client)
