"""What cannot leave just now, kept out of the way for growing pauses."""

import time
from collections.abc import Hashable
from typing import Generic, TypeVar

# A cluster whose leader died refuses at once and takes again after 4 to 9 s: who would wait longer between two
# attempts would add as much to that.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 1.0

K = TypeVar("K", bound=Hashable)


class Aside(Generic[K]):
    """Keys with the moment until which they wait; a key that fails again waits twice as long."""

    def __init__(self) -> None:
        self._waiting: dict[K, tuple[float, float]] = {}

    def put(self, key: K) -> None:
        """It failed."""
        _, pause = self._waiting.get(key, (0.0, FIRST_PAUSE_S / 2))
        pause = min(pause * 2, LONGEST_PAUSE_S)
        self._waiting[key] = (time.monotonic() + pause, pause)

    def take_back(self, key: K) -> None:
        """It went well: its next failure is a first one."""
        self._waiting.pop(key, None)

    def keys(self) -> list[K]:
        """Those that still wait."""
        if not self._waiting:
            return []
        now = time.monotonic()
        return [key for key, (until, _) in self._waiting.items() if until > now]
