"""The compiled passes of a search, which together say exactly what `ranking.score.judge` says of each pair.

`gather` lists the rows whose zone meets the place. Some at a time, `by_category`, `by_code` and `by_text` add up the
evidence; `check` leaves those that fail at most one constraint; `suit` adds the other features and `keep_best` leaves
the best. On the way goes whoever could not be kept with all the points to come: where fifty of the trade were found,
no text of another trade is read. Each pass is one loop over what the pass before left, in place: handing arrays to a
function for each candidate would cost more than its work.
"""

import numpy as np

from services.matching.index.compiled.checking import check, check_permits
from services.matching.index.compiled.evidence import by_category, by_code, by_text, keep_apart, keep_promising
from services.matching.index.compiled.gathering import gather
from services.matching.index.compiled.passes import MATCH, compiled
from services.matching.index.compiled.suiting import (
    NEVER,
    bar_of,
    keep_best,
    least_near,
    least_points,
    most_by_suiting,
    suit,
)


@compiled
def judge_some(demands, supplies, query, rules, least, room, first, last):  # type: ignore[no-untyped-def]
    """Every pass over some of the listed, in order; returns how many are left in hand."""
    own, work = (demands.heads if query.forward else supplies.heads)[0], room.work
    heads = supplies.heads if query.forward else demands.heads
    pool = supplies.pool if query.forward else demands.pool
    suiting, text = most_by_suiting(demands.records[0], query, rules), rules.points[2] * query.most_text
    to_come = suiting + text + (rules.points[1] if not query.forward or own.ewc + own.cpv > 0 else 0.0)
    near = (least_near(rules, to_come, least[0]), least_near(rules, to_come, least[1]))
    count = by_category(own, heads, pool, query, rules, near, room, first, last)
    if rules.points[1] > 0:
        by_code(demands, supplies, query, rules, work, count)
        count = keep_promising(suiting + text, least, False, work, count)
    if rules.points[2] > 0:
        by_text(heads, pool, query, rules, work, count)
    count = keep_promising(suiting, least, True, work, count)
    count = keep_apart(demands, supplies, query, work, count)
    count = check(demands, supplies, query, rules, work, count)
    count = check_permits(demands, supplies, query, work, count)
    suit(demands, supplies, query, rules, work, count)
    return count


@compiled
def find_best(where, near, demands, supplies, query, rules, room, records, matches, misses):  # type: ignore[no-untyped-def]
    """Puts the best into the heaps; `where` is what `gather` takes first, `records` are those of the side searched."""
    found, at_once = gather(*where, near, room.marks, room.slots), room.work.slots.size
    for first in range(0, found, at_once):
        least = (
            least_points(rules, rules.match_from, bar_of(matches)),
            least_points(rules, rules.near_miss_from, bar_of(misses)),
        )
        count = judge_some(demands, supplies, query, rules, least, room, first, min(first + at_once, found))
        keep_best(records, rules, room.work, count, matches, misses)


@compiled
def find_all(where, near, demands, supplies, query, rules, room):  # type: ignore[no-untyped-def]
    """Slot, points, gap and kilometres of all who match; with `near` of all who almost do and have points for it."""
    found, work = gather(*where, near, room.marks, room.slots), room.work
    slots, points = np.empty(found, dtype=np.int32), np.empty(found)
    gaps, km, kept = np.empty(found, dtype=np.int8), np.empty(found), 0
    match_from = least_points(rules, rules.match_from, 0.0)
    miss_from = min(match_from, least_points(rules, rules.near_miss_from, 0.0)) if near else NEVER
    for first in range(0, found, work.slots.size):
        least = (match_from, miss_from)
        count = judge_some(demands, supplies, query, rules, least, room, first, min(first + work.slots.size, found))
        for number in range(count):
            if work.totals[number] >= (match_from if work.gaps[number] == MATCH else miss_from):
                slots[kept], points[kept] = work.slots[number], work.totals[number]
                gaps[kept], km[kept] = work.gaps[number], work.km[number]
                kept += 1
    return slots[:kept].copy(), points[:kept].copy(), gaps[:kept].copy(), km[:kept].copy()
