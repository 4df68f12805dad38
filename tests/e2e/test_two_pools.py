"""Pages and worker have a pool each, of different roles; what the one commits the other publishes without a poll."""

import asyncio

import pytest

from shared.messaging import relay as relaying
from tests.e2e.conftest import Town
from tests.services.catalog.conftest import send_sign_up


@pytest.fixture
def no_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaying, "POLL_S", 60.0)


async def test_what_a_page_commits_is_handed_to_the_relay_beside_it(no_poll: None, catalog_alone: Town) -> None:
    """INVARIANT: a commit of the pages' role wakes the relay of the worker's role (decisions 1 and 14)."""
    await asyncio.sleep(1.0)  # the relay leads by now, and has looked for the last time
    assert (await send_sign_up(catalog_alone.client())).status_code == 303
    async with asyncio.timeout(relaying.POLL_S / 2):
        while await catalog_alone.scalar("catalog", "SELECT count(*) FROM outbox WHERE published_at IS NULL"):
            await asyncio.sleep(0.05)
    assert await catalog_alone.scalar("catalog", "SELECT count(*) FROM outbox") > 0
