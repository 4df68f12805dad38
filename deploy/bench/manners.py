"""What a program says to the API beside its body: a key for what is new, the tag of what it changes."""

import re
from typing import Any
from uuid import uuid4

import httpx

THING = re.compile(r"(.*/api/v1/.*[0-9a-f]{8}-[0-9a-f-]{27})(?:/.*)?")
# What is new below a thing.
BELOW = ("/files", "/messages")
WRITES = ("POST", "PATCH")


class Manners:
    """Two hooks for an httpx client; what a request says by itself is left as it is.

    Tags are remembered from every answer about one thing.
    """

    def __init__(self) -> None:
        self._tags: dict[str, str] = {}

    @property
    def hooks(self) -> dict[str, list[Any]]:
        """For `httpx.AsyncClient(event_hooks=...)`."""
        return {"request": [self.say], "response": [self.remember]}

    async def say(self, request: httpx.Request) -> None:
        """Say what is due."""
        path = request.url.path
        if request.method not in WRITES or "/api/v1/" not in path:
            return
        thing = THING.fullmatch(path)
        if thing is None or path.endswith(BELOW):
            request.headers.setdefault("idempotency-key", str(uuid4()))
        elif thing[1] in self._tags:
            request.headers.setdefault("if-match", self._tags[thing[1]])

    async def remember(self, answer: httpx.Response) -> None:
        """Keep the tag of what was answered."""
        path = answer.headers.get("location", answer.request.url.path)
        thing = THING.fullmatch(path)
        # What is read below a thing, such as a flow's lots, has a tag of its own.
        is_the_thing = thing is not None and (answer.request.method in WRITES or thing[1] == path)
        if thing is not None and is_the_thing and answer.is_success and "etag" in answer.headers:
            self._tags[thing[1]] = answer.headers["etag"]
