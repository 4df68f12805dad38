"""A program that is told: a real HTTP server on loopback that keeps what came and answers as it is told."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from ssl import SSLContext

PATIENCE_S = 30.0
OK = b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True)
class Came:
    """One request."""

    line: str
    headers: dict[str, str]
    body: str

    def is_signed_with(self, secret: str) -> bool:
        """By the words of Standard Webhooks, without the library that signed."""
        content = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.{self.body}"
        key = b64decode(secret.removeprefix("whsec_"))
        wanted = b64encode(hmac(key, content.encode(), sha256).digest()).decode()
        given = [each.partition(",") for each in self.headers["webhook-signature"].split(" ")]
        return any(version == "v1" and compare_digest(signature, wanted) for version, _, signature in given)


@dataclass
class Receiver:
    """`answers` are given one after the other, the last of them for ever.

    `hang_s` is how long each is waited for, at most until `go_on`.
    """

    port: int = 0
    came: list[Came] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=lambda: [OK])
    hang_s: float = 0.0
    drip: bool = False
    at_once: int = 0
    most_at_once: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/boucle"

    def answer(self, status: int, body: str = "", **headers: str) -> None:
        """From now on only this."""
        self.answers = [said(status, body, **headers)]

    async def until_asked(self, times: int) -> None:
        """Return once so many requests have come."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.came) < times:
                await asyncio.sleep(0.01)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in head[1:-2])}
            body = await reader.readexactly(int(headers["content-length"]))
            self.came.append(Came(head[0], headers, body.decode()))
            await self._say(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.at_once -= 1
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.go_on.wait(), self.hang_s)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        for part in [answer[at : at + 1] for at in range(len(answer))] if self.drip else [answer]:
            writer.write(part)
            await writer.drain()
            if self.drip:
                await asyncio.sleep(0.05)


def said(status: int, body: str = "", **headers: str) -> bytes:
    """An answer as it goes over the wire; `retry_after="5"` is a header."""
    lines = [f"HTTP/1.1 {status} Said", f"content-length: {len(body.encode())}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@asynccontextmanager
async def receiving(trust: SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[Receiver]:
    """A receiver until the block ends."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, host, 0, ssl=trust)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


def names(**known: list[str]) -> Callable[[str, int], Awaitable[list[str]]]:
    """A resolver that knows these names only."""

    async def resolve(host: str, _port: int) -> list[str]:
        return known[host.replace(".", "_")]

    return resolve
