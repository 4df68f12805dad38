"""The compiled passes of a search, which together say exactly what `ranking.score.judge` says of each pair.

`gather` lists the rows whose zone meets the place. Some at a time, `take_near`, `by_category`, `by_code` and `by_text`
add up the evidence, `check` leaves those that fail at most one constraint, and `suit` adds the other features. On the
way goes whoever could not be kept with all the points to come: where fifty of the trade were found, no text of another
trade is read, nor of one who is far away, nor one that `bound_texts` finds too far from what is asked. Each pass is one
loop over what the pass before left, in place: handing arrays to a function for each candidate would cost more than its
work.
"""

import numpy as np

from services.matching.index.compiled.checking import check, check_permits
from services.matching.index.compiled.evidence import (
    by_category,
    by_code,
    by_text,
    compares,
    counts_at_all,
    keep_apart,
    keep_promising,
    take_near,
)
from services.matching.index.compiled.foreseeing import foresee, take_foreseen
from services.matching.index.compiled.gathering import (
    gather,
    gather_alike,
    gather_near,
    mark_listed,
    rows_of_runs,
    sure_runs,
)
from services.matching.index.compiled.layout import FOUND
from services.matching.index.compiled.passes import (
    FEW,
    MATCH,
    NEAR_IT,
    NOTHING_YET,
    Room,
    Rules,
    Side,
    Sought,
    Vocabulary,
    Working,
    compiled,
)
from services.matching.index.compiled.preparing import query_of, side_of, span_of, where_of
from services.matching.index.compiled.signatures import bound_texts, spares_reading
from services.matching.index.compiled.suiting import NEVER, least_points, look_ahead, suit

ALIKE, TELLING = 0.9, 4 * FEW
"""Of more needs than are gone through together, so many of so near a category go first: what they score tells how near
the others must be."""


@compiled
def judge(demands, supplies, query, rules, least, foreseen, work, count):  # type: ignore[no-untyped-def]
    """Every pass over those in hand; returns how many are left."""
    own = side_of(demands, supplies, not query.forward).brows[0]
    side = side_of(demands, supplies, query.forward)
    by_category(rules, work, count)
    if counts_at_all(rules, 1):
        by_code(demands, supplies, query, rules, work, count)
    if counts_at_all(rules, 2):
        if not foreseen and spares_reading(side.heads, query, work, count):
            bound_texts(side, query, rules.half_text, work, count)
            count = keep_promising(own, side, query, rules, least, False, work, count)
        by_text(side.heads, side.pool, query, rules, work, count)
    count = keep_promising(own, side, query, rules, least, True, work, count)
    count = keep_apart(demands, supplies, query, work, count)
    count = check(demands, supplies, query, rules, work, count)
    count = check_permits(demands, supplies, query, work, count)
    suit(demands, supplies, query, rules, work, count)
    return count


@compiled
def find(sought, demands, supplies, searched, vocabulary, room, rules, wanted):  # type: ignore[no-untyped-def]
    """`find_named`, handed plain tuples: to tell what named ones are takes numba ten microseconds more a search."""
    marks, slots, work = room
    room_named, sides = Room(marks, slots, Working(*work)), (Side(*demands), Side(*supplies))
    return find_named(Sought(*sought), *sides, searched, Vocabulary(*vocabulary), Rules(*rules), room_named, wanted)


@compiled
def find_named(sought, demands, supplies, searched, vocabulary, rules, room, wanted):  # type: ignore[no-untyped-def]
    """The best (`FOUND`), matches and then near misses, and how many match; a few more may come, which score as the
    last of them does.

    `searched` are the tiers of zone rows and their rims; `wanted` are the least points of a match and how many, and of
    a near miss.
    """
    work, near = room.work, wanted[3] > 0
    asker, side = side_of(demands, supplies, not sought.forward), side_of(demands, supplies, sought.forward)
    query, own = query_of(asker, sought, vocabulary, rules), asker.brows[0]
    slots, points, gaps, km = np.empty(FEW, np.int32), np.empty(FEW), np.empty(FEW, np.int8), np.empty(FEW)
    kept = 0
    where = (*searched, *where_of(sought, near), span_of(demands, supplies, sought))
    found, goes_on = gather_first(where, near, own, side, query, rules, room)
    tally = np.zeros((2, 101), dtype=np.int64)
    least = least_of(rules, wanted, tally)
    look_ahead(own, rules, query, supplies, least, work)
    # Worth its while when there are more than can be gone through together.
    foreseen = found > work.slots.size and counts_at_all(rules, 2) and not compares(own, query, rules)
    promising = foresee(own, side, query, rules, least, room, found if foreseen else 0)
    first, at_once, count = 0, min(FEW, work.slots.size), 0
    while first < found or goes_on:
        if first == found:
            found, goes_on = gather_others(where, near, side, query, room, first), False
            continue
        last = min(first + at_once, found)
        if foreseen:
            count = take_foreseen(promising, first, at_once, least, work)
            last = first + count if count else found
        else:
            count = take_near(own, side, query, rules, room, first, last)
        first, at_once = last, min(2 * at_once, work.slots.size)
        count = judge(demands, supplies, query, rules, least, foreseen, work, count)
        if kept + count > slots.size:
            # Room for all that were listed would be new memory at each search, which costs more than the search.
            more = max(kept, count)
            slots, points, gaps, km = longer(slots, more), longer(points, more), longer(gaps, more), longer(km, more)
        for number in range(count):
            gap, total = work.gaps[number], work.totals[number]
            if total >= (least[0] if gap == MATCH else least[1]):
                slots[kept], points[kept] = work.slots[number], total
                gaps[kept], km[kept] = gap, work.km[number]
                tally[min(gap, 1), int(rules.shown[int(total)])] += 1
                kept += 1
        before, least = least, least_of(rules, wanted, tally)
        if least != before:
            look_ahead(own, rules, query, supplies, least, work)
    return the_best(demands, supplies, query, rules, wanted, least, slots[:kept], points[:kept], gaps[:kept], km[:kept])


@compiled
def gather_first(where, near, own, side, query, rules, room):  # type: ignore[no-untyped-def]
    """Lists who meets the query, or where needs are many some that ask nearly what is offered.

    Returns how many they are, and whether there may be others: these then tell how near the categories of the others
    must be, of whom so few need be listed.
    """
    tiers, rims, cells, centres, span = where
    sure = 0 if query.forward or not compares(own, query, rules) else sure_runs(cells, centres)
    at_once, marks, slots = room.work.slots.size, room.marks, room.slots
    if rows_of_runs(tiers, cells[:sure], span) <= at_once:
        return gather(tiers, rims, cells, centres, span, near, marks, slots), False
    by, most = (side.brows, query.near, ALIKE), min(TELLING, at_once)
    return gather_alike(tiers, rims, cells[:sure], centres, span, near, marks, slots, by, most), True


@compiled
def gather_others(where, near, side, query, room, first):  # type: ignore[no-untyped-def]
    """Lists those that may still be kept beside the `first`, whom it passes over; returns how many are listed."""
    marks, slots, by = room.marks, room.slots, (side.brows, query.near, room.work.lowest)
    mark_listed(marks, slots, first, NEAR_IT)
    found = gather_near(*where, near, marks, slots, first, by, room.work.slots)
    mark_listed(marks, slots, first, NOTHING_YET)
    return found


@compiled
def the_best(demands, supplies, query, rules, wanted, least, slots, points, gaps, km):  # type: ignore[no-untyped-def]
    """Of those found the best as `FOUND`, and how many of them are matches; best first, and equal scores by id."""
    kept = 0
    for number in range(slots.size):
        slots[kept], points[kept] = slots[number], points[number]
        gaps[kept], km[kept] = gaps[number], km[number]
        kept += points[kept] >= (least[0] if gaps[kept] == MATCH else least[1])
    slots, points, gaps, km = slots[:kept], points[:kept].astype(np.int64), gaps[:kept], km[:kept]
    high, low = np.empty(kept, dtype=np.uint64), np.empty(kept, dtype=np.uint64)
    for number in range(kept):
        slot = slots[number]
        high[number] = supplies.records[slot].id_high if query.forward else demands.records[slot].id_high
        low[number] = supplies.records[slot].id_low if query.forward else demands.records[slot].id_low
    scores, best = rules.shown[points].astype(np.int64), np.zeros(kept, dtype=np.bool_)
    mark_best(best, high, points, gaps == MATCH, rules, least[0], wanted[1])
    if wanted[3]:
        mark_best(best, high, points, gaps != MATCH, rules, least[1], wanted[3])
    chosen = np.flatnonzero(best)
    order = chosen[best_first(high[chosen], low[chosen], scores[chosen])]
    found, place, matches = np.empty(order.size, dtype=FOUND), 0, 0
    for fits in (True, False):
        for number in order:
            if (gaps[number] == MATCH) == fits:
                one = found[place]
                one.slot, one.score, one.gap = slots[number], scores[number], gaps[number]
                one.points, one.km = points[number], km[number]
                place, matches = place + 1, matches + fits
    return found, matches


@compiled
def best_first(high, low, scores):  # type: ignore[no-untyped-def]
    """The order of scores, 0 to 100; equal ones by id, of which the high half alone nearly always tells."""
    begins, order = np.zeros(102, dtype=np.int64), np.empty(high.size, dtype=np.int64)
    for score in scores:
        begins[101 - score] += 1
    for worse in range(101):
        begins[worse + 1] += begins[worse]
    for number in np.argsort(high):
        place = 100 - scores[number]
        order[begins[place]] = number
        begins[place] += 1
    for last in range(1, order.size):
        number, place = order[last], last
        while place > 0:
            other = order[place - 1]
            if scores[other] != scores[number] or high[other] != high[number] or low[other] < low[number]:
                break
            order[place] = other
            place -= 1
        order[place] = number
    return order


@compiled
def least_of(rules, wanted, tally):  # type: ignore[no-untyped-def]
    """The least points of a match that is still kept, and of a near miss; `tally` counts those found."""
    match_from, most, miss_from, misses = wanted
    return least_points(rules, match_from, tally[0], most), least_points(rules, miss_from, tally[1], misses)


@compiled
def longer(array, more):  # type: ignore[no-untyped-def]
    """The same with so much more room."""
    wider = np.empty(array.size + more, dtype=array.dtype)
    wider[: array.size] = array
    return wider


@compiled
def mark_best(best, ids, points, which, rules, least, most):  # type: ignore[no-untyped-def]
    """Marks the `most` best of some; of those that score as the last one does, those whose ids begin lowest.

    A few more may be marked, whose ids begin alike. `least` are the first points that are among the best.
    """
    if least == NEVER:
        return
    scores = rules.shown[points.astype(np.int64)]
    equal = which & (points >= least) & (scores == rules.shown[least])
    above = which & (scores > rules.shown[least])
    room = most - above.sum()
    if room < equal.sum():
        equal &= ids <= np.partition(ids[equal], room - 1)[room - 1]
    best |= above | equal
