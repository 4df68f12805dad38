"""A TCP proxy that can hold back every byte, or cut every connection."""

from __future__ import annotations

import asyncio
import contextlib

CHUNK = 65_536


class Proxy:
    """Forwards one port of loopback to another."""

    def __init__(self) -> None:
        self.port = 0
        self._target = 0
        self._server: asyncio.Server | None = None
        self._passing = asyncio.Event()
        self._passing.set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen on a free port, `port`; where to, is said later."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def forward_to(self, port: int) -> None:
        """Where connections go from now on."""
        self._target = port

    def hold_back(self) -> None:
        """Nothing passes any more in either direction, and nobody is told: a black hole."""
        self._passing.clear()

    def let_pass(self) -> None:
        """What was held back goes on."""
        self._passing.set()

    def cut(self) -> None:
        """End every connection in the middle of whatever it says."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def close(self) -> None:
        """Cut everything and listen no more."""
        if self._server is not None:
            self._server.close()
        self.let_pass()
        self.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        pumps = [asyncio.create_task(self._pump(reader, back)), asyncio.create_task(self._pump(there, writer))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for each in (writer, back):
            self._writers.discard(each)
            each.transport.abort()
        await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._passing.wait()
                writer.write(data)
                await writer.drain()
