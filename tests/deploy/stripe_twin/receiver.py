"""Somebody who is told of events: keeps the bytes and signatures, and answers as a test wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from litestar import Litestar, Request, Response, post

from deploy.embedded.ports import listen_on
from deploy.embedded.server import Server


@dataclass
class Receiver:
    """What came, in order; `answers` are given first, then 200."""

    url: str = ""
    came: list[tuple[bytes, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.came]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """One on a free loopback port."""
    found = Receiver()

    async def hook(request: Request[Any, Any, Any]) -> Response[bytes]:
        found.came.append((await request.body(), request.headers["stripe-signature"]))
        return Response(b"", status_code=found.answers.pop(0) if found.answers else 200)

    listener = listen_on("127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
    hook.__annotations__ = {"request": Request, "return": Response}
    server = Server(Litestar([post("/hook")(hook)], openapi_config=None), lambda: None, farewell_s=0.0)
    server.config.timeout_graceful_shutdown = 1
    serving = asyncio.create_task(server._serve([listener]))
    try:
        yield found
    finally:
        server.leave()
        await serving
