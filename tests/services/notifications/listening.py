"""An open live stream without a network: the application's own bytes, read as a browser reads them."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from shared.web.application import Application
from shared.web.visit import IDENTITY_COOKIE

PATIENCE_S = 30.0


@dataclass
class Listener:
    """What one browser hears; `said` holds every default message's data with its id."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    said: list[dict[str, Any]] = field(default_factory=list)
    has_ended: asyncio.Event = field(default_factory=asyncio.Event)
    heard: asyncio.Condition = field(default_factory=asyncio.Condition)
    _read: int = 0

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """What the server calls."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.raw += message["body"]
            if not message.get("more_body"):
                self.has_ended.set()
        async with self.heard:
            self._parse()
            self.heard.notify_all()

    def _parse(self) -> None:
        while (end := self.raw.find(b"\n\n", self._read)) >= 0:
            lines = self.raw[self._read : end].decode().split("\n")
            self._read = end + 2
            fields = [line.partition(": ")[::2] for line in lines]
            data = "\n".join(value for name, value in fields if name == "data")
            if data and "event" not in dict(fields):
                self.said.append({"id": int(dict(fields)["id"]), **json.loads(data)})

    async def until(self, count: int) -> list[dict[str, Any]]:
        """Wait for that many messages, the greeting included."""
        async with asyncio.timeout(PATIENCE_S), self.heard:
            await self.heard.wait_for(lambda: len(self.said) >= count)
        return self.said

    @property
    def news(self) -> list[int]:
        """The positions heard after the greeting, in their order."""
        return [message["id"] for message in self.said[1:]]


@contextlib.asynccontextmanager
async def listening(
    app: Application, token: str | None, *, query: str = "", path: str = "/notifications/stream", **headers: str
) -> AsyncIterator[Listener]:
    """Open a stream, and go away at the end of the block; it has greeted unless it is refused."""
    listener, leaving = Listener(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        await leaving.wait()
        return {"type": "http.disconnect"}

    sent = {"host": "boucle.test", **headers}
    if token:
        sent["cookie"] = f"{IDENTITY_COOKIE}={token}"
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
        "path": path, "raw_path": path.encode(), "root_path": "", "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 1), "server": ("boucle.test", 443),
    }  # fmt: skip
    call = asyncio.create_task(app(scope, receive, listener.send))
    try:
        if token:
            await listener.until(1)
        yield listener
    finally:
        leaving.set()
        await asyncio.wait_for(call, PATIENCE_S)
