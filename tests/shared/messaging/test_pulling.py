"""A consumer that is stopped or slowed neither stalls, reorders nor piles up requests."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.chaos.proxy import Proxy
from shared.events.catalog import NeedWithdrawn
from shared.messaging import pulling as pulling_module
from shared.messaging.connection import close, connect
from shared.messaging.consumer import Consumer
from shared.observability import pulse as pulse_module
from shared.observability.pulse import Pulse
from tests.shared.messaging.conftest import PATIENCE_S, TOPOLOGY, Core
from tests.shared.messaging.test_consumer import drained, has


@pytest.mark.promise(14)
async def test_slow_handlers_leave_no_extra_requests_behind(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: at most one pull request counts; the handler's time is not the broker's silence."""
    monkeypatch.setattr(pulling_module, "HEARTBEAT_S", 0.25)
    for _ in range(5):
        await core.write()
    await core.relay_all()

    async def slow(session: AsyncSession, event: NeedWithdrawn) -> None:
        await asyncio.sleep(pulling_module.HEARTBEAT_S * (pulling_module.SILENCE + 0.5))
        await core.remember(session, event)

    task = asyncio.create_task(core.consumer(slow).run())
    async with asyncio.timeout(PATIENCE_S):
        while not await has(core, 5):
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    info = await core.admin.jetstream().consumer_info("CATALOG", "matching")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (info.num_waiting or 0) <= 1


async def test_a_request_the_broker_lost_is_made_again(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restarted broker has forgotten who waits: without heartbeats, somebody asks again."""
    monkeypatch.setattr(pulling_module, "HEARTBEAT_S", 0.1)
    task = asyncio.create_task(core.consumer(core.remember).run())
    await asyncio.sleep(0.3)
    await core.admin.jetstream().delete_consumer("CATALOG", "matching")
    await core.provision()
    await core.write()
    await core.relay_all()
    async with asyncio.timeout(PATIENCE_S):
        while not await has(core, 1):
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.promise(30)
async def test_an_orderly_stop_gives_back_what_was_fetched_in_its_order(core: Core) -> None:
    """INVARIANT: left to its lease (30 s), what was fetched would come behind newer events of the same aggregate."""
    need, applied = uuid4(), list[tuple[UUID, int]]()
    await core.write(aggregate=need, version=1)
    for _ in range(9):
        await core.write()
    await core.relay_all()
    began = asyncio.Event()

    async def never(_session: AsyncSession, _event: NeedWithdrawn) -> None:
        began.set()
        await asyncio.sleep(30)

    async def remember(_session: AsyncSession, event: NeedWithdrawn) -> None:
        applied.append((event.need_id, event.version))

    stopped = asyncio.create_task(core.consumer(never).run())
    await asyncio.wait_for(began.wait(), PATIENCE_S)
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    await core.write(aggregate=need, version=2)
    await core.relay_all()
    await core.consume(remember, until=lambda: drained(core))
    assert len(applied) == 11
    assert [version for aggregate, version in applied if aggregate == need] == [1, 2]


async def in_hand(core: Core) -> int:
    """How many messages somebody has and has not answered for."""
    return (await core.admin.jetstream().consumer_info("CATALOG", "matching")).num_ack_pending or 0


@pytest.mark.promise(2, 16)
async def test_readers_that_die_one_after_another_hold_up_nobody(core: Core) -> None:
    """INVARIANT: what the dead had in hand waits for its lease (30 s); what comes after it does not."""
    deaths = 5
    for _ in range(deaths * pulling_module.BATCH + 1):
        await core.write()
    await core.relay_all()
    place = core.engines.instance
    for death in range(1, deaths + 1):
        client = await connect(place.nats_url, user="matching", seed_file=place.seed_file("matching"))
        pulling = await pulling_module.Pulling.start(client, TOPOLOGY.consumers[0])
        assert await anext(pulling.messages()) is not None
        async with asyncio.timeout(PATIENCE_S):
            while await in_hand(core) < death * pulling_module.BATCH:
                await asyncio.sleep(0.02)
        await client.close()
    await core.consume(core.remember, until=lambda: has(core, 1))


@pytest.mark.promise(16)
async def test_who_waits_for_the_broker_gives_signs_of_life(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: after two minutes without one, the supervisor ends the process, and with it every page."""
    monkeypatch.setattr(pulse_module, "PATIENCE_S", 1.0)
    for name in ("QUIET_S", "HEARTBEAT_S"):
        monkeypatch.setattr(pulling_module, name, 0.1)
    proxy, place = Proxy(), core.engines.instance
    await proxy.start()
    proxy.forward_to(place.nats_port)
    url, seed = f"nats://127.0.0.1:{proxy.port}", place.seed_file("matching")
    client, pulse = await connect(url, user="matching", seed_file=seed), Pulse()
    consumer = Consumer(TOPOLOGY.consumers[0], core.reader, client, {})

    async def consume() -> None:
        with pulse.of("consumer"):
            await consumer.run()

    task = asyncio.create_task(consume())
    await asyncio.sleep(0.2)
    await proxy.close()
    await asyncio.sleep(2.5)
    standing_still, hearts = pulse.standing_still(), len(pulse.hearts)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await close(client)
    assert (standing_still, hearts) == ([], 1)
