"""From an id to its slot: an open table of slots, at most half full, that compares whole ids."""

import numpy as np

from services.matching.index.compiled.layout import Rows
from services.matching.index.compiled.passes import TAKEN_OUT, compiled

EMPTY = -1


@compiled
def _begin(high, low, size):  # type: ignore[no-untyped-def]
    mixed = (high ^ (low >> np.uint64(17))) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64((mixed ^ low) >> np.uint64(7)) & (size - 1)


@compiled
def find_id(table, records, marks, high, low):  # type: ignore[no-untyped-def]
    """The slot of the living row with an id; EMPTY when there is none."""
    place = _begin(high, low, table.size)
    while table[place] != EMPTY:
        slot = table[place]
        if records[slot].id_high == high and records[slot].id_low == low and marks[slot] != TAKEN_OUT:
            return slot
        place = (place + 1) & (table.size - 1)
    return EMPTY


@compiled
def add_id(table, records, slot):  # type: ignore[no-untyped-def]
    """Remember where a row is."""
    place = _begin(records[slot].id_high, records[slot].id_low, table.size)
    while table[place] != EMPTY:
        place = (place + 1) & (table.size - 1)
    table[place] = slot


@compiled
def _add_all(table, records, used):  # type: ignore[no-untyped-def]
    for slot in range(used):
        add_id(table, records, slot)


@compiled
def copy_lists(pool, begins, lengths, out):  # type: ignore[no-untyped-def]
    """The lists of some rows, one after the other."""
    place = 0
    for number in range(begins.size):
        begin = np.int64(begins[number])
        for offset in range(lengths[number]):
            out[place] = pool[begin + offset]
            place += 1


def table_of(records: Rows, used: int) -> Rows:
    """A table of the first `used` rows."""
    table = np.full(max(256, 1 << (2 * used).bit_length()), EMPTY, dtype=np.int32)
    _add_all(table, records, used)
    return table
