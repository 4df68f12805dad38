"""How much one preview may cost: so many pairs, so much time, and a pause for others in between."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import date

from services.matching.ranking.score import Verdict, judge
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import Weights

# About 7 µs a pair: a preview that broad says "at least".
MOST_PAIRS = 30_000
MOST_S = 0.4
# Between two slices the relay and the readers of the same process get on: 1 or 2 ms.
SLICE = 200


class Budget:
    """Spent by judging; `is_complete` turns false when something was left out for it."""

    def __init__(
        self, *, pairs: int = MOST_PAIRS, seconds: float = MOST_S, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._left, self._clock = pairs, clock
        self._until = clock() + seconds
        self.is_complete = True

    async def judged(self, demand: Demand, supplies: Sequence[Supply], table: Weights, *, today: date) -> list[Verdict]:
        """The verdicts on as many pairs as the budget allows, the first ones first."""
        found: list[Verdict] = []
        done = 0
        while done < len(supplies):
            some = supplies[done : done + min(SLICE, self._left)]
            if not some or self._clock() > self._until:
                self.is_complete = False
                break
            self._left -= len(some)
            done += len(some)
            judged = (judge(demand, supply, table, today=today) for supply in some)
            found += [verdict for verdict in judged if verdict is not None]
            await asyncio.sleep(0)
        return found
