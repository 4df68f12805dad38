"""The job that asks suppliers when their time has come: woken by a commit that planned a wave, and by a poll."""

import asyncio
import contextlib
from datetime import timedelta

import structlog

from services.matching.waves.asking import ask_due
from services.matching.waves.queries import next_due
from shared.clock import Clock
from shared.database import Database
from shared.observability.pulse import beat

log = structlog.get_logger(__name__)

# Another replica may have planned a wave: nobody wakes us for that.
LONGEST_SLEEP = timedelta(seconds=5)
# The match is on the open pages by then; asking comes after, and for all that was planned meanwhile at once.
LINGER_S = 0.4


class WaveTimer:
    """Runs what is due until cancelled; all its memory is in the tables."""

    def __init__(self, database: Database, *, clock: Clock, planned: asyncio.Event) -> None:
        self._database = database
        self._clock = clock
        self._planned = planned

    async def run(self) -> None:
        """Ask, then sleep until the next wave is due, somebody plans one, or the poll."""
        while True:
            beat()
            self._planned.clear()
            async with self._database.sessions.begin() as session:
                asked = await ask_due(session)
                due_at = await next_due(session)
            if asked:
                log.info("suppliers_solicited", count=asked)
            wait = LONGEST_SLEEP if due_at is None else min(LONGEST_SLEEP, due_at - self._clock())
            if wait > timedelta(0):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._planned.wait(), wait.total_seconds())
                    await asyncio.sleep(LINGER_S)
