"""A twin of ClamAV's daemon: the same words on the wire, one signature, and the faults that a test asks for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

# The test file that every scanner takes for a virus, in two halves: whole, this file would be one, too.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
THREAT = "Eicar-Test-Signature"


class Clamd:
    """What it was shown, how long a stream may be, and what it does instead of answering."""

    def __init__(self) -> None:
        self.looked_at: list[bytes] = []
        self.longest = 25 * 1024 * 1024
        # silent: no answer; deaf: hangs up; mad: a sentence that decides nothing.
        self.fault = ""
        self.address = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One command, one answer."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            command = await reader.readuntil(b"\0")
            said = {b"zPING\0": "PONG", b"zVERSION\0": "ClamAV 1.4.6/27500/Sat Nov 28 07:00:00 2026"}.get(command)
            if self.fault == "silent":
                await asyncio.sleep(30)
            elif self.fault != "deaf":
                answer = said or await self._look(reader)
                writer.write(answer.encode() + b"\0")
                await writer.drain()
        writer.close()

    async def _look(self, reader: asyncio.StreamReader) -> str:
        stream = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            stream += await reader.readexactly(size)
            if len(stream) > self.longest:
                return "INSTREAM size limit exceeded. ERROR"
        self.looked_at.append(stream)
        if self.fault == "mad":
            return "stream: Can't allocate memory ERROR"
        return f"stream: {THREAT} FOUND" if EICAR in stream else "stream: OK"


@asynccontextmanager
async def clamd(path: Path | None = None) -> AsyncIterator[Clamd]:
    """One that listens on loopback, or at a path."""
    twin = Clamd()
    if path is None:
        server = await asyncio.start_server(twin.answer, "127.0.0.1", 0)
        twin.address = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(twin.answer, path)
        twin.address = f"unix://{path}"
    try:
        yield twin
    finally:
        server.close()
