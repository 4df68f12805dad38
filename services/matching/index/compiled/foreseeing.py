"""What each of the listed promises at most is told of all, by their categories or by the signatures of their texts.

Those who promise most go first: they set what the others are measured by, most of whom then need not be read.
"""

import numpy as np

from services.matching.index.compiled.evidence import by_more, compares, take_all
from services.matching.index.compiled.layout import COUNTED, PLAIN
from services.matching.index.compiled.passes import BAND, COVERS_IT, FITS, NOTHING_YET, SLOT, compiled
from services.matching.index.compiled.signatures import bound_texts
from services.matching.index.compiled.suiting import rounded, scale_of

# Of a number of 64 bits: the slot with its band, the mark, and what it promises.
MARK, PROMISE = np.uint64(32), np.uint64(40)
LISTED, BYTE = np.uint64((1 << 32) - 1), np.uint64(255)
MOST = 100


@compiled
def foresee(own, side, query, rules, least, room, found):  # type: ignore[no-untyped-def]
    """Those of all listed who may be kept, who promise most first."""
    if compares(own, query, rules):
        return by_nearness(own, side, query, rules, least, room, 0, found)
    return by_signature(own, side, query, rules, least, room, found)


@compiled
def is_enough(promise, mark, a_match, a_miss):  # type: ignore[no-untyped-def]
    """Whether such points are enough for a match or a near miss, as far as either may come of the mark."""
    return ((mark >= COVERS_IT) & (promise >= a_match)) | ((mark != FITS) & (promise >= a_miss))


@compiled
def noted(listed, mark, promise):  # type: ignore[no-untyped-def]
    """A listed row with its mark and what it promises."""
    return np.uint64(listed) | np.uint64(mark) << MARK | np.uint64(promise) << PROMISE


@compiled
def by_nearness(own, side, query, rules, least, room, first, last):  # type: ignore[no-untyped-def]
    """Those of some listed demands who may be kept, by what their categories promise, most first; the marks off all."""
    brows, marks, work, slots = side.brows, room.marks, room.work, room.slots
    foreseen, kept = np.empty(last - first, dtype=np.uint64), np.uint64(0)
    near, inferred, none, plain = query.near, rules.inferred, query.near.size - 1, own.counts & PLAIN
    by_near, beside, (a_match, a_miss) = work.by_near, work.beside, least
    for number in range(np.uint64(first), np.uint64(last)):
        listed = np.uint64(slots[number])
        slot, band = listed & SLOT, listed >> np.uint64(BAND)
        brow, mark = brows[slot], marks[slot]
        marks[slot] = NOTHING_YET
        mark = FITS if (mark == COVERS_IT) & ((plain & brow.counts) != 0) else mark
        best = max(near[np.uint64(brow.first)], near[np.uint64(brow.second)])
        if brow.more:
            best = max(best, by_more(side.heads[slot], side.pool, near, inferred))
        counts, unlike = np.uint64(brow.counts & COUNTED), (brow.first == none) & (brow.more == 0)
        promise = MOST if unlike else rounded(by_near[counts] * best + beside[band, counts])
        # Written whether it is kept or not: guessing which would take longer.
        foreseen[kept] = noted(listed, mark, promise)
        kept += np.uint64(is_enough(promise, mark, a_match, a_miss))
    return most_first(foreseen[:kept])


@compiled
def by_signature(own, side, query, rules, least, room, found):  # type: ignore[no-untyped-def]
    """Those of all listed who may be kept, by what their texts promise, most first; and the marks off all."""
    work, kept, first, points = room.work, 0, 0, rules.points[2]
    counts = own.counts & COUNTED
    scale = scale_of(points + work.to_come[counts])
    foreseen = np.empty(found, dtype=np.uint64)
    while first < found:
        last = min(first + work.slots.size, found)
        count = take_all(room, first, last)
        bound_texts(side, query, rules.half_text, work, count)
        for number in range(count):
            slot, mark, band, text = work.slots[number], work.marks[number], work.bands[number], work.texts[number]
            if not query.forward:
                counts = side.brows[slot].counts & COUNTED
                scale = scale_of(points + work.to_come[counts])
            promise = rounded((points * text + work.at_most[band, counts]) * scale)
            foreseen[kept] = noted(np.uint64(slot) | np.uint64(band) << np.uint64(BAND), mark, promise)
            kept += is_enough(promise, mark, least[0], least[1]) & (text >= rules.floors[2])
        first = last
    return most_first(foreseen[:kept])


@compiled
def most_first(foreseen):  # type: ignore[no-untyped-def]
    """The same in the order of what they promise, and of equal promises as they were."""
    begins, ordered = np.zeros(MOST + 2, dtype=np.int64), np.empty(foreseen.size, dtype=np.uint64)
    for each in foreseen:
        # How many promise more is where those who promise so much begin.
        begins[MOST + 1 - np.int64(each >> PROMISE)] += 1
    for more in range(MOST + 1):
        begins[more + 1] += begins[more]
    for each in foreseen:
        place = MOST - np.int64(each >> PROMISE)
        ordered[begins[place]] = each
        begins[place] += 1
    return ordered


@compiled
def take_foreseen(foreseen, first, most, least, work):  # type: ignore[no-untyped-def]
    """Takes in hand the next who may still be kept; returns where the others begin, and how many are in hand."""
    count, (a_match, a_miss) = np.uint64(0), least
    for number in range(np.uint64(first), np.uint64(foreseen.size)):
        each = foreseen[number]
        promise, mark = np.int64(each >> PROMISE), np.int64(each >> MARK & BYTE)
        if promise < min(a_match, a_miss):
            break
        if count == most:
            return np.int64(number), np.int64(count)
        listed = each & LISTED
        work.slots[count], work.bands[count] = listed & SLOT, listed >> np.uint64(BAND)
        work.marks[count], work.totals[count] = mark, -1.0
        count += np.uint64(is_enough(promise, mark, a_match, a_miss))
    return foreseen.size, np.int64(count)


@compiled
def note_near(side, query, rules, work, count):  # type: ignore[no-untyped-def]
    """Notes in `totals` of those in hand how near their nearest category is; of who has none it stays as it was."""
    brows, near, none = side.brows, query.near, query.near.size - 1
    for number in range(count):
        slot = work.slots[number]
        brow = brows[slot]
        if brow.more:
            best = by_more(side.heads[slot], side.pool, near, rules.inferred)
        elif brow.first == none:
            continue
        else:
            best = 0.0
        work.totals[number] = max(best, near[np.uint64(brow.first)], near[np.uint64(brow.second)])
