"""A look for viruses by ClamAV's daemon, which is asked over its own protocol: the bytes go in, a sentence comes back.

`zINSTREAM`, then pieces that each say how long they are, then one of length nought; the answer ends with a zero byte.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import structlog

log = structlog.get_logger(__name__)

# Ten megabytes take clamd a fraction of a second. A person waits no longer than this, with a transaction open, and the
# file is looked at later.
PATIENCE_S = 5.0
# clamd has ten threads unless it is told otherwise, and others may ask it too.
AT_ONCE = 4
PIECE = 64 * 1024
LONGEST_ANSWER = 4096
PORT = 3310

_FOUND = re.compile(r"stream: (?P<threat>.+) FOUND")


class ScannerAway(Exception):
    """It did not answer, not in time, or with a sentence that decides nothing: the file is neither clean nor not."""


def address_of(text: str) -> tuple[str, int] | str:
    """Where clamd listens: `tcp://host:port` or `unix:///path`; raises `ValueError` with what is wrong."""
    parts = urlsplit(text)
    if parts.scheme == "tcp" and parts.hostname and not parts.path.strip("/"):
        return parts.hostname, parts.port or PORT
    if parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/"):
        return parts.path
    raise ValueError(f"{text!r} is no place of a clamd: write tcp://host:{PORT} or unix:///path/of/its.socket")


class Scanner:
    """One clamd; `told` hears what became of each look: clean, infected, away."""

    def __init__(
        self, address: str, *, patience_s: float = PATIENCE_S, told: Callable[[str], object] = lambda _: None
    ) -> None:
        self._address = address_of(address)
        self._patience_s = patience_s
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._told = told

    async def scan(self, data: bytes, *, patience_s: float | None = None) -> str | None:
        """The name of what was found in the bytes, None when there is nothing; raises `ScannerAway`."""
        try:
            threat = _verdict(await self._asked(b"zINSTREAM\0", data, patience_s=patience_s))
        except ScannerAway as error:
            self._told("away")
            log.warning("scanner_away", error=str(error))
            raise
        self._told("infected" if threat else "clean")
        return threat

    async def version(self) -> str:
        """What it says of itself and of the age of its signatures; raises `ScannerAway`."""
        return await self._asked(b"zVERSION\0")

    async def _asked(self, command: bytes, data: bytes = b"", *, patience_s: float | None = None) -> str:
        try:
            async with (
                asyncio.timeout(patience_s or self._patience_s),
                self._turns,
                self._connected() as (reader, writer),
            ):
                sending = asyncio.ensure_future(_send(writer, command, data))
                try:
                    # It may answer, and hang up, before it has everything: that it is too long, for one.
                    answer = await reader.readuntil(b"\0")
                finally:
                    sending.cancel()
                    await asyncio.gather(sending, return_exceptions=True)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            # TimeoutError is one of OSError.
            raise ScannerAway(f"{type(error).__name__}: {error}") from error
        return answer[:-1].decode("utf-8", "replace").strip()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        if isinstance(self._address, str):
            reader, writer = await asyncio.open_unix_connection(self._address, limit=LONGEST_ANSWER)
        else:
            reader, writer = await asyncio.open_connection(*self._address, limit=LONGEST_ANSWER)
        try:
            yield reader, writer
        finally:
            writer.close()


async def _send(writer: asyncio.StreamWriter, command: bytes, data: bytes) -> None:
    writer.write(command)
    if command == b"zINSTREAM\0":
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            writer.write(len(piece).to_bytes(4, "big") + piece)
            await writer.drain()
        writer.write(bytes(4))
    await writer.drain()


def _verdict(answer: str) -> str | None:
    if answer == "stream: OK":
        return None
    if found := _FOUND.fullmatch(answer):
        return found["threat"]
    raise ScannerAway(answer)
