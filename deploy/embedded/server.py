"""The HTTP server of one process: uvicorn on uvloop, whose stop ends open streams at once and refuses nobody."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from time import monotonic
from types import FrameType
from typing import Any

import uvicorn

GRACE_SECONDS = 5
# So long an open connection has to ask once more and be told to go elsewhere, where another replica is.
FAREWELL_S = 1.0


class Server(uvicorn.Server):
    """Stock uvicorn waits for every open stream, so a page with a live feed would hold the process for ever."""

    def __init__(self, app: Any, end_streams: Callable[[], None], *, farewell_s: float = FAREWELL_S) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="on",
                loop="auto",
                http="httptools",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                # uvicorn would believe X-Forwarded-For of anybody on this machine; see `trusted_proxies`.
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
                timeout_keep_alive=30,
            )
        )
        self.end_streams, self.farewell_s = end_streams, farewell_s
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets=sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, answer what open connections still ask with "connection: close", then end.

        Closed at once, a connection on which a request just left would fail its client, who cannot know whether the
        write happened.
        """
        for server in self.servers:
            server.close()
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        deadline = monotonic() + self.farewell_s
        while self.server_state.connections and monotonic() < deadline:  # noqa: ASYNC110 - uvicorn tells of no end
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Runs inside the signal handler: the event is set from the loop, which a bare `set()` would not wake."""
        super().handle_exit(sig, frame)
        self._wake()

    def leave(self) -> None:
        """Stop as a signal would; for the loop's own thread."""
        self.should_exit = True
        self._wake()

    def _wake(self) -> None:
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self.end_streams)


def leave_with_parent(server: Server, descriptor: int) -> None:
    """Stop when the pipe from the supervisor closes: the way to notice its death where the kernel has no signal."""
    loop = asyncio.get_running_loop()

    def heard() -> None:
        if not os.read(descriptor, 64):
            loop.remove_reader(descriptor)
            server.leave()

    loop.add_reader(descriptor, heard)


def stopped_by_signal(code: int) -> bool:
    """Uvicorn raises the signal again after its clean stop, so these codes mean "stopped as asked"."""
    return code in (0, -signal.SIGINT, -signal.SIGTERM)
