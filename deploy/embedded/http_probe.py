"""The smallest HTTP questions: which status, and which words, does a loopback port answer?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LOOPBACK = "127.0.0.1"


async def status_of(port: int, path: str, *, timeout: float = 2.0) -> int | None:  # noqa: ASYNC109 - a plain limit
    """The status of a GET, or None when nothing sensible answers in time. No client library: 260 ms to import."""
    try:
        async with asyncio.timeout(timeout), _asked(port, path) as reader:
            return int((await reader.readline()).split()[1])
    except (OSError, TimeoutError, ValueError, IndexError):
        return None


async def body_of(port: int, path: str, *, timeout: float = 2.0) -> str | None:  # noqa: ASYNC109 - a plain limit
    """The body of the answer to a GET, whatever its status; None when none comes in time."""
    try:
        async with asyncio.timeout(timeout), _asked(port, path, version="1.0") as reader:
            return (await reader.read()).decode(errors="replace").partition("\r\n\r\n")[2] or None
    except (OSError, TimeoutError):
        return None


@asynccontextmanager
async def _asked(port: int, path: str, *, version: str = "1.1") -> AsyncIterator[asyncio.StreamReader]:
    """Version 1.0 is answered in one piece, however long."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(f"GET {path} HTTP/{version}\r\nHost: {LOOPBACK}:{port}\r\nConnection: close\r\n\r\n".encode())
        yield reader
    finally:
        writer.close()
