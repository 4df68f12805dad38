"""The pass that adds up how well those suit who may meet, and what tells early that it would not be enough."""

from math import exp

import numpy as np

from services.matching.index.compiled.layout import CODES_COUNT, COUNTED, DISTANCE_COUNTS, LEVEL, NO_LEVEL, SOCIAL
from services.matching.index.compiled.passes import BANDS_KM, COVERS_IT, FITS, LATE, NEAR_IT, compiled

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
    level = two.flags >> LEVEL
    if level == NO_LEVEL:
        return rules.unsaid * rules.unsaid
    if one.levels == 0 or one.levels >> level & 1:
        return rules.levels[level]
    return 0.0


@compiled
def least_points(rules, least, tally, most):  # type: ignore[no-untyped-def]
    """The first points, from `least` on, that may be among the `most` best; `tally` counts those found, by score."""
    score, found = 101, 0
    while score > 0 and found < most:
        score -= 1
        found += tally[score]
    for points in range(101):
        if points >= least and rules.shown[points] >= score:
            return points
    return NEVER


@compiled
def least_near(rules, whole, most, points):  # type: ignore[no-untyped-def]
    """How near categories must at least be for so many points out of 100, if of `whole` other points it got `most`."""
    if rules.points[0] == 0:
        return 0.0
    return ((points - 0.5) * (rules.points[0] + whole) / 100 - most) / rules.points[0] - 1e-9


@compiled
def look_ahead(own, rules, query, supplies, least, work):  # type: ignore[no-untyped-def]
    """Notes what `suit` adds at most, and how near categories must be for the points of a match or of a near miss.

    Of every set of features that demands may let count; when one asks, of its `own`.
    """
    points, texts = rules.points, rules.points[2] * query.most_text
    # Who offers is known when it is the one that asks.
    social = 1.0 if query.forward else rules.social[supplies.records[0].flags >> SOCIAL & 3]
    first, last = 0, work.to_come.size
    if query.forward:
        first = int(own.counts & COUNTED)
        last = first + 1
    for band, km in enumerate(BANDS_KM):
        close = exp(-km / rules.distance_scale_km)
        for counts in range(first, last):
            to_come, at_most = points[7] + points[8], points[7] * social + points[8]
            for number in range(4):
                if counts >> number & 1:
                    to_come += points[3 + number]
                    at_most += points[3 + number] * (close if 1 << number == DISTANCE_COUNTS else 1.0)
            work.to_come[counts], work.at_most[band, counts] = to_come, at_most
            codes = points[1] if counts & CODES_COUNT else 0.0
            whole, most = to_come + points[2] + codes, at_most + texts + codes
            a_match, a_miss = least_near(rules, whole, most, least[0]), least_near(rules, whole, most, least[1])
            work.enough[NEAR_IT, band, counts] = work.enough[LATE, band, counts] = a_miss
            work.enough[COVERS_IT, band, counts], work.enough[FITS, band, counts] = min(a_match, a_miss), a_match
            work.lowest[band, counts] = min(a_match, a_miss)


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
        total += points[7] * rules.social[two.flags >> SOCIAL & 3]
        whole += points[7]
        if points[8] > 0:
            before = max(0.0, np.float64(one.published) - two.published)
            total += points[8] * exp(-before / rules.fresh_seconds)
            whole += points[8]
        work.totals[number] = np.rint(100 * total / whole) if whole > 0 else 0.0
