"""The smallest HTTP server: GET of a few addresses, for supervisors and Prometheus."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import structlog

from shared.observability.door import Door, Page

log = structlog.get_logger(__name__)

ANSWER_S = 15.0
LONGEST_HEAD = 8192
WORDS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}
UNAVAILABLE = "Service Unavailable"


@contextlib.asynccontextmanager
async def answering(door: Door, listener: socket.socket) -> AsyncIterator[None]:
    """Answer on the socket until the block ends, and watch the event loop meanwhile."""
    watching = asyncio.create_task(door.lag.watch(), name="event loop lag")
    server = await asyncio.start_server(lambda *ends: _answer(door, *ends), sock=listener, limit=LONGEST_HEAD)
    try:
        yield
    finally:
        server.close()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _answer(door: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        async with asyncio.timeout(ANSWER_S):
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.partition(b"\r\n")[0].decode("ascii").split(" ")
            writer.write(_written(await _page(door, method, target.partition("?")[0])))
            await writer.drain()
    writer.close()


async def _page(door: Door, method: str, path: str) -> Page:
    if method != "GET":
        return Page(405, b"")
    try:
        return await door.page(path) or Page(404, b"")
    except Exception:
        log.exception("signal_not_answered", path=path)
        return Page(500, b"")


def _written(page: Page) -> bytes:
    head = (
        f"HTTP/1.1 {page.status} {WORDS.get(page.status, UNAVAILABLE)}\r\n"
        f"content-type: {page.kind}\r\ncontent-length: {len(page.body)}\r\n"
        "cache-control: no-store\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + page.body
