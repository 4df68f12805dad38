"""The passes that show whether both mean the same thing: category, code and text."""

import numpy as np

from services.matching.index.compiled.passes import compiled


@compiled
def word_slot(term, size):  # type: ignore[no-untyped-def]
    """Where a term begins to be looked for in a table of `size` (a power of two)."""
    return ((term * 2654435761) >> 8) & (size - 1)


@compiled
def fill_terms(terms, words):  # type: ignore[no-untyped-def]
    """Put packed words (term × 256 + parts) into an empty table."""
    for packed in words:
        slot = word_slot(packed >> 8, terms.size)
        while terms[slot] != 0:
            slot = (slot + 1) & (terms.size - 1)
        terms[slot] = packed


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
def by_category(demands, supplies, query, rules, work, count):  # type: ignore[no-untyped-def]
    """The nearest pair of categories; what only codes point to counts less."""
    demand, supply, near, forward = demands.records, supplies.records, query.near, query.forward
    pool = supplies.pool if forward else demands.pool
    points, floor, worth = rules.points[0], rules.floors[0], rules.inferred
    for number in range(count):
        slot = work.slots[number]
        one, two = demand[0 if forward else slot], supply[slot if forward else 0]
        if one.known + one.inferred == 0:
            continue
        at, known, inferred = one.at, one.known, one.inferred
        if forward:
            at, known, inferred = two.at, two.known, two.inferred
        best = 0.0
        for place in range(at, at + known):
            best = max(best, near[pool[place]])
        for place in range(at + known, at + known + inferred):
            best = max(best, near[pool[place]] * worth)
        work.totals[number] += points * best
        work.wholes[number] += points
        work.evident[number] = best >= floor


@compiled
def by_code(demands, supplies, query, rules, work, count):  # type: ignore[no-untyped-def]
    """The longest prefix that a code of the demand shares with one of the supply, or of the supply's categories."""
    demand, supply, dpool, spool = demands.records, supplies.records, demands.pool, supplies.pool
    by_category, implied_ewc, implied_cpv = query.by_category, query.implied_ewc, query.implied_cpv
    ewc_worth, cpv_worth, forward = rules.ewc_worth, rules.cpv_worth, query.forward
    points, floor, from_category = rules.points[1], rules.floors[1], rules.from_category
    for number in range(count):
        slot = work.slots[number]
        one, two = demand[0 if forward else slot], supply[slot if forward else 0]
        if one.ewc + one.cpv == 0:
            continue
        ewc, cpv = one.at + one.known + one.inferred, two.at + two.known + two.inferred
        best = best_overlap(dpool, ewc, ewc + one.ewc, spool, cpv, cpv + two.ewc, ewc_worth)
        ewc, cpv = ewc + one.ewc, cpv + two.ewc
        best = max(best, best_overlap(dpool, ewc, ewc + one.cpv, spool, cpv, cpv + two.cpv, cpv_worth))
        if forward:
            for place in range(two.at, two.at + two.known):
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
def by_text(demands, supplies, query, rules, work, count):  # type: ignore[no-untyped-def]
    """The words that both use, of each the lesser weight, saturating."""
    demand, supply, terms, forward = demands.records, supplies.records, query.terms, query.forward
    pool = supplies.pool if forward else demands.pool
    points, floor, half, size = rules.points[2], rules.floors[2], rules.half_text, terms.size
    for number in range(count):
        slot = work.slots[number]
        if forward:
            row = supply[slot]
            first = row.at + row.known + row.inferred + row.ewc + row.cpv + 2 * row.permits + 2 * row.blocked
            last = first + row.words
        else:
            own = demand[slot]
            first = own.at + own.known + own.inferred + own.ewc + own.cpv + own.permits + own.profile + own.hazardous
            last = first + own.words
        parts = 0
        for place in range(first, last):
            packed = pool[place]
            at = word_slot(packed >> 8, size)
            while terms[at] != 0:
                if terms[at] >> 8 == packed >> 8:
                    parts += min(terms[at] & 255, packed & 255)
                    break
                at = (at + 1) & (size - 1)
        text = parts / 200.0
        text = text / (text + half)
        work.totals[number] += points * text
        work.wholes[number] += points
        work.evident[number] |= text >= floor


@compiled
def keep_relevant(demands, supplies, query, work, count):  # type: ignore[no-untyped-def]
    """Leaves those with evidence that nothing final keeps apart: kind, same entity, blocked; returns how many."""
    demand, supply, spool, forward = demands.records, supplies.records, supplies.pool, query.forward
    kept = 0
    for number in range(count):
        if not work.evident[number]:
            continue
        slot = work.slots[number]
        one, two = demand[0 if forward else slot], supply[slot if forward else 0]
        if one.bits & two.bits == 0 or one.entity == two.entity:
            continue
        at = two.at + two.known + two.inferred + two.ewc + two.cpv + 2 * two.permits
        if two.blocked and is_blocked(spool, at, two.blocked, one.entity, one.organisation):
            continue
        work.slots[kept], work.marks[kept] = slot, work.marks[number]
        work.totals[kept], work.wholes[kept] = work.totals[number], work.wholes[number]
        kept += 1
    return kept


@compiled
def is_blocked(blocked, first, number, entity, organisation):  # type: ignore[no-untyped-def]
    """One of two ids is in a list of ids, each in two halves."""
    for place in range(first, first + 2 * number, 2):
        both = np.uint64(blocked[place]) << np.uint64(32) | np.uint64(blocked[place + 1])
        if both in (entity, organisation):
            return True
    return False
