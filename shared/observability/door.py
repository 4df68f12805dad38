"""What a process answers to whoever runs it: `/livez`, `/readyz`, `/startupz` and `/metrics`.

People never come here: the door has a listener of its own, to which the pages' address does not lead.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST, ProcessCollector

from shared.observability.exposition import exposition
from shared.observability.metrics import Instruments
from shared.observability.pulse import LoopLag
from shared.observability.signals import Signals

LAG_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# The process itself, beside its services.
OWN = ""

Services = Callable[[], Mapping[str, Signals | None]]
Reasons = Callable[[], Awaitable[list[str]]]


async def nothing_unproven() -> list[str]:
    """Proven by whoever started this process."""
    return []


class Page(NamedTuple):
    """What is answered."""

    status: int
    body: bytes
    kind: str = "application/json"


class Door:
    """Answers for the services that are in this process now; None stands for one that is down.

    `unproven` says why it is not known that the engines keep what they acknowledge; it is asked until it says nothing.
    A process that somebody else starts only after that proof needs none of its own.
    """

    def __init__(self, services: Services, unproven: Reasons = nothing_unproven) -> None:
        self._services, self._unproven = services, unproven
        self._is_proven = False
        own = Instruments()
        lag = own.histogram("event_loop_lag_seconds", "How late the event loop comes back to who waits for it.", LAG_S)
        ProcessCollector(registry=own.registry)
        self._registry, self.lag = own.registry, LoopLag(lag.observe)
        self._pages: dict[str, Callable[[], Awaitable[Page]]] = {
            "/livez": self.livez,
            "/readyz": self.readyz,
            "/startupz": self.startupz,
            "/metrics": self.metrics,
        }

    async def page(self, path: str) -> Page | None:
        """The answer to a GET; None for an address that is not here."""
        answer = self._pages.get(path)
        return await answer() if answer else None

    async def livez(self) -> Page:
        """Whether the loop turns and every job gets on; nothing outside the process is asked."""
        still = [f"{name}: {job}" for name, each in self._up().items() for job in each.pulse.standing_still()]
        if self.lag.is_too_much:
            still.append(f"event loop, {self.lag.now_s:.1f} s late")
        return _told("standing still", still)

    async def readyz(self) -> Page:
        """Whether pages can be answered: started once, and the own databases are there now."""
        reasons = await self._not_started()
        for name, each in self._up().items():
            if each.health is not None and (reason := await each.health.not_ready()):
                reasons.append(f"{name}: {reason}")
        return _told("not ready", reasons)

    async def startupz(self) -> Page:
        """Whether the schemas are the code's and the engines are proven to keep what they acknowledge."""
        return _told("not started", await self._not_started())

    async def metrics(self) -> Page:
        """Everything counted, and what is asked at this moment."""
        up = self._up()
        await asyncio.gather(*(question.renew() for each in up.values() for question in each.asked))
        registries = {OWN: self._registry} | {name: each.metrics.registry for name, each in up.items()}
        return Page(200, exposition(registries), CONTENT_TYPE_LATEST)

    def _up(self) -> dict[str, Signals]:
        return {name: each for name, each in self._services().items() if each is not None}

    async def _not_started(self) -> list[str]:
        reasons = [f"{name}: is down" for name, each in self._services().items() if each is None]
        for name, each in self._up().items():
            if each.health is not None and (reason := await each.health.not_started()):
                reasons.append(f"{name}: {reason}")
        if not self._is_proven:
            unproven = await self._unproven()
            self._is_proven = not unproven
            reasons += unproven
        return reasons


def _told(trouble: str, reasons: list[str]) -> Page:
    said = {"status": trouble, "reasons": reasons} if reasons else {"status": "ok"}
    return Page(503 if reasons else 200, json.dumps(said).encode())
