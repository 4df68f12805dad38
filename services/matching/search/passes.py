"""The one pass that counts: a row that fails no condition is found, and one that fails a single one counts there."""

import numpy as np

from services.matching.index.compiled.passes import compiled

# A number of 64 bits in which every run of six is another one: a single bit times it has its own six on top.
DISTINCT = 0x03F79D71B4CB0A89
PLACES = np.zeros(64, dtype=np.int64)
for _place in range(64):
    PLACES[(DISTINCT << _place & (1 << 64) - 1) >> 58] = _place


@compiled
def count_bits(counts, bits):  # type: ignore[no-untyped-def]
    """One more for each bit that is set."""
    while bits != 0:
        lowest = bits & (~bits + np.uint64(1))
        counts[PLACES[np.int64(lowest * np.uint64(DISTINCT) >> np.uint64(58))]] += 1
        bits ^= lowest


@compiled
def count_facets(records, slots, kms, asked, tally):  # type: ignore[no-untyped-def]
    """Leaves in `kept` the slots that meet every condition; returns how many.

    `counts` has a line a facet and a column a value, `others` a number a facet: what meets all the other conditions.
    """
    kept, counts, others, found = tally.kept, tally.counts, tally.others, 0
    for place in range(slots.size):
        row = records[slots[place]]
        km = kms[row.commune]
        met_what = asked.whats == 0 or (asked.whats >> np.uint64(row.what)) & np.uint64(1) != 0
        met_family = asked.families == 0 or row.families & asked.families != 0
        met_kind = asked.kinds == 0 or row.kinds & asked.kinds != 0
        # A distance that is not known is no number, and within none.
        met_km = asked.within < 0 or km <= asked.within
        met_due = asked.due < 0 or (row.deadline >= asked.today and row.deadline <= asked.due)
        failed = 5 - (int(met_what) + int(met_family) + int(met_kind) + int(met_km) + int(met_due))
        if failed > 1:
            continue
        if failed == 0:
            kept[found] = slots[place]
            found += 1
        if failed == 0 or not met_what:
            others[0] += 1
            counts[0, row.what] += 1
        if failed == 0 or not met_family:
            others[1] += 1
            count_bits(counts[1], row.families)
        if failed == 0 or not met_kind:
            others[2] += 1
            count_bits(counts[2], row.kinds)
        if failed == 0 or not met_km:
            others[3] += 1
            for number in range(asked.bands.size):
                counts[3, number] += int(km <= asked.bands[number])
        if failed == 0 or not met_due:
            others[4] += 1
            for number in range(asked.days.size):
                counts[4, number] += int(asked.today <= row.deadline <= asked.days[number])
    return found
