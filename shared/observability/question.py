"""A question to something outside the process that may be slow, down or frozen."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Question(Generic[T]):
    """Asked when somebody wants to know, once for all who ask meanwhile and for `keep_s` after the answer.

    Who waits gives up after `within_s`; the question itself is never cut short, since a statement that is cancelled
    costs its connection: so a frozen database holds one connection and not one for each who asked.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]], *, within_s: float, keep_s: float = 0.0) -> None:
        self._ask, self._within_s, self._keep_s = ask, within_s, keep_s
        self._task: asyncio.Task[T] | None = None
        self._answered_at = -math.inf

    async def answer(self) -> T:
        """The answer; raises `TimeoutError`, or what the question raised."""
        if self._task is None or self._is_stale:
            self._task = asyncio.create_task(self._asked())
            self._task.add_done_callback(_retrieve)
        done, _ = await asyncio.wait({self._task}, timeout=self._within_s)
        if not done:
            raise TimeoutError
        return self._task.result()

    @property
    def _is_stale(self) -> bool:
        done = self._task is None or self._task.done()
        return done and time.monotonic() - self._answered_at >= self._keep_s

    async def _asked(self) -> T:
        try:
            return await self._ask()
        finally:
            self._answered_at = time.monotonic()


def _retrieve(task: "asyncio.Task[T]") -> None:
    # Nobody may be left to hear of its failure, which is no reason for a warning.
    if not task.cancelled():
        task.exception()
