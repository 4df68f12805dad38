"""Somebody who writes through the interface until it is answered, and notes in the ledger what was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from deploy.bench.person import Person
from deploy.chaos.ledger import Ledger

# Between two writes of one writer: an agreement is set in type twice, and leaves time for all the others.
BREATH_S = 0.2
# Far more than any fault lasts: what is refused that often is refused by a rule, which no writer here breaks.
MOST_TRIES = 400
# The same request is still being answered.
IN_FLIGHT = "KeyInFlight"

Found = dict[str, Any]


@dataclass(frozen=True)
class Pen:
    """A person and the ledger."""

    person: Person
    ledger: Ledger

    async def make(self, kind: str, path: str, /, *, lost: Collection[str] = (), **body: Any) -> Found | None:
        """Make something once, however often it has to be asked; None where a rule of `lost` refused it in a race."""
        key, answer = str(uuid4()), None
        for _ in range(MOST_TRIES):
            answer = await self._ask("POST", path, json=body, headers={"idempotency-key": key})
            if answer is None:
                continue
            if answer.is_success:
                return self._kept(kind, answer, kind)
            code = str(answer.json().get("type")).rpartition(":")[2]
            if code in lost:
                return None
            if code != IN_FLIGHT:
                break
        self._wonder("POST", path, answer)
        return None

    async def step(
        self, kind: str, thing: Found, then: str, /, *, done: Callable[[Found], bool], **body: Any
    ) -> Found | None:
        """Take a thing one step on; after a doubt, look whether it was done. None where it came to another end."""
        path = f"/api/v1/{kind}s/{thing['id']}"
        answer = None
        for _ in range(MOST_TRIES):
            answer = await self._ask("POST", f"{path}/{then}", json=body or None, headers={"if-match": "*"})
            if answer is not None and answer.is_success:
                return self._kept(kind, answer, f"{kind} {then}")
            found = await self._read(path)
            if found is not None and done(found):
                return found
            if answer is not None and answer.status_code not in (httpx.codes.CONFLICT, httpx.codes.PRECONDITION_FAILED):
                break
        self._wonder("POST", f"{path}/{then}", answer)
        return None

    async def _read(self, path: str) -> Found | None:
        try:
            answer = await self.person.client.get(path)
        except httpx.TransportError:
            return None
        return answer.json() if answer.is_success else None

    async def read(self, path: str) -> Found:
        """What is at a path, as soon as it answers."""
        while True:
            if (found := await self._read(path)) is not None:
                return found
            await asyncio.sleep(BREATH_S)

    async def _ask(self, method: str, path: str, **sent: Any) -> httpx.Response | None:
        """The answer, unless it leaves one in doubt."""
        await asyncio.sleep(BREATH_S)
        try:
            answer = await self.person.client.request(method, path, **sent)
        except httpx.TransportError as error:
            self.ledger.doubt(f"{method} {path}: {error!r}")
            return None
        if answer.is_server_error:
            self.ledger.doubt(f"{method} {path}: {answer.status_code}")
            return None
        return answer

    def _kept(self, kind: str, answer: httpx.Response, deed: str) -> Found:
        found: Found = answer.json()
        # A message never changes, and has no version.
        self.ledger.keep(kind, UUID(found["id"]), found.get("version", 1), deed=deed)
        return found

    def _wonder(self, method: str, path: str, answer: httpx.Response | None) -> None:
        said = f"{answer.status_code} {answer.text[:200]}" if answer is not None else "never answered"
        self.ledger.wonder(f"{method} {path}: {said}")
