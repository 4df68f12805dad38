"""The passes that show whether both mean the same thing: category, code and text."""

from typing import Final

import numpy as np

from services.matching.index.compiled.layout import CODES_COUNT, COUNTED, PLAIN
from services.matching.index.compiled.passes import BAND, COVERS_IT, FITS, NOTHING_YET, SLOT, compiled

# What the numbers of words are multiplied by in turn, until no two share a place.
FACTORS: Final = tuple(0x9E3779B1 * each & 0xFFFFFFFF for each in range(1, 64, 2))


@compiled
def word_slot(packed, factor, shift):  # type: ignore[no-untyped-def]
    """Where a packed word (number × 256 + parts) is in a table, if it is there."""
    return np.uint64(np.uint32(np.uint32(packed >> np.uint32(8)) * factor) >> shift)


@compiled
def fill_terms(terms, words, factor, shift):  # type: ignore[no-untyped-def]
    """Put packed words into an empty table; False when two of them share a place."""
    for packed in words:
        slot = word_slot(packed, factor, shift)
        if terms[slot] != 0:
            return False
        terms[slot] = packed
    return True


@compiled
def table_of(words):  # type: ignore[no-untyped-def]
    """A table where each word is alone, so that one look tells whether it is there; its factor and shift."""
    bits = 10
    while True:
        if 1 << bits > 16 * words.size:
            shift = np.uint32(32 - bits)
            for factor in FACTORS:
                terms = np.zeros(1 << bits, dtype=np.uint32)
                if fill_terms(terms, words, np.uint32(factor), shift):
                    return terms, np.uint32(factor), shift
        bits += 1


@compiled
def overlap(one, other, worth):  # type: ignore[no-untyped-def]
    """What two codes share, a digit a nibble and F after the last: `worth` is by the number of digits shared."""
    if one == other:
        return 1.0
    different = one ^ other
    shared = 0
    while shared < 8 and (different >> (28 - 4 * shared)) & 15 == 0:
        shared += 1
    return worth[shared]


@compiled
def best_overlap(mine, first, last, codes, begin, end, worth):  # type: ignore[no-untyped-def]
    """The best of the pairs of two lists of codes."""
    best = 0.0
    for left in range(first, last):
        for right in range(begin, end):
            best = max(best, overlap(mine[left], codes[right], worth))
    return best


@compiled
def worth_by_codes(codes, worth, starts, implied, from_category, best):  # type: ignore[no-untyped-def]
    """Raise `best` of each category to what its codes share with these."""
    for number in range(starts.size - 1):
        shared = best_overlap(implied, starts[number], starts[number + 1], codes, 0, codes.size, worth)
        best[number] = max(best[number], from_category * shared)


@compiled
def counts_at_all(rules, number):  # type: ignore[no-untyped-def]
    """Evidence that gives points, or that alone makes a pair relevant."""
    return rules.points[number] > 0 or rules.floors[number] <= 1


@compiled
def by_more(head, pool, near, worth):  # type: ignore[no-untyped-def]
    """How near the nearest is of the categories beyond the first two, and of those that only codes point to."""
    best, at = 0.0, head.at + head.words
    for place in range(at, at + head.known):
        best = max(best, near[pool[place]])
    for place in range(at + head.known, at + head.known + head.inferred):
        best = max(best, near[pool[place]] * worth)
    return best


@compiled
def compares(own, query, rules):  # type: ignore[no-untyped-def]
    """Categories are compared: they count, and a demand that asks has one; of a supply any may have."""
    return counts_at_all(rules, 0) and (not query.forward or own.first != query.near.size - 1 or own.more != 0)


@compiled
def take_all(room, first, last):  # type: ignore[no-untyped-def]
    """Takes in hand all of some listed, with nothing to compare, and their marks off them; returns how many."""
    marks, work = room.marks, room.work
    for number in range(first, last):
        listed, place = np.uint64(room.slots[number]), np.uint64(number - first)
        slot = listed & SLOT
        work.slots[place], work.marks[place], work.bands[place] = slot, marks[slot], listed >> np.uint64(BAND)
        work.totals[place] = -1.0
        marks[slot] = NOTHING_YET
    return last - first


@compiled
def sift(own, side, query, room, first, last):  # type: ignore[no-untyped-def]
    """Takes in hand, as they are listed, those of some whose first two categories may be near enough; returns how many.

    It looks at little, for it looks at all: whoever has more categories or none is taken.
    """
    brows, near, forward, work = side.brows, query.near, query.forward, room.work
    slots, lowest, none, count = room.slots, work.lowest, near.size - 1, np.uint64(0)
    mine = np.uint64(own.counts & COUNTED)
    for number in range(np.uint64(first), np.uint64(last)):
        listed = np.uint64(slots[number])
        brow = brows[listed & SLOT]
        best = max(near[np.uint64(brow.first)], near[np.uint64(brow.second)])
        counts = mine if forward else np.uint64(brow.counts & COUNTED)
        # Written whether it is taken or not: guessing which would take longer.
        work.slots[count] = listed
        taken = (brow.first == none) | (brow.more != 0) | (best >= lowest[listed >> np.uint64(BAND), counts])
        count += np.uint64(taken)
    return np.int64(count)


@compiled
def take_near(own, side, query, rules, room, first, last):  # type: ignore[no-untyped-def]
    """Takes in hand those of the listed whose nearest pair of categories is near enough, and the marks off all.

    How near it is stands in `totals`, -1 where there is nothing to compare; who has nothing to compare is always taken.
    Returns how many are in hand.
    """
    if not compares(own, query, rules):
        return take_all(room, first, last)
    brows, marks, near, forward, work = side.brows, room.marks, query.near, query.forward, room.work
    none, plain, count = near.size - 1, own.counts & PLAIN, 0
    for number in range(sift(own, side, query, room, first, last)):
        listed = np.uint64(work.slots[number])
        slot, band = listed & SLOT, listed >> np.uint64(BAND)
        brow, mark = brows[slot], marks[slot]
        best = max(near[np.uint64(brow.first)], near[np.uint64(brow.second)])
        if brow.more:
            best = max(best, by_more(side.heads[slot], side.pool, near, rules.inferred))
        mark = FITS if (mark == COVERS_IT) & ((plain & brow.counts) != 0) else mark
        unlike = (not forward) & (brow.first == none) & (brow.more == 0)
        work.slots[count], work.marks[count], work.bands[count] = slot, mark, band
        work.totals[count] = -1.0 if unlike else best
        counts = np.uint64((own.counts if forward else brow.counts) & COUNTED)
        count += unlike | (best >= work.enough[np.uint64(mark), band, counts])
    for number in range(np.uint64(first), np.uint64(last)):
        marks[np.uint64(room.slots[number]) & SLOT] = NOTHING_YET
    return count


@compiled
def by_category(rules, work, count):  # type: ignore[no-untyped-def]
    """The nearest pair of categories; what only codes point to counts less."""
    points, floor = rules.points[0], rules.floors[0]
    for number in range(count):
        best = work.totals[number]
        compared = best >= 0
        work.totals[number], work.wholes[number] = (points * best, points) if compared else (0.0, 0.0)
        work.evident[number] = compared & (best >= floor)


@compiled
def by_code(demands, supplies, query, rules, work, count):  # type: ignore[no-untyped-def]
    """The longest prefix that a code of the demand shares with one of the supply, or of the supply's categories."""
    demand, supply, dpool, spool = demands.heads, supplies.heads, demands.pool, supplies.pool
    by_category, implied_ewc, implied_cpv = query.by_category, query.implied_ewc, query.implied_cpv
    ewc_worth, cpv_worth, forward = rules.ewc_worth, rules.cpv_worth, query.forward
    points, floor, from_category = rules.points[1], rules.floors[1], rules.from_category
    if forward and demand[0].ewc + demand[0].cpv == 0:
        return
    for number in range(count):
        slot = work.slots[number]
        # Told beside its categories, so that only who has codes has its head read for them.
        if not forward and demands.brows[slot].counts & CODES_COUNT == 0:
            continue
        one, two = demand[0 if forward else slot], supply[slot if forward else 0]
        ewc, cpv = codes_of(one), codes_of(two)
        best = best_overlap(dpool, ewc, ewc + one.ewc, spool, cpv, cpv + two.ewc, ewc_worth)
        ewc, cpv = ewc + one.ewc, cpv + two.ewc
        best = max(best, best_overlap(dpool, ewc, ewc + one.cpv, spool, cpv, cpv + two.cpv, cpv_worth))
        if forward:
            brow = supplies.brows[slot]
            best = max(best, by_category[brow.first], by_category[brow.second])
            first = two.at + two.words
            for place in range(first, first + two.known):
                best = max(best, by_category[spool[place]])
        else:
            first = ewc - one.ewc
            implied = best_overlap(dpool, first, ewc, implied_ewc, 0, implied_ewc.size, ewc_worth)
            other = best_overlap(dpool, ewc, ewc + one.cpv, implied_cpv, 0, implied_cpv.size, cpv_worth)
            best = max(best, from_category * max(implied, other))
        work.totals[number] += points * best
        work.wholes[number] += points
        work.evident[number] |= best >= floor


@compiled
def codes_of(head):  # type: ignore[no-untyped-def]
    """Where the codes of a row begin in the pool."""
    return head.at + head.words + head.known + head.inferred


@compiled
def touch_words(heads, pool, work, count):  # type: ignore[no-untyped-def]
    """Reads a word of each line of memory of each text: so little a row that many lines are on their way at once."""
    touched = np.uint32(0)
    for number in range(count):
        head = heads[work.slots[number]]
        last = np.uint64(head.at) + np.uint64(head.words)
        for place in range(np.uint64(head.at), last, np.uint64(16)):
            touched ^= pool[place]
        if head.words:
            touched ^= pool[last - np.uint64(1)]
    # Kept, or the compiler would find that nobody wants it.
    work.touched[0] = touched


@compiled
def by_text(heads, pool, query, rules, work, count):  # type: ignore[no-untyped-def]
    """The words that both use, of each the lesser weight, saturating."""
    terms, factor, shift = query.terms, query.factor, query.shift
    points, floor, half = rules.points[2], rules.floors[2], rules.half_text
    touch_words(heads, pool, work, count)
    for number in range(count):
        head = heads[work.slots[number]]
        first, parts = np.uint64(head.at), np.uint32(0)
        for place in range(first, first + np.uint64(head.words)):
            packed = pool[place]
            own = terms[word_slot(packed, factor, shift)]
            # The same word when all but the parts of weight is the same.
            shared = np.uint32(min(own & np.uint32(255), packed & np.uint32(255)))
            parts += shared if np.uint32(own ^ packed) < np.uint32(256) else np.uint32(0)
        text = parts / 200.0
        text = text / (text + half)
        work.totals[number] += points * text
        work.wholes[number] += points
        work.evident[number] |= text >= floor


@compiled
def keep_promising(own, side, query, rules, least, read, work, count):  # type: ignore[no-untyped-def]
    """Leaves those that may still be kept if they got all the points to come, and be evident.

    `least` are the points of a match that is kept, and of a near miss; unless texts were `read`, they are worth what
    `bound_texts` noted. Returns how many are left.
    """
    kept, text, floor = 0, 0.0 if read else rules.points[2], rules.floors[2]
    for number in range(count):
        evident = work.evident[number] | ((not read) & (work.texts[number] >= floor))
        counts, band = own.counts if query.forward else side.brows[work.slots[number]].counts, work.bands[number]
        counts &= COUNTED
        whole = work.wholes[number] + text + work.to_come[counts]
        total = work.totals[number] + work.at_most[band, counts]
        if not read:
            total += text * work.texts[number]
        # Rounded later: half a point less is enough, and equal ones are never left out here.
        total, mark = 100 * total + 1e-6, work.marks[number]
        a_match = (mark >= COVERS_IT) & (total >= (least[0] - 0.5) * whole)
        a_miss = (mark != FITS) & (total >= (least[1] - 0.5) * whole)
        # Written whether it is kept or not: guessing which would take longer.
        work.slots[kept], work.marks[kept], work.bands[kept] = work.slots[number], mark, band
        work.totals[kept], work.wholes[kept] = work.totals[number], work.wholes[number]
        work.evident[kept] = work.evident[number]
        kept += evident & (a_match | a_miss)
    return kept


@compiled
def keep_apart(demands, supplies, query, work, count):  # type: ignore[no-untyped-def]
    """Leaves those whom nothing final keeps from each other: one entity, or blocked; returns how many."""
    demand, supply, spool, forward = demands.records, supplies.records, supplies.pool, query.forward
    if forward:
        touch_records(supply, work, count)
    else:
        touch_records(demand, work, count)
    kept = 0
    for number in range(count):
        slot = work.slots[number]
        one, two = demand[0 if forward else slot], supply[slot if forward else 0]
        if one.entity == two.entity:
            continue
        head = supplies.heads[slot if forward else 0]
        if head.blocked:
            at = codes_of(head) + head.ewc + head.cpv + 2 * head.permits
            if is_blocked(spool, at, head.blocked, one.entity, one.organisation):
                continue
        work.slots[kept], work.marks[kept] = slot, work.marks[number]
        work.totals[kept], work.wholes[kept] = work.totals[number], work.wholes[number]
        kept += 1
    return kept


@compiled
def touch_records(records, work, count):  # type: ignore[no-untyped-def]
    """Reads a little of both lines of memory of each record, so that many are on their way at once."""
    touched = np.uint32(0)
    for number in range(count):
        record = records[work.slots[number]]
        touched ^= np.uint32(record.entity) ^ np.uint32(record.flags)
    work.touched[0] = touched


@compiled
def is_blocked(blocked, first, number, entity, organisation):  # type: ignore[no-untyped-def]
    """One of two ids is in a list of ids, each in two halves."""
    for place in range(first, first + 2 * number, 2):
        both = np.uint64(blocked[place]) << np.uint64(32) | np.uint64(blocked[place + 1])
        if both in (entity, organisation):
            return True
    return False
