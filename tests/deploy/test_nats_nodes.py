"""One node becomes three, and back: the streams begin anew, and the outboxes fill them with all that was said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from deploy.cli.place import known_instance
from deploy.embedded.engines import Engines
from deploy.embedded.instance import Instance
from deploy.embedded.prepare import prepare
from shared.database import Database
from shared.events.catalog import NeedWithdrawn
from shared.messaging.connection import close, connect
from shared.messaging.fresh import Fresh
from shared.messaging.outbox import record
from shared.messaging.relay import Relay
from shared.messaging.worker import asyncpg_dsn


@pytest.mark.promise(22)
async def test_another_number_of_nodes_loses_nothing_that_was_published(place: Path) -> None:
    folder, told = place / "data", list[UUID]()
    for wanted, count in ((None, 1), (3, 3), (None, 3), (1, 1)):
        async with Engines(folder, nats_nodes=wanted) as engines:
            instance = engines.instance
            assert len(engines.nats_nodes) == instance.nats_replicas == count
            await prepare(instance)
            told.append(await say(instance))
            assert await heard(instance, count=len(told)) == told
            known = known_instance(engines.folder)
            assert known is not None
            assert known.nats_url == instance.nats_url
            assert "streams_to_fill" not in engines.folder.remembered()


async def say(instance: Instance) -> UUID:
    """Record one event."""
    database, need = Database(instance.database_url("catalog", "work")), uuid4()
    async with database.sessions.begin() as session:
        await record(session, NeedWithdrawn(version=1, need_id=need, organisation_id=uuid4()))
    await database.close()
    return need


async def heard(instance: Instance, *, count: int) -> list[UUID]:
    """Publish what waits; the aggregates in the order of the stream, once it holds so many."""
    catalog = await connect(instance.nats_url, user="catalog", seed_file=instance.seed_file("catalog"))
    admin = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
    relay = Relay(asyncpg_dsn(instance.database_url("catalog", "work")), catalog, fresh=Fresh())
    relaying, streams = asyncio.create_task(relay.run()), admin.jetstream()
    try:
        async with asyncio.timeout(60):
            while (await streams.stream_info("CATALOG")).state.messages < count:
                await asyncio.sleep(0.05)
        subjects = [(await streams.get_msg("CATALOG", seq=number + 1)).subject or "" for number in range(count)]
        return [UUID(subject.rpartition(".")[2]) for subject in subjects]
    finally:
        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)
        await asyncio.gather(close(catalog), close(admin))
