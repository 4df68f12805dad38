"""What a commit hands to the relay of its own process: sooner than the database tells it, never in another order."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.database import Database
from shared.events.catalog import NeedWithdrawn
from shared.messaging import relay as relaying
from shared.messaging.fresh import Fresh, Unpublished
from shared.messaging.outbox import record
from shared.messaging.relay import Relay
from shared.messaging.worker import asyncpg_dsn
from tests.shared.messaging.conftest import PATIENCE_S, Core


@asynccontextmanager
async def leading(core: Core) -> AsyncIterator[Relay]:
    """A relay at work, which has looked into the database once; what `core` writes is handed to it."""
    core.producer.surround(outbox_fresh=(fresh := Fresh()))
    relay = Relay(asyncpg_dsn(core.producer.url), core.publishing, fresh=fresh)
    looked, look = asyncio.Event(), relay.publish_once

    async def looking(connection: Any) -> bool:
        found = await look(connection)
        looked.set()
        return found

    relay.publish_once = looking  # type: ignore[method-assign]
    task = asyncio.create_task(relay.run())
    try:
        await until(looked.is_set)
        yield relay
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


async def write_elsewhere(core: Core, need: UUID, *, version: int = 1) -> None:
    """The same commit in another process: nothing is handed over."""
    other = Database(core.producer.url)
    try:
        async with other.sessions.begin() as session:
            await record(session, NeedWithdrawn(version=version, need_id=need, organisation_id=uuid4()))
    finally:
        await other.close()


async def order(core: Core) -> dict[UUID, list[int]]:
    """The versions of each aggregate, in the order of the stream."""
    found: dict[UUID, list[int]] = defaultdict(list)
    for seq in range(1, await core.stored() + 1):
        message = json.loads(await core.message(seq))
        found[UUID(message["subject"])].append(message["sequence"])
    return found


async def test_what_was_committed_here_is_published_without_asking_the_database(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "POLL_S", 60.0)
    async with leading(core) as relay:
        monkeypatch.setattr(relaying, "UNPUBLISHED", "SELECT nothing, of, what, is, there")
        needs = [await core.write() for _ in range(5)]
        await until(lambda: relay.published == len(needs))
    assert set(await order(core)) == set(needs)
    # Marked on the way out, like everything that was published.
    assert await core.count("outbox", where="published_at IS NULL", database=core.producer) == 0


@pytest.mark.promise(4)
async def test_nothing_overtakes_an_older_event_of_its_aggregate(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: stream order per aggregate is 1..n, also when the relay has not heard of 1 yet."""
    monkeypatch.setattr(relaying, "POLL_S", 60.0)
    need = uuid4()
    async with leading(core) as relay:
        await write_elsewhere(core, need, version=1)
        await core.write(aggregate=need, version=2)
        await until(lambda: relay.published == 2)
    assert await order(core) == {need: [1, 2]}


@pytest.mark.promise(4)
async def test_writers_here_and_elsewhere_keep_every_order(core: Core) -> None:
    dice, versions = random.Random(7), dict.fromkeys((uuid4() for _ in range(6)), 0)
    async with leading(core) as relay:
        for _ in range(150):
            need = dice.choice(list(versions))
            versions[need] += 1
            if dice.random() < 0.6:
                await core.write(aggregate=need, version=versions[need])
            else:
                await write_elsewhere(core, need, version=versions[need])
            if dice.random() < 0.1:
                await asyncio.sleep(0.12)
        await until(lambda: relay.published >= 150)
    assert await order(core) == {need: list(range(1, most + 1)) for need, most in versions.items() if most}


async def test_more_than_it_holds_is_left_to_the_database(core: Core) -> None:
    core.producer.surround(outbox_fresh=(fresh := Fresh()))
    for _ in range(Fresh.MOST + 1):
        await core.write()
    assert fresh.take() is None
    assert fresh.take() == []
    assert await core.relay_all() == Fresh.MOST + 1


def test_what_the_database_gave_meanwhile_is_not_published_again() -> None:
    fresh = Fresh()
    one, two = (Unpublished(uuid4(), uuid4(), "catalog.need.withdrawn.v1", "{}") for _ in range(2))
    fresh.add([one, two])
    fresh.forget([one])
    assert fresh.take() == [two]
