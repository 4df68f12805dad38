"""Which rows have a zone that meets the place asked for: one pass over the rows of the cells around it."""

import numpy as np

from services.matching.index.compiled.geometry import line_after, lines_of_cells, square_chord
from services.matching.index.compiled.passes import BAND, BANDS_KM, COVERS_IT, LATE, NEAR_IT, NOTHING_YET, compiled

CUTS = tuple(np.float32(square_chord(km + 0.05)) for km in BANDS_KM[1:])
"""Squares of chords from which a band begins; fifty metres beyond, for these numbers are short."""


@compiled
def gather(tiers, rims, cells, centres, asker, near, marks, slots):  # type: ignore[no-untyped-def]
    """Marks every living row whose zone meets the query, and lists each once; returns how many are listed.

    `cells` are runs (first, last, number of the centre), `asker` (bits, opens, closes). With each slot is listed the
    band in which the distance between both places is at least; 0 where a zone is around another place.
    """
    count, begins = 0, np.empty(cells.shape[0], dtype=np.int64)
    for tier in tiers:
        if tier.keys.size:
            lines_of_cells(tier.keys, cells, begins)
            for run in range(cells.shape[0]):
                begin = begins[run]
                end = line_after(tier.keys, begin, cells[run, 1])
                count = _gather(tier, begin, end, rims, centres[cells[run, 2]], asker, near, marks, slots, count)
    return count


@compiled
def _gather(tier, begin, end, rims, centre, asker, near, marks, slots, count):  # type: ignore[no-untyped-def]
    bits, opens, closes = asker
    x, y, z, reach, almost = centre[0], centre[1], centre[2], centre[3], centre[4]
    one, two, three = CUTS
    own = np.uint32(centre[5])
    for line in range(begin, end):
        if tier.keys[line] & bits == 0:
            continue
        for number in range(tier.starts[line], tier.starts[line + 1]):
            row = tier.zones[number]
            dx, dy, dz = row.x - x, row.y - y, row.z - z
            square = dx * dx + dy * dy + dz * dz
            mark = NOTHING_YET
            rim = rims[row.rim]
            if square <= max(rim.reach, reach):
                mark = COVERS_IT
            elif near and square <= max(rim.near, almost):
                mark = NEAR_IT
            outside = row.opens > closes or row.closes < opens
            if outside and mark == COVERS_IT:
                mark = LATE
            # Outside the window it is a near miss at best, and none when its area falls short as well.
            if mark == NOTHING_YET or (outside and (mark == NEAR_IT or not near)):
                continue
            # Written whether it is new or not: guessing which would take longer.
            seen = marks[row.slot]
            band = ((square > one) + (square > two) + (square > three)) * (rim.own & own)
            slots[count] = row.slot | band << BAND
            count += seen == NOTHING_YET
            marks[row.slot] = max(mark, seen)
    return count
