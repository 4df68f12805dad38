"""The pass that adds up how well those suit who may meet, and the heaps of the best."""

from math import exp

import numpy as np

from services.matching.index.compiled.passes import MATCH, compiled

NEVER = 101
"""More points than anybody has."""


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
def most_by_suiting(demand, query, rules):  # type: ignore[no-untyped-def]
    """The points that `suit` adds at most: those of the features that the demand that asks lets count."""
    points = rules.points
    if not query.forward:
        return points[3:].sum()
    most = points[7] + points[8]
    if demand.flags & 1 == 0:
        most += points[3]
    if demand.amount != 0:
        most += points[4]
    if demand.service != 255:
        most += points[5]
    if demand.flags & 8:
        most += points[6]
    return most


@compiled
def least_points(rules, least, bar):  # type: ignore[no-untyped-def]
    """The first points, from `least` on, for which a score of `bar` or more is shown."""
    for points in range(101):
        if points >= least and rules.shown[points] >= bar:
            return points
    return NEVER


@compiled
def least_near(rules, to_come, points):  # type: ignore[no-untyped-def]
    """How near categories must at least be for so many points, if all the points to come were got."""
    if rules.points[0] == 0:
        return 0.0
    return ((points - 0.5) * (rules.points[0] + to_come) / 100 - to_come) / rules.points[0] - 1e-9


@compiled
def suit(demands, supplies, query, rules, work, count):  # type: ignore[no-untyped-def]
    """Adds the other features; leaves the points out of 100, rounded, in `totals`."""
    demand, supply, forward, amounts = demands.records, supplies.records, query.forward, supplies.amounts
    points, unsaid = rules.points, rules.unsaid
    for number in range(count):
        slot = work.slots[number]
        one, two = demand[0 if forward else slot], supply[slot if forward else 0]
        total, whole = work.totals[number], work.wholes[number]
        if points[3] > 0 and one.flags & 1 == 0:
            total += points[3] * exp(-work.km[number] / rules.distance_scale_km)
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
        if points[8] > 0:
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
    """Puts what has points enough into the heaps, by the score shown for them."""
    for number in range(count):
        points, gap = work.totals[number], work.gaps[number]
        score = rules.shown[int(points)]
        if gap == MATCH:
            if points >= rules.match_from:
                keep(matches, records, score, work.slots[number], gap)
        elif points >= rules.near_miss_from:
            keep(misses, records, score, work.slots[number], gap)


@compiled
def bar_of(found):  # type: ignore[no-untyped-def]
    """The least score that still enters a heap; one without room lets nobody in."""
    if found.scores.size == 0:
        return np.inf
    return found.scores[0] if found.size[0] == found.scores.size else 0.0
