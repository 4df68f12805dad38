"""A service works whether or not the broker does, and takes a new connection for one that ended."""

import asyncio

from services.catalog.settings import Settings as CatalogSettings
from services.matching.settings import Settings as MatchingSettings
from shared.events.catalog import NeedWithdrawn
from shared.messaging.worker import Link, working
from tests.shared.messaging.conftest import Core
from tests.shared.messaging.test_consumer import has


async def _linked(link: Link) -> None:
    async with asyncio.timeout(3):
        while link.client is None:
            await asyncio.sleep(0.02)


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
        async with asyncio.timeout(8):
            while not await has(core, 1):
                await asyncio.sleep(0.05)


async def test_work_begins_and_ends_while_the_broker_is_away(core: Core, matching_settings: MatchingSettings) -> None:
    """INVARIANT: pages and timers need PostgreSQL only; the outbox is there so that the broker may be down."""
    ticked = asyncio.Event()

    async def timer() -> None:
        ticked.set()

    settings = matching_settings.model_copy(update={"nats_url": "nats://127.0.0.1:1"})
    async with asyncio.timeout(2):
        async with working(settings, core.reader, {}, timers=[timer]) as link:
            await ticked.wait()
            assert link.client is None
