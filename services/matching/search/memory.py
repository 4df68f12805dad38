"""What is open, in memory: for each word the rows that have it, and the rows themselves as columns.

It reads what changed in the database by the numbers that changes have there, as the compiled index does, and is
derived and disposable: PostgreSQL holds the truth.
"""

import asyncio
from array import array
from datetime import date
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.matching.search.columns import Columns, Line
from services.matching.search.passes import MEANT, mark, read_marks
from services.matching.search.queries import changed_rows
from services.matching.search.reading import line_of
from services.matching.search.selecting import Matched, Query, Selection, query_of
from shared.database import Database
from shared.observability.pulse import in_turns
from shared.questions.search import SearchAsked, SearchFound

Array = NDArray[Any]

AT_ONCE = 500
# Below that many dead rows, or as long as more live than are dead, nothing is laid out anew.
DEAD_ENOUGH = 20_000


class Marking(NamedTuple):
    """The words that each slot has, as bits; whether it lives; and the slots that have any, once each."""

    marks: Array
    alive: Array
    slots: Array


class Memory:
    """The rows of one database, and up to which change they were read."""

    def __init__(self, *, at_once: int = AT_ONCE, dead_enough: int = DEAD_ENOUGH) -> None:
        self.at_once, self._dead_enough = at_once, dead_enough
        self._reading = asyncio.Lock()
        self.begin_again()

    def begin_again(self, lost: int | None = None) -> None:
        """Hold nothing; `lost` is when rows were last taken away, as far as is known."""
        self.columns = Columns()
        self._postings: dict[str, array[int]] = {}
        self._slots: dict[bytes, int] = {}
        self.seen, self.lost = 0, lost

    async def read(self, session: AsyncSession | AsyncConnection) -> int:
        """Take in some of what changed; returns how many rows, `at_once` when there may be more."""
        async with self._reading:
            rows = await changed_rows(session, seen=self.seen, most=self.at_once)
            if rows[0].lost != self.lost:
                # Rows were taken away, which no number tells of.
                self.begin_again(rows[0].lost)
                rows = await changed_rows(session, seen=0, most=self.at_once)
            changed = [row for row in rows if row.changed is not None]
            async for row in in_turns(changed):
                self._take_in(row)
            self.tidy()
            return len(changed)

    def _take_in(self, row: Any) -> None:
        self.remove(row.id.bytes)
        if row.is_open:
            self.put(line_of(row), row.search)
        self.seen = row.changed

    def put(self, line: Line, words: list[str]) -> None:
        """Add a row that is found by these words."""
        slot = self.columns.add(line)
        self._slots[line.id.bytes] = slot
        for word in words:
            if (posted := self._postings.get(word)) is None:
                posted = self._postings[word] = array("I")
            posted.append(slot)

    def remove(self, row_id: bytes) -> None:
        """Take a row out, if it is here."""
        if (slot := self._slots.pop(row_id, None)) is not None:
            self.columns.alive[slot] = False

    def search(self, asked: SearchAsked, *, today: date) -> SearchFound:
        """What is found."""
        query = query_of(asked.text)
        return Selection(self.columns, query, today).answer(self._matched(query), asked)

    def _matched(self, query: Query) -> Matched:
        used = self.columns.used
        if not query.is_typed:
            slots = np.flatnonzero(self.columns.alive[:used])
            return Matched(slots, np.zeros(len(slots), dtype=np.int8), np.zeros(len(slots), dtype=np.bool_))
        # One slot more, where the pass notes what it does not keep.
        marking = Marking(np.zeros(used, np.uint16), self.columns.alive, np.empty(used + 1, np.int64))
        found = 0
        for number, word in enumerate(query.words):
            found = self._mark(marking, word, 1 << number, found)
        found = self._mark(marking, query.meanings, MEANT, found)
        matched = Matched(marking.slots[:found], np.zeros(found, np.int8), np.zeros(found, np.bool_))
        read_marks(marking.marks, *matched)
        return matched

    def _mark(self, marking: Marking, forms: tuple[str, ...], bit: int, found: int) -> int:
        """Mark the slots that have any of these forms; returns how many are listed now."""
        for form in forms:
            if (posted := self._postings.get(form)) is not None:
                found = mark(marking, np.frombuffer(posted, dtype=np.uint32), bit, found)
        return found

    def tidy(self) -> None:
        """Keep only the living, side by side, once as many are dead."""
        living_rows = len(self._slots)
        if self.columns.used <= max(living_rows + self._dead_enough, 2 * living_rows):
            return
        old, words = self.columns, self._postings
        living = np.flatnonzero(old.alive[: old.used])
        numbers = np.zeros(old.used, dtype=np.uint32)
        numbers[living] = np.arange(len(living), dtype=np.uint32)
        self.columns = old.of_slots(living)
        self._slots = {row_id: int(numbers[slot]) for row_id, slot in self._slots.items()}
        self._postings = {}
        for word, posted in words.items():
            slots = np.frombuffer(posted, dtype=np.uint32)
            if len(kept := slots[old.alive[slots]]):
                self._postings[word] = array("I", numbers[kept].tobytes())


_memories: WeakKeyDictionary[object, Memory] = WeakKeyDictionary()


def memory_at(database: Database) -> Memory:
    """The one memory of a database."""
    bind = database.engine.sync_engine
    if bind not in _memories:
        _memories[bind] = Memory()
    return _memories[bind]


async def search_in_memory(
    session: AsyncSession | AsyncConnection, memory: Memory, asked: SearchAsked, *, today: date, most_read: int
) -> SearchFound | None:
    """What is found as of now; None when more than `most_read` rows are still to be read."""
    for _ in range(0, most_read, memory.at_once):
        if await memory.read(session) < memory.at_once:
            return memory.search(asked, today=today)
    return None
