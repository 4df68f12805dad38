"""The passes that leave who fails at most one constraint, and note which."""

from math import asin, sqrt

import numpy as np

from services.matching.index.compiled.evidence import codes_of
from services.matching.index.compiled.layout import SPHERE
from services.matching.index.compiled.passes import (
    AREA,
    ELIGIBILITY,
    LEGAL_STATUS,
    MATCH,
    MINIMUM,
    NEAR_IT,
    OWN_MINIMUM,
    PAUSED,
    PERMIT,
    RADIUS,
    SUPPLIER_KIND,
    WINDOW,
    compiled,
)


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
def far(one, two, earth_km):  # type: ignore[no-untyped-def]
    """Kilometres between two records."""
    dx, dy, dz = (np.float64(one.x) - two.x, np.float64(one.y) - two.y, np.float64(one.z) - two.z)
    return 2 * earth_km * asin(min(1.0, sqrt(dx * dx + dy * dy + dz * dz) / (2 * SPHERE)))


@compiled
def check(demands, supplies, query, rules, work, count):  # type: ignore[no-untyped-def]
    """Leaves those that fail at most one constraint, and notes which; returns how many."""
    demand, supply, forward, earth_km = demands.records, supplies.records, query.forward, rules.earth_km
    kept = 0
    for number in range(count):
        slot = work.slots[number]
        one, two = demand[0 if forward else slot], supply[slot if forward else 0]
        failing, gap = 0, MATCH
        if work.marks[number] == NEAR_IT:
            failing, gap = failing + 1, AREA
        if one.kinds != 0 and one.kinds & two.kinds == 0:
            failing, gap = failing + 1, SUPPLIER_KIND
        if two.flags & 1:
            failing, gap = failing + 1, PAUSED
        km = far(one, two, earth_km)
        if one.radius >= 0 and one.flags & 1 == 0 and km > one.radius:
            failing, gap = failing + 1, RADIUS
        if two.opens > one.closes or two.closes < one.opens:
            failing, gap = failing + 1, WINDOW
        if one.flags & 2 and not two.flags & 2:
            failing, gap = failing + 1, ELIGIBILITY
        if below(supplies.amounts, two.minimum, one.amount):
            failing, gap = failing + 1, MINIMUM
        elif below(supplies.amounts, one.minimum, two.capacity):
            failing, gap = failing + 1, OWN_MINIMUM
        if failing > 1:
            continue
        work.slots[kept], work.km[kept], work.gaps[kept] = slot, km, gap
        work.totals[kept], work.wholes[kept] = work.totals[number], work.wholes[number]
        kept += 1
    return kept


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
def check_permits(demands, supplies, query, work, count):  # type: ignore[no-untyped-def]
    """The same for the permits that are wanted, and for what the law wants of whoever takes waste."""
    demand, forward, today = demands.records, query.forward, query.today
    dpool, spool = demands.pool, supplies.pool
    kept = 0
    for number in range(count):
        slot = work.slots[number]
        one = demand[0 if forward else slot]
        failing, gap = min(work.gaps[number], 1), work.gaps[number]
        on = max(today, np.int64(one.opens))
        own, its = demands.heads[0 if forward else slot], supplies.heads[slot if forward else 0]
        codes = codes_of(its)
        mine = codes + its.ewc + its.cpv
        wants = codes_of(own) + own.ewc + own.cpv
        profile, hazardous = wants + own.permits, wants + own.permits + one.profile
        if own.permits and not holds(spool, mine, its.permits, dpool, wants, profile, on):
            failing, gap = failing + 1, PERMIT
        if one.flags & 4 and (
            own.ewc == 0
            or not names_all(spool, codes, codes + its.ewc, dpool, hazardous, hazardous + one.hazardous)
            or not holds(spool, mine, its.permits, dpool, profile, hazardous, on)
        ):
            failing, gap = failing + 1, LEGAL_STATUS
        if failing > 1:
            continue
        work.slots[kept], work.km[kept], work.gaps[kept] = slot, work.km[number], gap
        work.totals[kept], work.wholes[kept] = work.totals[number], work.wholes[number]
        kept += 1
    return kept
