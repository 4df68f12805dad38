"""Which rows have a zone that meets the place asked for: one pass over the rows of the cells around it."""

import numpy as np

from services.matching.index.compiled.geometry import COVERS_ALL, line_after, lines_of_cells, square_chord
from services.matching.index.compiled.layout import COUNTED
from services.matching.index.compiled.passes import (
    BAND,
    BANDS_KM,
    COVERS_IT,
    LATE,
    NEAR_IT,
    NOTHING_YET,
    SLOT,
    compiled,
)

CUTS = tuple(np.float32(square_chord(km + 0.05)) for km in BANDS_KM[1:])
"""Squares of chords from which a band begins; fifty metres beyond, for these numbers are short."""


@compiled
def gather(tiers, rims, cells, centres, asker, near, marks, slots):  # type: ignore[no-untyped-def]
    """Marks every living row whose zone meets the query, and lists each once; returns how many are listed.

    `cells` are runs (first, last, number of the centre), `asker` (bits, opens, closes). With each slot is listed the
    band in which the distance between both places is at least; 0 where a zone is around another place.
    """
    listed = np.uint64(0)
    for keys, starts, zones in tiers:
        begins, ends = lines_of_runs(keys, cells)
        for run in range(cells.shape[0]):
            around = around_it(centres[cells[run, 2]])
            for line in range(begins[run], ends[run]):
                if keys[line] & asker[0]:
                    for number in range(np.uint64(starts[line]), np.uint64(starts[line + 1])):
                        listed = meet(zones[number], rims, around, asker, near, marks, slots, listed)
    return np.int64(listed)


@compiled
def gather_alike(tiers, rims, cells, centres, asker, near, marks, slots, by, most):  # type: ignore[no-untyped-def]
    """The same for the first `most` of those of whom one of the first two categories is near enough.

    `by` are what is read first of the rows, the nearness of each category, and the least of it.
    """
    brows, nearness, least = by
    listed, most = np.uint64(0), np.uint64(most)
    for keys, starts, zones in tiers:
        begins, ends = lines_of_runs(keys, cells)
        for run in range(cells.shape[0]):
            around = around_it(centres[cells[run, 2]])
            for line in range(begins[run], ends[run]):
                if keys[line] & asker[0]:
                    for number in range(np.uint64(starts[line]), np.uint64(starts[line + 1])):
                        brow = brows[np.uint64(zones[number].slot)]
                        if max(nearness[np.uint64(brow.first)], nearness[np.uint64(brow.second)]) >= least:
                            listed = meet(zones[number], rims, around, asker, near, marks, slots, listed)
                            if listed == most:
                                return np.int64(listed)
    return np.int64(listed)


@compiled
def gather_near(tiers, rims, cells, centres, asker, near, marks, slots, listed, by, held):  # type: ignore[no-untyped-def]
    """The same, after those `listed` before, for all who are near enough, and for who has more categories or none.

    In `by` the least is by band and what counts. `held` is room for some rows.
    """
    brows, nearness, least = by
    listed, none = np.uint64(listed), nearness.size - 1
    for keys, starts, zones in tiers:
        begins, ends = lines_of_runs(keys, cells)
        for run in range(cells.shape[0]):
            around = around_it(centres[cells[run, 2]])
            for line in range(begins[run], ends[run]):
                if keys[line] & asker[0] == 0:
                    continue
                for first in range(starts[line], starts[line + 1], held.size):
                    last, count = min(first + held.size, np.int64(starts[line + 1])), np.uint64(0)
                    for number in range(np.uint64(first), np.uint64(last)):
                        row = zones[number]
                        brow = brows[np.uint64(row.slot)]
                        best = max(nearness[np.uint64(brow.first)], nearness[np.uint64(brow.second)])
                        enough = best >= least[band_of(row, rims, around), np.uint64(brow.counts & COUNTED)]
                        held[count] = number
                        count += np.uint64(enough | (brow.more != 0) | (brow.first == none))
                    for place in range(count):
                        row = zones[np.uint64(held[place])]
                        listed = meet(row, rims, around, asker, near, marks, slots, listed)
    return np.int64(listed)


@compiled
def lines_of_runs(keys, cells):  # type: ignore[no-untyped-def]
    """Where among sorted keys those of each run of cells begin and end."""
    begins, ends = np.zeros(cells.shape[0], dtype=np.int64), np.zeros(cells.shape[0], dtype=np.int64)
    if keys.size:
        lines_of_cells(keys, cells, begins)
        for run in range(cells.shape[0]):
            ends[run] = line_after(keys, begins[run], cells[run, 1])
    return begins, ends


@compiled
def rows_of_runs(tiers, cells, asker):  # type: ignore[no-untyped-def]
    """How many rows there are in some runs of whom the asker asks."""
    rows = 0
    for keys, starts, _ in tiers:
        begins, ends = lines_of_runs(keys, cells)
        for run in range(begins.size):
            for line in range(begins[run], ends[run]):
                rows += (starts[line + 1] - starts[line]) * (keys[line] & asker[0] != 0)
    return rows


@compiled
def sure_runs(cells, centres):  # type: ignore[no-untyped-def]
    """How many of the runs, from the first on, say all that is to be marked of a row."""
    if centres.shape[0] == 1:
        return cells.shape[0]
    run = 0
    while run < cells.shape[0] and centres[cells[run, 2], 3] >= COVERS_ALL:
        run += 1
    return run


@compiled
def mark_listed(marks, slots, listed, mark):  # type: ignore[no-untyped-def]
    """Marks the first of the listed, all alike."""
    for number in range(np.uint64(listed)):
        marks[np.uint64(slots[number]) & SLOT] = mark


@compiled
def around_it(centre):  # type: ignore[no-untyped-def]
    """A centre as numbers, which need not be read from memory for each row."""
    return centre[0], centre[1], centre[2], centre[3], centre[4], np.uint32(centre[5])


@compiled
def square_to(row, around):  # type: ignore[no-untyped-def]
    """The square of the chord between a row's point and a centre."""
    dx, dy, dz = row.x - around[0], row.y - around[1], row.z - around[2]
    return dx * dx + dy * dy + dz * dz


@compiled
def band_of(row, rims, around):  # type: ignore[no-untyped-def]
    """The band of distance between both places; 0 where a zone is around another place."""
    square, (one, two, three) = square_to(row, around), CUTS
    band = np.uint64(square > one) + np.uint64(square > two) + np.uint64(square > three)
    return band * np.uint64(rims[np.uint64(row.rim)].own & around[5])


@compiled
def meet(row, rims, around, asker, near, marks, slots, listed):  # type: ignore[no-untyped-def]
    """Marks and lists one row, if its zone meets the query; returns how many are listed then."""
    reach, almost, square = around[3], around[4], square_to(row, around)
    mark, rim = COVERS_IT, rims[np.uint64(row.rim)]
    if reach < COVERS_ALL and square > max(rim.reach, reach):
        mark = NEAR_IT if near and square <= max(rim.near, almost) else NOTHING_YET
    # Outside the window it is a near miss at best, and none when its area falls short as well.
    if row.opens > asker[2] or row.closes < asker[1]:
        mark = LATE if near and mark == COVERS_IT else NOTHING_YET
    if mark == NOTHING_YET:
        return listed
    # Written whether it is new or not: guessing which would take longer.
    slot = np.uint64(row.slot)
    seen = marks[slot]
    slots[listed] = slot | band_of(row, rims, around) << np.uint64(BAND)
    marks[slot] = max(mark, seen)
    return listed + np.uint64(seen == NOTHING_YET)
