"""A service works whether or not the broker does, and takes a new connection for one that ended."""

import asyncio

import pytest

from services.catalog.settings import Settings as CatalogSettings
from services.matching.settings import Settings as MatchingSettings
from shared.events.catalog import NeedWithdrawn
from shared.messaging import worker
from shared.messaging.worker import Link, for_ever, working
from tests.shared.messaging.conftest import PATIENCE_S, Core
from tests.shared.messaging.test_consumer import has


async def _linked(link: Link) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while link.client is None:
            await asyncio.sleep(0.02)


@pytest.mark.promise(28)
async def test_a_client_that_closed_for_good_is_replaced(
    core: Core, matching_settings: MatchingSettings, catalog_settings: CatalogSettings
) -> None:
    """INVARIANT: nats-py closes for ever on any `-ERR` but a permission's; relay and consumers go on without it."""
    async with (
        working(matching_settings, core.reader, {NeedWithdrawn: core.remember}) as reading,
        working(catalog_settings, core.producer, {}) as publishing,
    ):
        for link in (reading, publishing):
            await _linked(link)
            assert link.client is not None
            await link.client._process_err("'Maximum Subscriptions Exceeded'")
        await core.write()
        async with asyncio.timeout(PATIENCE_S):
            while not await has(core, 1):
                await asyncio.sleep(0.05)


@pytest.mark.promise(29)
async def test_a_client_that_hears_nothing_any_more_is_replaced(
    core: Core, matching_settings: MatchingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT: nats-py's read loop can end without a word, and the client still says that it is connected."""
    monkeypatch.setattr(worker, "WATCH_S", 0.3)
    monkeypatch.setattr(worker, "ANSWER_S", 1)
    async with working(matching_settings, core.reader, {NeedWithdrawn: core.remember}) as link:
        await _linked(link)
        assert link.client is not None
        deaf = link.client
        assert deaf._reading_task is not None
        deaf._reading_task.cancel()
        async with asyncio.timeout(PATIENCE_S):
            while link.client in (deaf, None):
                await asyncio.sleep(0.02)
        await core.write()
        await core.relay_all()
        async with asyncio.timeout(PATIENCE_S):
            while not await has(core, 1):
                await asyncio.sleep(0.05)


@pytest.mark.promise(16)
async def test_work_begins_and_ends_while_the_broker_is_away(core: Core, matching_settings: MatchingSettings) -> None:
    """INVARIANT: pages and timers need PostgreSQL only; the outbox is there so that the broker may be down."""
    ticked = asyncio.Event()

    async def timer() -> None:
        ticked.set()

    settings = matching_settings.model_copy(update={"nats_url": "nats://127.0.0.1:1"})
    async with asyncio.timeout(PATIENCE_S):
        async with working(settings, core.reader, {}, timers=[timer]) as link:
            await ticked.wait()
            assert link.client is None


@pytest.mark.promise(39)
async def test_a_job_that_a_library_cancelled_from_inside_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: only who cancels the task ends the job; the rig found consumers that were gone without a word."""
    monkeypatch.setattr(worker, "RESTART_S", 0.01)
    begun = 0

    async def job() -> None:
        nonlocal begun
        begun += 1
        answer = asyncio.get_running_loop().create_future()
        if begun == 1:
            answer.cancel()
        await answer

    task = asyncio.create_task(for_ever(job))
    async with asyncio.timeout(PATIENCE_S):
        while begun < 2:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (begun, task.cancelled()) == (2, True)
