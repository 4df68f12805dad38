"""The HTTP server: an open stream does not hold it back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from deploy.embedded.ports import PortTaken, listen, listen_on
from deploy.embedded.server import Server
from tests.deploy.tiny_apps import make_app

# A stop may take seconds where others are at work; only what is held back takes so long.
GRACE_S, PATIENCE_S = 20, 30.0


@asynccontextmanager
async def open_stream(server: Server, port: int) -> AsyncIterator[asyncio.StreamReader]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /feed HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"beat"), PATIENCE_S)
    yield reader
    writer.close()


@pytest.mark.parametrize("how", ["signal", "leave"])
async def test_a_stop_ends_open_streams_at_once(how: str) -> None:
    app = make_app("catalog")
    listener = listen_on("127.0.0.1", 0)
    port = listener.getsockname()[1]
    server = Server(app, app.state.stopping.set, farewell_s=0.0)
    server.config.timeout_graceful_shutdown = GRACE_S
    serving = asyncio.create_task(server._serve([listener]))
    async with open_stream(server, port) as stream:
        began = asyncio.get_running_loop().time()
        if how == "signal":
            server.handle_exit(signal.SIGTERM, None)
        else:
            server.leave()
        await asyncio.wait_for(serving, 2 * GRACE_S)
        # 0.23 s on an idle machine; a stream that held the server back would take its whole grace
        assert asyncio.get_running_loop().time() - began < GRACE_S / 2
        assert (await stream.read()).endswith(b"0\r\n\r\n"), "the stream ended cleanly, it was not cut"


async def test_who_has_a_connection_open_at_a_stop_is_answered_and_sent_elsewhere() -> None:
    """INVARIANT: what is asked while the server stops is answered, or its client could not know what became of it."""
    app = make_app("catalog")
    listener = listen_on("127.0.0.1", 0)
    server = Server(app, app.state.stopping.set, farewell_s=4 * PATIENCE_S)
    serving = asyncio.create_task(server._serve([listener]))
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    assert b"connection: close" not in await ask(reader, writer)
    server.leave()
    async with asyncio.timeout(PATIENCE_S):
        while server.servers[0].is_serving():
            await asyncio.sleep(0.02)
    assert b"connection: close" in await ask(reader, writer)
    # Nobody is left to wait for.
    await asyncio.wait_for(serving, PATIENCE_S)
    writer.close()


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """One request on an open connection; the head of its answer."""
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
    assert head.startswith(b"HTTP/1.1 200")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
    await reader.readexactly(length)
    return head


async def test_a_port_that_was_asked_for_and_is_taken_is_refused_in_words() -> None:
    with listen_on("127.0.0.1", 0) as holder:
        taken = holder.getsockname()[1]
        with pytest.raises(PortTaken, match=f"{taken}.*--port"):
            listen(taken)


async def test_without_a_wish_a_taken_port_is_replaced() -> None:
    with listen_on("127.0.0.1", 0) as holder:
        taken = holder.getsockname()[1]
        with listen(None, wanted=taken, last=None) as other:
            assert other.getsockname()[1] != taken
