"""The compiled passes of a search, which together say exactly what `ranking.score.judge` says of each pair.

`gather` lists the rows whose zone meets the place. `by_category`, `by_code` and `by_text` add up the evidence and
`keep_relevant` leaves those with enough; `check` leaves those that fail at most one constraint; `suit` adds the other
features and `keep_best` leaves the best. Each pass is one loop over what the pass before left, in place: handing arrays
to a function for each candidate would cost more than its work.

Everything that may change comes as an argument: what numba caches on disk would not notice a changed global.
"""

from math import asin, exp, sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

from services.matching.index.compiled.layout import Rows

# Numbers of constraints, as the passes return them; 0 is a match.
MATCH, AREA, RADIUS, WINDOW, PERMIT, LEGAL_STATUS, ELIGIBILITY, SUPPLIER_KIND, MINIMUM, PAUSED = range(10)

# What a zone row says of the place asked for.
NEAR_IT, COVERS_IT = 1, 2


class Side(NamedTuple):
    """The rows of one side: records, their lists, and the amounts that both sides number alike."""

    records: Rows
    pool: Rows
    amounts: Rows


class Query(NamedTuple):
    """What is worked out once for a query.

    `near` is the proximity of each category to the asker's; `terms` a table of the asker's words, as `word_slot` finds
    them. Forward (a demand asks) `by_category` is what each category is worth by the demand's codes; backward (a supply
    asks) `implied_ewc` and `implied_cpv` are the codes that its categories stand for.
    """

    near: Rows
    terms: Rows
    by_category: Rows
    implied_ewc: Rows
    implied_cpv: Rows
    forward: bool
    today: int


class Rules(NamedTuple):
    """The table of weights in force, with the constants of the features."""

    points: Rows
    floors: Rows
    match_from: float
    near_miss_from: float
    inferred: float
    from_category: float
    half_text: float
    distance_scale_km: float
    fresh_seconds: float
    unsaid: float
    levels: Rows
    social: Rows
    ewc_worth: Rows
    cpv_worth: Rows
    earth_km: float


class Working(NamedTuple):
    """Room for one search: of each candidate its slot and mark, its points so far and of how many, and its gap."""

    slots: Rows
    marks: Rows
    totals: Rows
    wholes: Rows
    evident: Rows
    gaps: Rows


class Found(NamedTuple):
    """The best so far of a query: a heap whose root is the worst of them; `size` is one number in an array."""

    scores: Rows
    slots: Rows
    gaps: Rows
    size: Rows


compiled = njit(nogil=True, cache=True)


@compiled
def gather(zones, runs, centres, asker, collect_near, marks, stamp, slots, count):  # type: ignore[no-untyped-def]
    """Marks every slot whose zone meets the query, and lists each once; returns how many are listed.

    `runs` are (first, last + 1, number of the centre), `asker` (bits, opens, closes); a mark is 4 × stamp + what it is.
    """
    bits, opens, closes = asker
    for run in range(runs.shape[0]):
        centre = runs[run, 2]
        x, y, z = centres[centre, 0], centres[centre, 1], centres[centre, 2]
        reach, near = centres[centre, 3], centres[centre, 4]
        for number in range(runs[run, 0], runs[run, 1]):
            row = zones[number]
            if row.bits & bits == 0:
                continue
            dx, dy, dz = row.x - x, row.y - y, row.z - z
            square = dx * dx + dy * dy + dz * dz
            mark = 0
            if square <= max(row.reach, reach):
                mark = COVERS_IT
            elif collect_near and square <= max(row.near, near):
                mark = NEAR_IT
            outside = row.opens > closes or row.closes < opens
            # Outside the window it is a near miss at best, and none when its area falls short as well.
            if mark == 0 or (outside and (mark == NEAR_IT or not collect_near)):
                continue
            seen = marks[row.slot] - 4 * stamp
            if seen <= 0:
                slots[count] = row.slot
                count += 1
            if mark > seen:
                marks[row.slot] = 4 * stamp + mark
    return count


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
def begin(marks, stamp, alive, work, count):  # type: ignore[no-untyped-def]
    """Leaves the living; returns how many."""
    kept = 0
    for number in range(count):
        slot = work.slots[number]
        if alive[slot]:
            work.slots[kept], work.marks[kept] = slot, marks[slot] - 4 * stamp
            work.totals[kept] = work.wholes[kept] = 0.0
            work.evident[kept] = False
            kept += 1
    return kept


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
def holds(mine, first, number, wanted, begin, end, on):  # type: ignore[no-untyped-def]
    """Every permit wanted is held (pairs of a code and the day after its last, 0 for ever) and valid on a day."""
    for place in range(begin, end):
        valid = False
        for each in range(first, first + 2 * number, 2):
            if mine[each] == wanted[place] and (mine[each + 1] == 0 or np.int64(mine[each + 1]) > on):
                valid = True
        if not valid:
            return False
    return True


@compiled
def names_all(mine, first, last, wanted, begin, end):  # type: ignore[no-untyped-def]
    """Every code wanted is among mine."""
    for place in range(begin, end):
        named = False
        for each in range(first, last):
            named = named or mine[each] == wanted[place]
        if not named:
            return False
    return True


@compiled
def is_blocked(blocked, first, number, entity, organisation):  # type: ignore[no-untyped-def]
    """One of two ids is in a list of ids, each in two halves."""
    for place in range(first, first + 2 * number, 2):
        both = np.uint64(blocked[place]) << np.uint64(32) | np.uint64(blocked[place + 1])
        if both in (entity, organisation):
            return True
    return False


@compiled
def below(amounts, least, given):  # type: ignore[no-untyped-def]
    """An amount falls short of a minimum; what is untold (0) or of another unit never does."""
    if least == 0 or given == 0:
        return False
    one, other = amounts[least], amounts[given]
    if one.unit != other.unit:
        return False
    if one.once or other.once:
        return other.value < one.value
    return other.monthly < one.monthly


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
def far(one, two, earth_km):  # type: ignore[no-untyped-def]
    """Kilometres between two records."""
    dx, dy, dz = one.x - two.x, one.y - two.y, one.z - two.z
    return 2 * earth_km * asin(min(1.0, sqrt(dx * dx + dy * dy + dz * dz) / 2))


@compiled
def check(demands, supplies, query, rules, work, count):  # type: ignore[no-untyped-def]
    """Leaves those that fail at most one constraint, and notes which; returns how many."""
    demand, supply, forward, earth_km = demands.records, supplies.records, query.forward, rules.earth_km
    kept = 0
    for number in range(count):
        slot = work.slots[number]
        one, two = demand[0 if forward else slot], supply[slot if forward else 0]
        failing, gap = 0, MATCH
        if work.marks[number] != COVERS_IT:
            failing, gap = failing + 1, AREA
        if one.kinds != 0 and one.kinds & two.kinds == 0:
            failing, gap = failing + 1, SUPPLIER_KIND
        if two.flags & 1:
            failing, gap = failing + 1, PAUSED
        if one.radius >= 0 and one.flags & 1 == 0 and far(one, two, earth_km) > one.radius:
            failing, gap = failing + 1, RADIUS
        if two.opens > one.closes or two.closes < one.opens:
            failing, gap = failing + 1, WINDOW
        if one.flags & 2 and not two.flags & 2:
            failing, gap = failing + 1, ELIGIBILITY
        if below(supplies.amounts, two.minimum, one.amount) or below(supplies.amounts, one.minimum, two.capacity):
            failing, gap = failing + 1, MINIMUM
        if failing > 1:
            continue
        work.slots[kept], work.marks[kept], work.gaps[kept] = slot, work.marks[number], gap
        work.totals[kept], work.wholes[kept] = work.totals[number], work.wholes[number]
        kept += 1
    return kept


@compiled
def check_permits(demands, supplies, query, work, count):  # type: ignore[no-untyped-def]
    """The same for the permits that are wanted, and for what the law wants of whoever takes waste."""
    demand, supply, forward, today = demands.records, supplies.records, query.forward, query.today
    dpool, spool = demands.pool, supplies.pool
    kept = 0
    for number in range(count):
        slot = work.slots[number]
        one, two = demand[0 if forward else slot], supply[slot if forward else 0]
        failing, gap = min(work.gaps[number], 1), work.gaps[number]
        on = max(today, np.int64(one.opens))
        codes = two.at + two.known + two.inferred
        mine = codes + two.ewc + two.cpv
        wants = one.at + one.known + one.inferred + one.ewc + one.cpv
        profile, hazardous = wants + one.permits, wants + one.permits + one.profile
        if one.permits and not holds(spool, mine, two.permits, dpool, wants, profile, on):
            failing, gap = failing + 1, PERMIT
        if one.flags & 4 and (
            one.ewc == 0
            or not names_all(spool, codes, codes + two.ewc, dpool, hazardous, hazardous + one.hazardous)
            or not holds(spool, mine, two.permits, dpool, profile, hazardous, on)
        ):
            failing, gap = failing + 1, LEGAL_STATUS
        if failing > 1:
            continue
        work.slots[kept], work.gaps[kept] = slot, gap
        work.totals[kept], work.wholes[kept] = work.totals[number], work.wholes[number]
        kept += 1
    return kept


@compiled
def share_of(amounts, asked, possible, unsaid):  # type: ignore[no-untyped-def]
    """How much of an amount another one makes, at most all of it."""
    one, other = amounts[asked], amounts[possible]
    if possible == 0 or one.unit != other.unit:
        return unsaid
    if one.once or other.once:
        return min(1.0, other.value / one.value)
    return min(1.0, other.monthly / one.monthly)


@compiled
def level_worth(one, two, rules):  # type: ignore[no-untyped-def]
    """What a taker does with a material, when it is one of the levels that are wanted."""
    if two.level == 255:
        return rules.unsaid * rules.unsaid
    if one.levels == 0 or one.levels >> two.level & 1:
        return rules.levels[two.level]
    return 0.0


@compiled
def suit(demands, supplies, query, rules, work, count):  # type: ignore[no-untyped-def]
    """Adds the other features to the points; leaves the scores, rounded, in `totals`."""
    demand, supply, forward, amounts = demands.records, supplies.records, query.forward, supplies.amounts
    points, unsaid = rules.points, rules.unsaid
    for number in range(count):
        slot = work.slots[number]
        one, two = demand[0 if forward else slot], supply[slot if forward else 0]
        total, whole = work.totals[number], work.wholes[number]
        if one.flags & 1 == 0:
            total += points[3] * exp(-far(one, two, rules.earth_km) / rules.distance_scale_km)
            whole += points[3]
        if one.amount != 0:
            total += points[4] * share_of(amounts, one.amount, two.capacity, unsaid)
            whole += points[4]
        if one.service != 255:
            served = 1.0 if two.services >> one.service & 1 else 0.0
            total += points[5] * (served if two.services else unsaid)
            whole += points[5]
        if one.flags & 8:
            total += points[6] * level_worth(one, two, rules)
            whole += points[6]
        total += points[7] * rules.social[two.social]
        whole += points[7]
        total += points[8] * exp(-max(0.0, one.published - two.published) / rules.fresh_seconds)
        whole += points[8]
        work.totals[number] = np.rint(100 * total / whole) if whole > 0 else 0.0


@compiled
def worse(records, score_a, slot_a, score_b, slot_b):  # type: ignore[no-untyped-def]
    """The first of two comes after the second: less, or the same with a higher id."""
    if score_a != score_b:
        return score_a < score_b
    a, b = records[slot_a], records[slot_b]
    if a.id_high != b.id_high:
        return a.id_high > b.id_high
    return a.id_low > b.id_low


@compiled
def keep(found, records, score, slot, gap):  # type: ignore[no-untyped-def]
    """Put one into the heap when there is room, or when it is better than the worst."""
    size = found.size[0]
    if size == found.scores.size:
        if size == 0 or not worse(records, found.scores[0], found.slots[0], score, slot):
            return
        place = 0
        while True:
            child = 2 * place + 1
            if child >= size:
                break
            right = child + 1
            if right < size and worse(
                records, found.scores[right], found.slots[right], found.scores[child], found.slots[child]
            ):
                child = right
            if not worse(records, found.scores[child], found.slots[child], score, slot):
                break
            found.scores[place], found.slots[place] = found.scores[child], found.slots[child]
            found.gaps[place] = found.gaps[child]
            place = child
    else:
        place = size
        found.size[0] = size + 1
        while place > 0:
            above = (place - 1) // 2
            if not worse(records, score, slot, found.scores[above], found.slots[above]):
                break
            found.scores[place], found.slots[place] = found.scores[above], found.slots[above]
            found.gaps[place] = found.gaps[above]
            place = above
    found.scores[place], found.slots[place], found.gaps[place] = score, slot, gap


@compiled
def keep_best(records, rules, work, count, matches, misses):  # type: ignore[no-untyped-def]
    """Puts what scores enough into the heaps; returns how many match."""
    matching = 0
    for number in range(count):
        score, gap = work.totals[number], work.gaps[number]
        if gap == MATCH:
            if score >= rules.match_from:
                matching += 1
                keep(matches, records, score, work.slots[number], gap)
        elif score >= rules.near_miss_from:
            keep(misses, records, score, work.slots[number], gap)
    return matching


@compiled
def judge_all(demands, supplies, query, rules, work, count):  # type: ignore[no-untyped-def]
    """Every pass over what was gathered, in order; returns how many are left."""
    if rules.points[0] > 0:
        by_category(demands, supplies, query, rules, work, count)
    if rules.points[1] > 0:
        by_code(demands, supplies, query, rules, work, count)
    if rules.points[2] > 0:
        by_text(demands, supplies, query, rules, work, count)
    count = keep_relevant(demands, supplies, query, work, count)
    count = check(demands, supplies, query, rules, work, count)
    count = check_permits(demands, supplies, query, work, count)
    suit(demands, supplies, query, rules, work, count)
    return count
