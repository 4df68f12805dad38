"""One side of the index in memory: rows are added, taken out, and searched; never changed in place.

Arrays grow by half. A row that goes leaves a tombstone; `repack` lays the living ones side by side again, sorted by
where they lie, so that a search reads memory in order.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np

from services.matching.index.compiled.encoding import Row, days_of
from services.matching.index.compiled.finding import add_id, copy_lists, find_id, table_of
from services.matching.index.compiled.layout import ZONE, Rows
from services.matching.index.compiled.numbering import Numbering, halves
from services.matching.index.compiled.passes import Side, Working
from services.matching.index.compiled.segments import Segments

GONE = -1


class Rack:
    """The rows of one side (`dtype` is SUPPLY or DEMAND), each in a slot of its own."""

    def __init__(self, dtype: np.dtype, numbering: Numbering) -> None:
        self.numbering = numbering
        self.records: Rows = np.zeros(64, dtype=dtype)
        self.pool: Rows = np.zeros(4096, dtype=np.uint32)
        self.alive: Rows = np.zeros(64, dtype=np.bool_)
        self.marks: Rows = np.zeros(64, dtype=np.int64)
        self.tags: Rows = np.zeros(64, dtype=np.int64)
        self.ids: Rows = table_of(self.records, 0)
        self.segments = Segments()
        self.used = 0
        self.pooled = 0
        self.living = 0
        self.stamp = 0
        self._work = room_to_work(64)

    def side(self) -> Side:
        """What the compiled passes read."""
        return Side(self.records, self.pool, self.numbering.amounts)

    def add(self, row: Row, *, tag: int = 0) -> int:
        """Put a row in, instead of the one with its id; returns its slot. `tag` is what the caller knows it by."""
        self.remove_halves(row.record["id_high"], row.record["id_low"])
        slot = self._place(row)
        self.tags[slot] = tag
        opens, closes = days_of(row.record)
        for zone in row.zones:
            line = np.zeros(1, dtype=ZONE)
            line[0] = (zone.x, zone.y, zone.z, zone.reach, zone.near, slot, opens, closes, row.record["bits"], 0)
            self.segments.add(zone.cell, line)
        return slot

    def _place(self, row: Row) -> int:
        self._make_room(len(row.lists))
        slot = self.used
        record = self.records[slot]
        for name, value in row.record.items():
            record[name] = value
        record["at"] = self.pooled
        self.pool[self.pooled : self.pooled + len(row.lists)] = row.lists
        self.alive[slot] = True
        self.used += 1
        self.living += 1
        self.pooled += len(row.lists)
        if 2 * self.used > len(self.ids):
            self.ids = table_of(self.records, self.used)
        else:
            add_id(self.ids, self.records, slot)
        return slot

    def _make_room(self, listed: int) -> None:
        if self.used == len(self.records):
            self.records, self.alive = _longer(self.records), _longer(self.alive)
            self.marks, self.tags = _longer(self.marks), _longer(self.tags)
        while self.pooled + listed > len(self.pool):
            self.pool = _longer(self.pool)

    def remove(self, row_id: UUID) -> bool:
        """Take a row out; False when it is not here."""
        return self.remove_halves(*halves(row_id))

    def remove_halves(self, high: int, low: int) -> bool:
        slot = self.slot_of(high, low)
        if slot == GONE:
            return False
        self.alive[slot] = False
        self.living -= 1
        return True

    def slot_of(self, high: int, low: int) -> int:
        """Where the living row with an id is; GONE when there is none."""
        return int(find_id(self.ids, self.records, self.alive, np.uint64(high), np.uint64(low)))

    def tag_of(self, row_id: UUID) -> int | None:
        """The tag of the living row with an id."""
        slot = self.slot_of(*halves(row_id))
        return None if slot == GONE else int(self.tags[slot])

    @property
    def work(self) -> Working:
        """Room for as many candidates as there are rows."""
        if len(self._work.slots) < len(self.records):
            self._work = room_to_work(len(self.records))
        return self._work

    def next_stamp(self) -> int:
        """A number that no mark has yet."""
        self.stamp += 1
        return self.stamp

    def id_of(self, slot: int) -> UUID:
        """The id of the row in a slot."""
        record = self.records[slot]
        return UUID(int=int(record["id_high"]) << 64 | int(record["id_low"]))

    def ids_of(self, slots: Iterable[int]) -> list[UUID]:
        """The ids of the rows in some slots."""
        return [self.id_of(slot) for slot in slots]

    def repack(self) -> None:
        """Lay the living rows side by side; their slots are others afterwards."""
        slots, *arrays = repacked(self)
        tags = self.tags[slots]
        self.take(*arrays)
        self.tags = tags

    def take(self, records: Rows, pool: Rows, cells: Rows, zones: Rows) -> None:
        """Become these rows at once: `pool` offsets and slots are theirs already."""
        self.records, self.pool = records, pool
        self.used = self.living = len(records)
        self.pooled = len(pool)
        self.alive = np.ones(len(records), dtype=np.bool_)
        self.marks = np.zeros(len(records), dtype=np.int64)
        self.tags = np.zeros(len(records), dtype=np.int64)
        self.ids = table_of(records, self.used)
        self.segments = Segments.of(cells, zones)


def repacked(rack: Rack) -> tuple[Rows, Rows, Rows, Rows, Rows]:
    """The living rows side by side in the order in which they lie: their slots so far, and what `take` takes."""
    keys, zones = rack.segments.everything()
    living = rack.alive[zones["slot"]]
    keys, zones = keys[living], zones[living]
    order = np.argsort(keys, kind="stable")
    keys, zones = keys[order], zones[order]
    first_seen = np.unique(zones["slot"], return_index=True)
    slots = first_seen[0][np.argsort(first_seen[1], kind="stable")]
    numbers = np.zeros(rack.used, dtype=np.uint32)
    numbers[slots] = np.arange(len(slots), dtype=np.uint32)
    records = rack.records[slots]
    lengths = listed(records)
    pool = np.zeros(int(lengths.sum()), dtype=np.uint32)
    copy_lists(rack.pool, records["at"], lengths, pool)
    records["at"] = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(lengths) else 0
    zones = zones.copy()
    zones["slot"] = numbers[zones["slot"]]
    return slots, records, pool, keys, zones


def listed(records: Rows) -> Rows:
    """How many numbers of the pool each record has."""
    doubled = ("permits", "blocked") if "blocked" in (records.dtype.names or ()) else ()
    counts = ("known", "inferred", "ewc", "cpv", "permits", "blocked", "profile", "hazardous", "words")
    total = np.zeros(len(records), dtype=np.int64)
    for name in counts:
        if name in (records.dtype.names or ()):
            total += records[name].astype(np.int64) * (2 if name in doubled else 1)
    return total


def add_rows(rack: Rack, rows: Sequence[Row]) -> None:
    """Put many rows in."""
    for row in rows:
        rack.add(row)


def room_to_work(rows: int) -> Working:
    """For a search among so many rows."""
    return Working(
        slots=np.zeros(rows, dtype=np.int64),
        marks=np.zeros(rows, dtype=np.int64),
        totals=np.zeros(rows),
        wholes=np.zeros(rows),
        km=np.zeros(rows),
        evident=np.zeros(rows, dtype=np.bool_),
        gaps=np.zeros(rows, dtype=np.int64),
    )


def _longer(array: Rows) -> Rows:
    longer = np.zeros(len(array) + len(array) // 2 + 64, dtype=array.dtype)
    longer[: len(array)] = array
    return longer
