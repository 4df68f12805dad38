"""How long one preview may count, with a pause for others in between."""

import asyncio
import time
from collections.abc import Callable

# A preview that takes longer leaves widenings out, and says so.
MOST_S = 0.4


class Budget:
    """Time to count in, from the first count on; `is_complete` turns false when something was left out for it."""

    def __init__(self, *, seconds: float = MOST_S, clock: Callable[[], float] = time.perf_counter) -> None:
        self._seconds, self._clock = seconds, clock
        self._until: float | None = None
        self.is_complete = True

    async def allows(self) -> bool:
        """Whether there is time for one more count; the relay and the readers of the same process get on before it."""
        await asyncio.sleep(0)
        now = self._clock()
        if self._until is None:
            self._until = now + self._seconds
        if now > self._until:
            self.is_complete = False
        return self.is_complete
