"""What this process just committed to its outbox, handed to the relay without asking the database for it."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID


class Unpublished(NamedTuple):
    """One outbox row, as far as the relay needs it."""

    event_id: UUID
    aggregate_id: UUID
    subject: str
    payload: str


class Fresh:
    """Wakes the relay, and holds rows only while they are all that there is to publish.

    Whatever is not sure to come next of its aggregate, or comes too fast, is left to the database, which has
    everything anyway.
    """

    MOST = 256
    PATIENCE_S = 0.01

    def __init__(self) -> None:
        self.filled = asyncio.Event()
        self._is_done = asyncio.Event()
        self._rows: dict[UUID, Unpublished] = {}
        self._is_all = True

    def add(self, rows: Iterable[Unpublished]) -> None:
        """Rows were committed, and nothing older of their aggregates is waiting."""
        self._rows.update((row.event_id, row) for row in rows)
        if len(self._rows) > self.MOST:
            self.add_unseen()
        self.filled.set()

    def add_unseen(self) -> None:
        """Something was committed that only the database puts in its order."""
        self._rows.clear()
        self._is_all = False
        self.filled.set()

    def take(self) -> Sequence[Unpublished] | None:
        """What came since the last time; None when the database must be asked."""
        rows = list(self._rows.values()) if self._is_all else None
        self._rows.clear()
        self._is_all = True
        self.filled.clear()
        return rows

    def done(self) -> None:
        """What was taken is on its way."""
        self._is_done.set()

    async def until_done(self) -> None:
        """Let the relay go first: wait until it has published what it was given, or a moment while it cannot."""
        self._is_done.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.PATIENCE_S):
                await self._is_done.wait()

    def forget(self, rows: Iterable[Unpublished]) -> None:
        """The database gave these by itself."""
        for row in rows:
            self._rows.pop(row.event_id, None)
