"""What is worked out once for a search: the asker as a side of one row, where to look, and tables for the passes."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from services.matching.index.compiled.encoding import Row, areas_of
from services.matching.index.compiled.evidence import table_of, worth_by_codes
from services.matching.index.compiled.geometry import (
    COVERS_ALL,
    COVERS_NOTHING,
    EVERY_POINT,
    POINTS,
    area_cell,
    cells_of_point,
    cells_within,
    room_for_runs,
    square_chord,
    unit_vector,
)
from services.matching.index.compiled.layout import BROW, DEMAND, EPOCH_ORDINAL, HEAD, SUPPLY, Rows
from services.matching.index.compiled.numbering import Numbering, category_numbers, no_category, packed_code
from services.matching.index.compiled.passes import Query, Rules, Side, compiled
from services.matching.index.compiled.rules import proximities
from services.matching.index.compiled.signatures import bits_and_sums
from services.matching.ranking.constraints import OWN_PLACE_KM, margin_of
from services.matching.ranking.features import FROM_CATEGORY, HALF_TEXT, INFERRED, WORD_PARTS
from services.matching.ranking.sides import Demand, Supply
from shared.territory.place import Radius, Zone
from shared.vocabulary import CodeScheme, categories, category, plain_code

MOST_RUNS: Final = 512
NOTHING: Final = np.zeros(0)
NO_CODES: Final = np.zeros(0, dtype=np.uint32)


class Asked(NamedTuple):
    """A search before it is made: `centres` as `Centre.geometry` says, `cells` runs (first, last, centre)."""

    asker: Side
    query: Query
    centres: Rows
    cells: Rows
    near: bool


class Centre(NamedTuple):
    """A zone of an asking supply: a disc around a point, or the cell of an area."""

    latitude: float
    longitude: float
    km: float
    near_km: float
    area: int | None = None
    own: bool = True

    def geometry(self) -> tuple[float, ...]:
        """The point, what it covers and almost covers, and whether it is the asker's own place."""
        at = unit_vector(self.latitude, self.longitude)
        if self.area is not None:
            return (*at, COVERS_ALL, COVERS_ALL, self.own)
        reach = square_chord(self.km) if self.km > 0 else COVERS_NOTHING
        return (*at, reach, square_chord(self.near_km), self.own)


def asked_by_demand(demand: Demand, row: Row, numbering: Numbering, *, rules: Rules, today: date, near: bool) -> Asked:
    """Which supplies fit a demand, and with `near` which almost do."""
    asker = alone(row, DEMAND, numbering)
    known, inferred = numbers_of(demand.categories), numbers_of(demand.inferred)
    by_category = worth_of_codes(demand.ewc, demand.cpv, rules) if demand.ewc or demand.cpv else NOTHING
    near_by = near_to(known, inferred)
    query = query_of(asker, near_by, bits=row.bits, by_category=by_category, forward=True, today=today)
    areas = [numbering.areas[area] for area in areas_of(demand.place)]
    return asked_at(asker, query, (demand.place.latitude, demand.place.longitude), areas, near=near)


def asked_at(asker: Side, query: Query, at: tuple[float, float], areas: Iterable[int], *, near: bool) -> Asked:
    """A demand at a point that lies in these areas."""
    cells = room_for_runs(MOST_RUNS)
    count = cells_of_point(*at, near, 0, cells, 0)
    held = np.array([area_cell(area) for area in areas])
    cells[count : count + len(held), 0] = cells[count : count + len(held), 1] = held
    count += len(held)
    centre = (*unit_vector(*at), COVERS_NOTHING, COVERS_NOTHING, True)
    return Asked(asker, query, np.array([centre], dtype=np.float32), cells[:count], near)


def asked_by_supply(supply: Supply, row: Row, numbering: Numbering, *, today: date, near: bool) -> Asked:
    """Which demands a supply fits, and with `near` which it almost does."""
    asker = alone(row, SUPPLY, numbering)
    query = query_of(
        asker,
        near_to(numbers_of(supply.categories), numbers_of(supply.inferred)),
        bits=row.bits,
        implied_ewc=implied_codes(supply.categories, "ewc"),
        implied_cpv=implied_codes(supply.categories, "cpv"),
        forward=False,
        today=today,
    )
    return asked_around(asker, query, list(centres_of(supply, numbering, near=near)), near=near)


def asked_around(asker: Side, query: Query, centres: list[Centre], *, near: bool) -> Asked:
    """A supply that works in these zones."""
    cells, count = room_for_runs(MOST_RUNS + len(centres)), 0
    for number, centre in enumerate(centres):
        before = count
        if centre.area is None:
            km = centre.near_km if near else centre.km
            own = cells[:MOST_RUNS]
            count = cells_within(POINTS, centre.latitude, centre.longitude, km, number, own, count)
        if centre.area is not None or count < 0:
            # Too wide for runs of its own cells: every point is looked at.
            first, last = (centre.area, centre.area) if centre.area is not None else EVERY_POINT
            count = before + 1
            cells[before] = (first, last, number)
    geometry = np.array([each.geometry() for each in centres], dtype=np.float32).reshape(-1, 6)
    return Asked(asker, query, geometry, cells[:count], near)


def centres_of(supply: Supply, numbering: Numbering, *, near: bool) -> Iterator[Centre]:
    """Its zones, and with `near` where it would be near if its areas held the place."""
    own = (supply.place.latitude, supply.place.longitude)
    for zone in supply.zones:
        yield _centre(zone, own, numbering)
    if near and any(not isinstance(zone, Radius) for zone in supply.zones):
        yield Centre(*own, 0.0, OWN_PLACE_KM)


def _centre(zone: Zone, own: tuple[float, float], numbering: Numbering) -> Centre:
    if isinstance(zone, Radius):
        at = (zone.latitude, zone.longitude)
        return Centre(*at, zone.km, zone.km + margin_of(zone.km), own=at == own)
    return Centre(*own, 0.0, 0.0, area_cell(numbering.areas[f"{zone.kind} {zone.code}"]))


def alone(row: Row, dtype: "np.dtype[Any]", numbering: Numbering) -> Side:
    """A side of one row: the asker."""
    brows, heads, records = np.zeros(1, dtype=BROW), np.zeros(1, dtype=HEAD), np.zeros(1, dtype=dtype)
    for lines, fields in ((brows, row.brow), (heads, row.head), (records, row.record)):
        for name, value in fields.items():
            lines[name] = value
    lists = np.array(row.lists, dtype=np.uint32)
    return Side(heads, records, lists, numbering.amounts.lines, brows=brows)


def query_of(
    asker: Side,
    near: Rows,
    *,
    bits: int,
    forward: bool,
    today: date,
    by_category: Rows = NOTHING,
    implied_ewc: Rows = NO_CODES,
    implied_cpv: Rows = NO_CODES,
) -> Query:
    """What is worked out of the asker, whose categories are so near to each; `bits` say what it asks or serves."""
    terms, factor, shift, signed, sums, most_text = tables_of(asker.heads, asker.pool, WORD_PARTS, HALF_TEXT)
    return Query(
        kinds=bits,
        near=near,
        terms=terms,
        factor=factor,
        shift=shift,
        bits=signed,
        sums=sums,
        most_text=most_text,
        by_category=by_category,
        implied_ewc=implied_ewc,
        implied_cpv=implied_cpv,
        forward=forward,
        today=today.toordinal() - EPOCH_ORDINAL,
    )


@compiled
def tables_of(heads, pool, word_parts, half):  # type: ignore[no-untyped-def]
    """Of the asker's words: the table with its factor and shift, what signatures are asked, and what sharing all of
    them would be worth, 0 to 1.
    """
    words, parts = pool[: heads[0].words], 0.0
    for packed in words:
        parts += packed & np.uint32(255)
    text = parts / word_parts
    return *table_of(words), *bits_and_sums(words), text / (text + half)


def numbers_of(known: Iterable[str]) -> list[int]:
    """Categories by their numbers."""
    return [category_numbers()[each] for each in known]


def near_to(known: Iterable[int], inferred: Iterable[int]) -> Rows:
    """How near each category is to the nearest of these."""
    all_of_them, near = proximities(), np.zeros(no_category() + 1)
    for number in known:
        np.maximum(near, all_of_them[number], out=near)
    for number in inferred:
        np.maximum(near, all_of_them[number] * INFERRED, out=near)
    return near


def worth_of_codes(ewc: tuple[str, ...], cpv: tuple[str, ...], rules: Rules) -> Rows:
    """What each category is worth by the codes that a demand asks for."""
    best = np.zeros(no_category() + 1)
    for codes, worth, of_categories in (
        (ewc, rules.ewc_worth, codes_of_categories("ewc")),
        (cpv, rules.cpv_worth, codes_of_categories("cpv")),
    ):
        packed = np.array([packed_code(code) for code in codes], dtype=np.uint32)
        worth_by_codes(packed, worth, *of_categories, FROM_CATEGORY, best)
    return best


def implied_codes(known: Iterable[str], scheme: CodeScheme) -> Rows:
    """The codes that categories stand for."""
    codes = (plain_code(code, scheme) for each in known for code in _codes(each, scheme))
    return np.array([packed_code(code) for code in codes], dtype=np.uint32)


@cache
def codes_of_categories(scheme: CodeScheme) -> tuple[Rows, Rows]:
    """Where the codes of each category begin, and the codes."""
    codes = [[packed_code(plain_code(code, scheme)) for code in _codes(each, scheme)] for each in categories()]
    starts = np.cumsum([0, *(len(each) for each in codes)])
    return starts.astype(np.int64), np.array([code for each in codes for code in each], dtype=np.uint32)


def _codes(category_id: str, scheme: CodeScheme) -> tuple[str, ...]:
    return category(category_id).ewc if scheme == "ewc" else category(category_id).cpv
