"""One side of the index in memory: rows are added, taken out, and searched; never changed in place.

Arrays grow by half. A row that goes leaves a tombstone; `side_by_side` are the living ones sorted by where they lie, so
that a search reads memory in order.
"""

from collections.abc import Iterable
from uuid import UUID

import numpy as np

from services.matching.index.compiled.encoding import Row, days_of
from services.matching.index.compiled.finding import add_id, copy_lists, find_id, table_of
from services.matching.index.compiled.geometry import kinds_of
from services.matching.index.compiled.layout import BROW, DEMAND, HEAD, SUPPLY, ZONE, Rows
from services.matching.index.compiled.numbering import Numbering, halves
from services.matching.index.compiled.passes import NOTHING_YET, TAKEN_OUT, Room, Side, working
from services.matching.index.compiled.segments import Segments, Tier
from services.matching.index.compiled.signatures import room_for_signatures, sign

GONE = -1
# As many may come and go before anything is laid out anew, or half as many as there are.
UNTIDY = 20_000


class Rack:
    """The rows of one side (`dtype` is SUPPLY or DEMAND), each in a slot of its own."""

    def __init__(self, dtype: np.dtype, numbering: Numbering) -> None:
        self.numbering = numbering
        self.heads: Rows = np.zeros(64, dtype=HEAD)
        self.brows: Rows = np.zeros(64, dtype=BROW)
        self.records: Rows = np.zeros(64, dtype=dtype)
        self.pool: Rows = np.zeros(4096, dtype=np.uint32)
        self.signs: Rows = room_for_signatures(64)
        self.marks: Rows = np.full(64, NOTHING_YET, dtype=np.uint8)
        self.tags: Rows = np.zeros(64, dtype=np.int64)
        self.ids: Rows = table_of(self.records, 0)
        self.segments = Segments()
        self.used = self.packed = 0
        self.pooled = 0
        self.living = 0
        self._slots: Rows = np.zeros(64, dtype=np.int32)
        self.work = working()

    def side(self) -> Side:
        """What the compiled passes read."""
        return Side(self.heads, self.records, self.pool, self.numbering.amounts.lines, self.signs, self.brows)

    def add(self, row: Row, *, tag: int = 0) -> int:
        """Put a row in, instead of the one with its id; returns its slot. `tag` is what the caller knows it by."""
        self.remove_halves(row.record["id_high"], row.record["id_low"])
        slot = self._place(row)
        self.tags[slot] = tag
        opens, closes = days_of(row.record)
        for zone in row.zones:
            line = np.zeros(1, dtype=ZONE)
            line[0] = (zone.x, zone.y, zone.z, zone.rim, slot, opens, closes)
            self.segments.add(zone.key, line)
        return slot

    def _place(self, row: Row) -> int:
        self._make_room(len(row.lists))
        slot = self.used
        for lines, fields in ((self.brows, row.brow), (self.heads, row.head), (self.records, row.record)):
            for name, value in fields.items():
                lines[slot][name] = value
        self.heads[slot]["at"] = self.pooled
        self.pool[self.pooled : self.pooled + len(row.lists)] = row.lists
        self.marks[slot] = NOTHING_YET
        sign(self.signs, self.heads, self.pool, slot, slot + 1)
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
            self.heads, self.records = _longer(self.heads), _longer(self.records)
            self.marks, self.tags = _longer(self.marks), _longer(self.tags)
            self.brows = _longer(self.brows)
            signs, self.signs = self.signs, room_for_signatures(len(self.records))
            self.signs[: len(signs)] = signs
        while self.pooled + listed > len(self.pool):
            self.pool = _longer(self.pool)

    def remove(self, row_id: UUID) -> bool:
        """Take a row out; False when it is not here."""
        return self.remove_halves(*halves(row_id))

    def remove_halves(self, high: int, low: int) -> bool:
        slot = self.slot_of(high, low)
        if slot == GONE:
            return False
        self.marks[slot] = TAKEN_OUT
        self.living -= 1
        return True

    def slot_of(self, high: int, low: int) -> int:
        """Where the living row with an id is; GONE when there is none."""
        return int(find_id(self.ids, self.records, self.marks, np.uint64(high), np.uint64(low)))

    def tag_of(self, row_id: UUID) -> int | None:
        """The tag of the living row with an id."""
        slot = self.slot_of(*halves(row_id))
        return None if slot == GONE else int(self.tags[slot])

    @property
    def room(self) -> Room:
        """Room for as many candidates as there are rows."""
        if len(self._slots) <= len(self.records):
            self._slots = np.zeros(len(self.records) + 1, dtype=np.int32)
        return Room(self.marks, self._slots, self.work)

    def id_of(self, slot: int) -> UUID:
        """The id of the row in a slot."""
        record = self.records[slot]
        return UUID(int=int(record["id_high"]) << 64 | int(record["id_low"]))

    def ids_of(self, slots: Iterable[int]) -> list[UUID]:
        """The ids of the rows in some slots."""
        return [self.id_of(slot) for slot in slots]

    @property
    def is_untidy(self) -> bool:
        """Whether so many came or went that laying the living side by side is worth its while."""
        return 2 * self.used - self.packed - self.living > max(UNTIDY, self.living // 2)

    def side_by_side(self) -> "Rack":
        """Another one with the living rows side by side, in other slots; this one may be searched meanwhile."""
        slots, brows, heads, records, pool, rows = repacked(self)
        other = Rack(self.records.dtype, self.numbering)
        other.take(brows, heads, records, pool, rows)
        other.tags = self.tags[slots]
        return other

    def take(self, brows: Rows, heads: Rows, records: Rows, pool: Rows, rows: Tier) -> None:
        """Become these rows at once: `pool` offsets and slots are theirs already."""
        self.brows, self.heads, self.records, self.pool = brows, heads, records, pool
        self.used = self.packed = self.living = len(records)
        self.pooled = len(pool)
        self.marks = np.full(len(records), NOTHING_YET, dtype=np.uint8)
        self.tags = np.zeros(len(records), dtype=np.int64)
        self.ids = table_of(records, self.used)
        self.signs = room_for_signatures(self.used)
        sign(self.signs, heads, pool, 0, self.used)
        self.segments = Segments.of(rows)


def repacked(rack: Rack) -> tuple[Rows, Rows, Rows, Rows, Rows, Tier]:
    """The living rows side by side in the order in which they lie: their slots so far, and what `take` takes."""
    keys, zones = rack.segments.everything()
    living = rack.marks[zones["slot"]] != TAKEN_OUT
    keys, zones = keys[living], zones[living]
    order = np.argsort(keys, kind="stable")
    keys, zones = keys[order], zones[order]
    seen, first = np.unique(zones["slot"], return_index=True)
    # A demand asks one thing, and is looked at with those that ask the same; a supply serves several.
    asked = kinds_of(keys[first]) if rack.records.dtype == DEMAND else np.zeros(len(first))
    slots = seen[np.lexsort((first, asked))]
    numbers = np.zeros(rack.used, dtype=np.uint32)
    numbers[slots] = np.arange(len(slots), dtype=np.uint32)
    zones["slot"] = numbers[zones["slot"]]
    brows, heads, records = rack.brows[slots], rack.heads[slots], rack.records[slots]
    lengths = listed(heads, records)
    pool = np.zeros(int(lengths.sum()), dtype=np.uint32)
    copy_lists(rack.pool, heads["at"].copy(), lengths, pool)
    heads["at"] = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(lengths) else 0
    # Of one key by slot, so that a search goes through memory in order.
    return slots, brows, heads, records, pool, Tier.of(keys, zones[np.lexsort((zones["slot"], keys))])


def listed(heads: Rows, records: Rows) -> Rows:
    """How many numbers of the pool each row has."""
    total: Rows = heads["words"].astype(np.int64)
    for name in ("known", "inferred", "ewc", "cpv"):
        total += heads[name]
    if records.dtype == SUPPLY:
        total += 2 * heads["permits"].astype(np.int64) + 2 * heads["blocked"].astype(np.int64)
    else:
        total += heads["permits"].astype(np.int64) + records["profile"] + records["hazardous"]
    return total


def _longer(array: Rows) -> Rows:
    longer = np.zeros(len(array) + len(array) // 2 + 64, dtype=array.dtype)
    longer[: len(array)] = array
    return longer
