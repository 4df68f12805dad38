"""What a search works out of who asks, once: where to look, and tables for the passes."""

from typing import Final

import numpy as np

from services.matching.index.compiled.evidence import table_of, worth_by_codes
from services.matching.index.compiled.geometry import (
    COVERS_ALL,
    COVERS_NOTHING,
    EVERY_POINT,
    POINTS,
    area_cell,
    cells_of_point,
    cells_within,
    square_chord,
    unit_vector,
)
from services.matching.index.compiled.layout import FOR_EVER, NO_AREA
from services.matching.index.compiled.passes import Looked, Query, compiled
from services.matching.index.compiled.signatures import bits_and_sums
from services.matching.ranking.features import WORD_PARTS

MOST_RUNS: Final = 512


@compiled
def side_of(demands, supplies, is_supplies):  # type: ignore[no-untyped-def]
    """What both sides have alike, of one of them."""
    if is_supplies:
        return Looked(supplies.heads, supplies.pool, supplies.signs, supplies.brows)
    return Looked(demands.heads, demands.pool, demands.signs, demands.brows)


@compiled
def query_of(asker, sought, vocabulary, rules):  # type: ignore[no-untyped-def]
    """Tables of what the asker says."""
    head, pool = asker.heads[0], asker.pool
    further = np.int64(head.words)
    inferred = further + head.known
    ewc = inferred + head.inferred
    cpv = ewc + head.ewc
    known = known_of(asker.brows[0], pool[further:inferred], vocabulary.near.shape[0])
    wastes, goods = pool[ewc:cpv], pool[cpv : cpv + head.cpv]
    words, parts = pool[:further], 0.0
    for packed in words:
        parts += packed & np.uint32(255)
    text = parts / WORD_PARTS
    terms, factor, shift = table_of(words)
    bits, sums = bits_and_sums(words)
    return Query(
        sought.kinds,
        near_to(known, pool[inferred:ewc], vocabulary.near, rules.inferred),
        terms,
        factor,
        shift,
        bits,
        sums,
        text / (text + rules.half_text),
        worth_of_codes(wastes, goods, vocabulary, rules) if sought.forward else np.zeros(0),
        implied_codes(known, vocabulary.ewc_starts, vocabulary.ewc, sought.forward),
        implied_codes(known, vocabulary.cpv_starts, vocabulary.cpv, sought.forward),
        sought.forward,
        sought.today,
    )


@compiled
def known_of(brow, further, none):  # type: ignore[no-untyped-def]
    """The numbers of the asker's categories, without those that only codes point to."""
    known, count = np.empty(2 + further.size, dtype=np.int64), 0
    for number in (brow.first, brow.second):
        if number != none:
            known[count] = number
            count += 1
    for number in further:
        known[count] = number
        count += 1
    return known[:count]


@compiled
def near_to(known, inferred, proximities, worth):  # type: ignore[no-untyped-def]
    """How near each category is to the nearest of these; what is inferred is worth less."""
    near = np.zeros(proximities.shape[1])
    for number in known:
        row = proximities[number]
        for other in range(near.size):
            near[other] = max(near[other], row[other])
    for number in inferred:
        row = proximities[number]
        for other in range(near.size):
            near[other] = max(near[other], worth * row[other])
    return near


@compiled
def worth_of_codes(ewc, cpv, vocabulary, rules):  # type: ignore[no-untyped-def]
    """What each category is worth by the codes that a demand asks for; nothing of one that asks for none."""
    if ewc.size + cpv.size == 0:
        return np.zeros(0)
    best = np.zeros(vocabulary.near.shape[1])
    worth_by_codes(ewc, rules.ewc_worth, vocabulary.ewc_starts, vocabulary.ewc, rules.from_category, best)
    worth_by_codes(cpv, rules.cpv_worth, vocabulary.cpv_starts, vocabulary.cpv, rules.from_category, best)
    return best


@compiled
def implied_codes(known, starts, codes, forward):  # type: ignore[no-untyped-def]
    """The codes that the categories of an asking supply stand for."""
    count = 0
    if not forward:
        for number in known:
            count += starts[number + 1] - starts[number]
    implied, place = np.empty(count, dtype=np.uint32), 0
    if not forward:
        for number in known:
            for code in codes[starts[number] : starts[number + 1]]:
                implied[place] = code
                place += 1
    return implied


@compiled
def span_of(demands, supplies, sought):  # type: ignore[no-untyped-def]
    """What is asked, and the asker's window as zone rows keep it; generous where it does not fit (`days_of`)."""
    opens = demands.records[0].opens if sought.forward else supplies.records[0].opens
    closes = demands.records[0].closes if sought.forward else supplies.records[0].closes
    return sought.kinds, min(max(opens, 0), FOR_EVER), min(max(closes, 0), FOR_EVER)


@compiled
def where_of(sought, near):  # type: ignore[no-untyped-def]
    """Runs of cells (first, last, number of the centre), and the centres: the point, what it covers, and with `near`
    almost covers, as squared chords, and whether it is the asker's own place.
    """
    cells = np.empty((MOST_RUNS + sought.areas.size + sought.places.size, 3), dtype=np.int64)
    centres = np.empty((sought.places.size, 6), dtype=np.float32)
    if sought.forward:
        count = where_it_lies(sought.places[0], sought.areas, near, cells, centres)
        return cells[:count], centres
    count, number = where_it_works(sought.places, near, cells, centres)
    return cells[:count], centres[:number]


@compiled
def where_it_lies(place, areas, near, cells, centres):  # type: ignore[no-untyped-def]
    """A demand: what may reach its point, and what works in an area that holds it."""
    write_centre(centres, 0, place, COVERS_NOTHING, COVERS_NOTHING)
    count = cells_of_point(place.latitude, place.longitude, near, 0, cells, 0)
    for area in areas:
        cells[count, 0] = cells[count, 1] = area_cell(area)
        cells[count, 2] = 0
        count += 1
    return count


@compiled
def where_it_works(places, near, cells, centres):  # type: ignore[no-untyped-def]
    """A supply: what lies in its zones."""
    count = number = 0
    for place in places:
        if place.area != NO_AREA:
            write_centre(centres, number, place, COVERS_ALL, COVERS_ALL)
            cells[count, 0] = cells[count, 1] = area_cell(place.area)
            cells[count, 2] = number
            count += 1
        elif near or place.km > 0:
            reach = square_chord(place.km) if place.km > 0 else COVERS_NOTHING
            write_centre(centres, number, place, reach, square_chord(place.near_km))
            before, km, own = count, place.near_km if near else place.km, cells[:MOST_RUNS]
            count = cells_within(POINTS, place.latitude, place.longitude, km, number, own, count)
            if count < 0:
                # Too wide for runs of its own cells: every point is looked at.
                cells[before, 0], cells[before, 1], cells[before, 2] = EVERY_POINT[0], EVERY_POINT[1], number
                count = before + 1
        else:
            continue
        number += 1
    return count, number


@compiled
def write_centre(centres, number, place, reach, near):  # type: ignore[no-untyped-def]
    """Note a centre."""
    x, y, z = unit_vector(place.latitude, place.longitude)
    centres[number, 0], centres[number, 1], centres[number, 2] = x, y, z
    centres[number, 3], centres[number, 4], centres[number, 5] = reach, near, place.own
