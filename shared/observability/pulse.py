"""Is the process alive: its event loop turns, and each of its jobs gets on."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

# Longer than what a job may wait for without a word: a transaction of 60 s, a statement of 15 s, a publish of 5 s.
PATIENCE_S = 120.0
# A loop that is held up so long answers nobody: whatever holds it up belongs into a thread or a process.
LOOP_PATIENCE_S = 5.0
SAMPLE_S = 0.25
AT_ONCE = 20

Row = TypeVar("Row")


@dataclass(eq=False)
class Heart:
    """One job's sign of life; `until` is when it must have given the next one, None before its first."""

    name: str
    until: float | None = None

    @property
    def stands_still(self) -> bool:
        return self.until is not None and time.monotonic() > self.until


_heart: ContextVar[Heart | None] = ContextVar("heart", default=None)


def beat(*, rest_s: float = 0.0) -> None:
    """The job that runs here got on; it may now rest for so long, and then work as long as any job may."""
    heart = _heart.get()
    if heart is not None:
        heart.until = time.monotonic() + rest_s + PATIENCE_S


async def in_turns(rows: Iterable[Row], *, at_once: int = AT_ONCE) -> AsyncIterator[Row]:
    """Rows that each take some tenths of a millisecond: after every few of them others get a turn."""
    for number, row in enumerate(rows, 1):
        yield row
        if number % at_once == 0:
            await asyncio.sleep(0)


async def every(seconds: float) -> AsyncIterator[None]:
    """Now, and again after each rest, with a sign of life each time."""
    while True:
        beat(rest_s=seconds)
        yield
        await asyncio.sleep(seconds)


class Pulse:
    """The jobs of one service in this process.

    A job that waits for ever is found here. One that fails again and again is not: its log and its counter tell of
    it, and a restart would not mend it.
    """

    def __init__(self) -> None:
        self.hearts: set[Heart] = set()

    @contextmanager
    def of(self, name: str) -> Iterator[Heart]:
        """Whatever beats in this block, in this task, is the job of that name."""
        heart = Heart(name)
        self.hearts.add(heart)
        token = _heart.set(heart)
        try:
            yield heart
        finally:
            _heart.reset(token)
            self.hearts.discard(heart)

    def standing_still(self) -> list[str]:
        """The names of the jobs that should have got on and did not."""
        return sorted(heart.name for heart in self.hearts if heart.stands_still)


class LoopLag:
    """How late the event loop comes back to whoever waits for it; each sample is told to `observe`."""

    def __init__(self, observe: Callable[[float], object]) -> None:
        self._observe = observe
        self._last_s = 0.0
        self._due = math.inf

    async def watch(self) -> None:
        """Take a sample four times a second, for ever."""
        while True:
            self._due = time.monotonic() + SAMPLE_S
            await asyncio.sleep(SAMPLE_S)
            self._last_s = max(0.0, time.monotonic() - self._due)
            self._observe(self._last_s)

    @property
    def now_s(self) -> float:
        """The last sample, or how late the next one is by now: nothing is sampled while the loop is held up."""
        return max(self._last_s, time.monotonic() - self._due)

    @property
    def is_too_much(self) -> bool:
        """True when whoever asks for a page waits for whatever holds the loop up."""
        return self.now_s > LOOP_PATIENCE_S
