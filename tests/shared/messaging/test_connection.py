"""The connection to the broker outlives its library's bad moments."""

import asyncio
import contextlib

import pytest
from nats.aio.client import Srv

from deploy.chaos.proxy import Proxy
from services.matching.settings import Settings as MatchingSettings
from shared.events.catalog import NeedWithdrawn
from shared.messaging.connection import _guarded, close, connect, hang_up, writer_of
from shared.messaging.worker import Link, working
from tests.shared.messaging.conftest import Core
from tests.shared.messaging.test_consumer import has


@pytest.mark.promise(28)
async def test_a_callback_that_raises_ends_nothing() -> None:
    async def raises() -> None:
        raise ZeroDivisionError

    await _guarded(raises)()


@pytest.mark.promise(28)
async def test_a_reconnect_survives_a_callback_that_raised(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    async def raises() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(core.reading, "_disconnected_cb", _guarded(raises))
    assert core.reading._transport is not None
    core.reading._transport.close()  # type: ignore[no-untyped-call]
    await core.write()
    await core.relay_all()
    await core.consume(core.remember, until=lambda: has(core, 1))


@pytest.mark.promise(26)
async def test_a_black_hole_is_left_for_another_server(core: Core, matching_settings: MatchingSettings) -> None:
    """INVARIANT: with bytes in flight nats-py alone waits for minutes; ten seconds are the limit."""
    ways = [Proxy(), Proxy()]
    for way in ways:
        await way.start()
        way.forward_to(core.engines.instance.nats_port)
    nats_url = ",".join(f"nats://127.0.0.1:{way.port}" for way in ways)
    settings = matching_settings.model_copy(update={"nats_url": nats_url})
    try:
        async with working(settings, core.reader, {NeedWithdrawn: core.remember}) as link:
            async with asyncio.timeout(10):
                while (hole := _way_of(link, ways)) is None:
                    await asyncio.sleep(0.02)
            hole.hold_back()
            async with asyncio.timeout(10):
                while (now := _way_of(link, ways)) is None or now is hole:
                    await asyncio.sleep(0.02)
    finally:
        for way in ways:
            await way.close()


@pytest.mark.promise(29)
@pytest.mark.parametrize("breaks", [False, True], ids=["back", "broken"])
async def test_who_is_closed_on_the_way_back_does_not_come_back(
    core: Core, monkeypatch: pytest.MonkeyPatch, breaks: bool
) -> None:
    """INVARIANT: nats-py goes on with a connection that is made in the moment in which it is told to stop."""
    instance = core.engines.instance
    client = await connect(instance.nats_url, user="matching", seed_file=instance.seed_file("matching"))
    reach, nearly_back = client._connect_to_server, asyncio.Event()

    async def reach_all_the_same(server: Srv) -> None:
        reached = asyncio.create_task(reach(server))
        nearly_back.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(reached)
        await reached
        if breaks:
            raise ConnectionResetError

    monkeypatch.setattr(client, "_connect_to_server", reach_all_the_same)
    hang_up(client)
    await nearly_back.wait()
    async with asyncio.timeout(5):
        await close(client)
    assert client._reconnection_task is not None
    assert client._reconnection_task.done()
    assert client.is_closed
    writer = writer_of(client)
    assert writer is not None
    assert writer.is_closing()


def _way_of(link: Link, ways: list[Proxy]) -> Proxy | None:
    """The proxy that the service's connection goes through, once it is there."""
    if link.client is None or not link.client.is_connected or link.client.connected_url is None:
        return None
    return next(way for way in ways if way.port == link.client.connected_url.port)
