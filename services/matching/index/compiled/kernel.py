"""The compiled passes of a search, which together say exactly what `ranking.score.judge` says of each pair.

`gather` lists the rows whose zone meets the place. Some at a time, `by_category`, `by_code` and `by_text` add up the
evidence, `check` leaves those that fail at most one constraint, and `suit` adds the other features. On the way goes
whoever could not be kept with all the points to come: where fifty of the trade were found, no text of another trade is
read. Each pass is one loop over what the pass before left, in place: handing arrays to a function for each candidate
would cost more than its work.
"""

import numpy as np

from services.matching.index.compiled.checking import check, check_permits
from services.matching.index.compiled.evidence import (
    by_category,
    by_code,
    by_text,
    counts_at_all,
    keep_apart,
    keep_promising,
)
from services.matching.index.compiled.gathering import gather
from services.matching.index.compiled.passes import MATCH, compiled
from services.matching.index.compiled.suiting import NEVER, least_points, look_ahead, suit


@compiled
def judge_some(demands, supplies, query, rules, least, room, first, last):  # type: ignore[no-untyped-def]
    """Every pass over some of the listed, in order; returns how many are left in hand."""
    own, work = (demands.heads if query.forward else supplies.heads)[0], room.work
    heads = supplies.heads if query.forward else demands.heads
    pool = supplies.pool if query.forward else demands.pool
    text = rules.points[2] * query.most_text
    look_ahead(rules, text, least, work)
    count = by_category(own, heads, pool, query, rules, room, first, last)
    if counts_at_all(rules, 1):
        by_code(demands, supplies, query, rules, work, count)
        count = keep_promising(own, heads, query, text, least, False, work, count)
    if counts_at_all(rules, 2):
        by_text(heads, pool, query, rules, work, count)
    count = keep_promising(own, heads, query, 0.0, least, True, work, count)
    count = keep_apart(demands, supplies, query, work, count)
    count = check(demands, supplies, query, rules, work, count)
    count = check_permits(demands, supplies, query, work, count)
    suit(demands, supplies, query, rules, work, count)
    return count


@compiled
def find(where, near, demands, supplies, query, rules, room, wanted, most_alone):  # type: ignore[no-untyped-def]
    """How many are listed, and slot, points, gap and kilometres of the best of them, in no order; a few more may come,
    which score as the last one does. Of more than `most_alone` nobody is judged here.

    `where` is what `gather` takes first; `wanted` are the least points of a match and how many, and of a near miss.
    """
    listed = gather(*where, near, room.marks, room.slots)
    judged = judge_listed(demands, supplies, query, rules, room, wanted, 0, listed if listed <= most_alone else 0)
    return listed, best_of(demands, supplies, query, rules, wanted, judged)


@compiled
def judge_listed(demands, supplies, query, rules, room, wanted, first, last):  # type: ignore[no-untyped-def]
    """Slot, points, gap and kilometres of those of the listed that may be among the best, and how many have each score.

    Of one search several may be made at once, each with work room of its own and other listed ones.
    """
    work, kept = room.work, 0
    match_from, most, miss_from, misses = wanted
    slots, points = np.empty(last - first, dtype=np.int32), np.empty(last - first)
    gaps, km = np.empty(last - first, dtype=np.int8), np.empty(last - first)
    tally = np.zeros((2, 101), dtype=np.int64)
    for begin in range(first, last, work.slots.size):
        least = (
            least_points(rules, match_from, tally[0], most),
            least_points(rules, miss_from, tally[1], misses),
        )
        count = judge_some(demands, supplies, query, rules, least, room, begin, min(begin + work.slots.size, last))
        for number in range(count):
            gap, total = work.gaps[number], work.totals[number]
            if total >= (least[0] if gap == MATCH else least[1]):
                slots[kept], points[kept] = work.slots[number], total
                gaps[kept], km[kept] = gap, work.km[number]
                tally[min(gap, 1), int(rules.shown[int(total)])] += 1
                kept += 1
    return slots[:kept], points[:kept], gaps[:kept], km[:kept], tally


@compiled
def best_of(demands, supplies, query, rules, wanted, judged):  # type: ignore[no-untyped-def]
    """Of those judged the ones that are wanted."""
    slots, points, gaps, km, tally = judged
    match_from, most, miss_from, misses = wanted
    ids, best = np.empty(slots.size, dtype=np.uint64), np.zeros(slots.size, dtype=np.bool_)
    for number in range(slots.size):
        slot = slots[number]
        ids[number] = supplies.records[slot].id_high if query.forward else demands.records[slot].id_high
    mark_best(best, ids, points, gaps == MATCH, rules, least_points(rules, match_from, tally[0], most), most)
    mark_best(best, ids, points, gaps != MATCH, rules, least_points(rules, miss_from, tally[1], misses), misses)
    return slots[best], points[best], gaps[best], km[best]


@compiled
def best_of_both(demands, supplies, query, rules, wanted, one, other):  # type: ignore[no-untyped-def]
    """Of those judged at once in two parts the ones that are wanted."""
    judged = (
        np.concatenate((one[0], other[0])),
        np.concatenate((one[1], other[1])),
        np.concatenate((one[2], other[2])),
        np.concatenate((one[3], other[3])),
        one[4] + other[4],
    )
    return best_of(demands, supplies, query, rules, wanted, judged)


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
