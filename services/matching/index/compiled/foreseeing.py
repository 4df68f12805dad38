"""Where only texts tell who fits, what each is worth at most is told of all by their signatures, and the best go first.

Then few texts are read: who promises most sets what the others are measured by.
"""

import numpy as np

from services.matching.index.compiled.evidence import take_all
from services.matching.index.compiled.layout import COUNTED
from services.matching.index.compiled.passes import BAND, COVERS_IT, FITS, SLOT, compiled
from services.matching.index.compiled.signatures import bound_texts, spares_reading

# Of a number of 64 bits: the slot with its band, the mark, and what it promises.
MARK, PROMISE = np.uint64(32), np.uint64(40)
BYTE = np.uint64(255)


@compiled
def scale_of(whole):  # type: ignore[no-untyped-def]
    """What makes points of so many into points out of 100."""
    return 100 / whole if whole > 0 else 0.0


@compiled
def foresee(own, side, query, rules, least, room, found):  # type: ignore[no-untyped-def]
    """Those of the listed who may be kept, by what they promise, most first."""
    work, kept, first, points = room.work, 0, 0, rules.points[2]
    counts = own.counts & COUNTED
    scale = scale_of(points + work.to_come[counts])
    foreseen, begins = np.empty(found, dtype=np.uint64), np.zeros(102, dtype=np.int64)
    while first < found:
        last = min(first + work.slots.size, found)
        count = take_all(room, first, last)
        if spares_reading(side.heads, query, work, count):
            bound_texts(side, query, rules.half_text, work, count)
        else:
            work.texts[:count] = query.most_text
        for number in range(count):
            slot, mark, band, text = work.slots[number], work.marks[number], work.bands[number], work.texts[number]
            if not query.forward:
                counts = side.brows[slot].counts & COUNTED
                scale = scale_of(points + work.to_come[counts])
            # Rounded up where it is rounded later.
            promise = np.int64((points * text + work.at_most[band, counts]) * scale + 0.5 + 1e-6)
            enough = ((mark >= COVERS_IT) & (promise >= least[0])) | ((mark != FITS) & (promise >= least[1]))
            enough &= text >= rules.floors[2]
            listed = np.uint64(slot) | np.uint64(band) << np.uint64(BAND)
            foreseen[kept] = listed | np.uint64(mark) << MARK | np.uint64(promise) << PROMISE
            # How many promise more is where those who promise so much begin.
            begins[100 - promise + 1] += enough
            kept += enough
        first = last
    ordered = np.empty(kept, dtype=np.uint64)
    for more in range(101):
        begins[more + 1] += begins[more]
    for number in range(kept):
        place = 100 - np.int64(foreseen[number] >> PROMISE)
        ordered[begins[place]] = foreseen[number]
        begins[place] += 1
    return ordered


@compiled
def take_foreseen(foreseen, first, most, least, work):  # type: ignore[no-untyped-def]
    """Takes in hand the next of them, as far as they may still be kept; returns how many."""
    count = 0
    while count < most and first + count < foreseen.size:
        each = foreseen[first + count]
        if (each >> PROMISE) < min(least[0], least[1]):
            break
        listed = each & np.uint64(0xFFFFFFFF)
        work.slots[count], work.bands[count] = listed & SLOT, listed >> np.uint64(BAND)
        work.marks[count], work.totals[count] = (each >> MARK) & BYTE, -1.0
        count += 1
    return count
