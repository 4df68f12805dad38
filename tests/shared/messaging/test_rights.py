"""Rights at the broker that go and come back."""

import asyncio
import gc
import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.embedded.credentials import public_nkey
from services.matching.settings import Settings as MatchingSettings
from shared.events.catalog import NeedWithdrawn
from shared.messaging.worker import Link, working
from tests.shared.messaging.conftest import PATIENCE_S, Core
from tests.shared.messaging.test_consumer import has


@pytest.fixture
def users(core: Core) -> Iterator["Users"]:
    known = Users(core)
    yield known
    known.restore()


class Users:
    """The users in the configuration of the running server, which it reads again on SIGHUP."""

    def __init__(self, core: Core) -> None:
        self._engines = core.engines
        self._path = core.engines.folder.nats / "nats.json"
        self._before = self._path.read_text()

    def without(self, service: str) -> None:
        """Take a service's key away."""
        configuration: dict[str, Any] = json.loads(self._before)
        boucle, nkey = configuration["accounts"]["BOUCLE"], public_nkey(self._engines.folder, service)
        boucle["users"] = [user for user in boucle["users"] if user["nkey"] != nkey]
        self._apply(json.dumps(configuration))

    def restore(self) -> None:
        """Give it back."""
        self._apply(self._before)

    def _apply(self, text: str) -> None:
        self._path.write_text(text)
        process = self._engines.nats.process
        assert process is not None
        os.kill(process.pid, signal.SIGHUP)


# nats-py leaves the sockets of refused attempts to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.promise(27)
async def test_a_key_that_was_revoked_and_given_back_needs_no_restart(
    core: Core, matching_settings: MatchingSettings, users: Users
) -> None:
    async with working(matching_settings, core.reader, {NeedWithdrawn: core.remember}) as link:
        await _until(link, connected=True)
        users.without("matching")
        await _until(link, connected=False)
        await core.write()
        await core.relay_all()
        await asyncio.sleep(1)
        assert not core.seen
        users.restore()
        async with asyncio.timeout(PATIENCE_S):
            while not await has(core, 1):
                await asyncio.sleep(0.05)
    gc.collect()


async def _until(link: Link, *, connected: bool) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while (link.client is not None and link.client.is_connected) is not connected:
            await asyncio.sleep(0.02)
