"""What the supervisor can do with anything it runs: start it, stop it, and wait until something is wrong with it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from abc import ABC, abstractmethod
from typing import ClassVar

from deploy.embedded.process import ended, stop


class EngineFailed(Exception):
    """An engine did not start; the message ends with the last lines of its log."""


class Engine(ABC):
    """One supervised child process."""

    name: str
    stop_signals: ClassVar[tuple[signal.Signals, ...]]
    seconds_between_looks: ClassVar[float] = 1.0
    misses_allowed: ClassVar[int] = 3

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    async def start(self) -> None:
        """Start and return once it serves; raises EngineFailed."""

    async def healthy(self) -> bool:
        """Whether it still answers; an engine that shows trouble only by dying is healthy while it lives."""
        return True

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    async def stop(self, grace: float = 10.0) -> None:
        """Stop in the engine's own clean way, harder after `grace` seconds each time."""
        if self.process is not None:
            await stop(self.process, *self.stop_signals, grace=grace)

    async def trouble(self) -> str:
        """Return in words what went wrong, as soon as something does."""
        process = self.process
        if process is None:
            return "is not running"
        death = asyncio.create_task(ended(process))
        illness = asyncio.create_task(self._stays_ill())
        try:
            done, _ = await asyncio.wait({death, illness}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            death.cancel()
            illness.cancel()
        if death in done:
            return f"ended ({_in_words(death.result())})"
        return f"gave no healthy answer {self.misses_allowed} times in a row"

    async def _stays_ill(self) -> None:
        misses = 0
        while misses < self.misses_allowed:
            await asyncio.sleep(self.seconds_between_looks)
            misses = 0 if await self.healthy() else misses + 1


def _in_words(code: int) -> str:
    if code >= 0:
        return f"code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
