"""Both ways through the compiled index: the supplies for a demand, and the demands for a supply."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np

from services.matching.index.compiled.encoding import areas_of, row_of_demand, row_of_supply
from services.matching.index.compiled.evidence import fill_terms, worth_by_codes
from services.matching.index.compiled.gathering import begin, gather
from services.matching.index.compiled.geometry import (
    COVERS_ALL,
    COVERS_NOTHING,
    POINTS,
    area_cell,
    cells_of_point,
    cells_within,
    room_for_runs,
    rows_of_cells,
    square_chord,
    unit_vector,
)
from services.matching.index.compiled.kernel import judge_all
from services.matching.index.compiled.layout import DEMAND, EPOCH_ORDINAL, FOR_EVER, SUPPLY, Rows
from services.matching.index.compiled.numbering import Numbering, category_numbers, packed_code
from services.matching.index.compiled.passes import Found, Query, Rules, Side, Working
from services.matching.index.compiled.rack import Rack
from services.matching.index.compiled.rules import proximities
from services.matching.index.compiled.suiting import keep_best
from services.matching.ranking.constraints import OWN_PLACE_KM, margin_km
from services.matching.ranking.features import FROM_CATEGORY, INFERRED
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.sides import Side as Posting
from shared.events.reasons import Constraint
from shared.territory.place import Radius
from shared.vocabulary import CodeScheme, categories, category, plain_code

MOST_RUNS = 512
GAPS: Final = (
    None,
    Constraint.AREA,
    Constraint.RADIUS,
    Constraint.WINDOW,
    Constraint.PERMIT,
    Constraint.LEGAL_STATUS,
    Constraint.ELIGIBILITY,
    Constraint.SUPPLIER_KIND,
    Constraint.MINIMUM,
    Constraint.PAUSED,
)
"""The constraints as the passes number them."""


class Hit(NamedTuple):
    """A row that fits, or almost: its slot, its score, and the number of the constraint that fails (0 for a match)."""

    slot: int
    score: int
    gap: int


class Hits(NamedTuple):
    """The best matches and near misses, best first, and how many match in all."""

    matches: list[Hit]
    misses: list[Hit]
    total: int


class Engine:
    """Supplies and demands side by side; whoever searches does so from one thread."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.numbering = Numbering()
        self.supplies = Rack(SUPPLY, self.numbering)
        self.demands = Rack(DEMAND, self.numbering)
        self._runs = room_for_runs(MOST_RUNS)
        self._asked = room_for_runs(MOST_RUNS)

    def supplies_for(self, demand: Demand, *, today: date, most: int, misses: int) -> Hits:
        """The supplies that fit a demand, and those that almost do."""
        row = row_of_demand(demand, self.numbering)
        asker = alone(row.record, row.lists, DEMAND, self.numbering)
        query = self._query(demand, asker, today, forward=True)
        place = demand.place
        at = (*unit_vector(place.latitude, place.longitude), COVERS_NOTHING, COVERS_NOTHING)
        count = cells_of_point(place.latitude, place.longitude, 0, self._asked, 0)
        for area in areas_of(place):
            number = area_cell(self.numbering.areas[area])
            self._asked[count] = (number, number, 0)
            count += 1
        return self._search(self.supplies, asker, query, centres=[at], cells=count, most=most, misses=misses)

    def demands_for(self, supply: Supply, *, today: date, most: int, misses: int) -> Hits:
        """The demands that a supply fits, and those that it almost does."""
        row = row_of_supply(supply, self.numbering)
        asker = alone(row.record, row.lists, SUPPLY, self.numbering)
        query = self._query(supply, asker, today, forward=False)
        centres, count = [], 0
        for centre in self._centres(supply):
            centres.append(centre.geometry)
            if centre.area is not None:
                self._asked[count] = (centre.area, centre.area, len(centres) - 1)
                count += 1
            else:
                count = cells_within(POINTS, *centre.at, centre.km, len(centres) - 1, self._asked, count)
        return self._search(self.demands, asker, query, centres=centres, cells=count, most=most, misses=misses)

    def _centres(self, supply: Supply) -> Iterator["_Centre"]:
        own = (supply.place.latitude, supply.place.longitude)
        for zone in supply.zones:
            if isinstance(zone, Radius):
                near = zone.km + margin_km(zone)
                at = (zone.latitude, zone.longitude)
                yield _Centre(at, near, None, (*unit_vector(*at), square_chord(zone.km), square_chord(near)))
            else:
                number = area_cell(self.numbering.areas[f"{zone.kind} {zone.code}"])
                yield _Centre(own, 0.0, number, (*unit_vector(*own), COVERS_ALL, COVERS_ALL))
        if any(not isinstance(zone, Radius) for zone in supply.zones):
            around = (*unit_vector(*own), COVERS_NOTHING, square_chord(OWN_PLACE_KM))
            yield _Centre(own, OWN_PLACE_KM, None, around)

    def _search(
        self,
        rack: Rack,
        asker: Side,
        query: Query,
        *,
        centres: list[tuple[float, ...]],
        cells: int,
        most: int,
        misses: int,
    ) -> Hits:
        work, count = self._gathered(rack, asker, np.array(centres, dtype=np.float32), cells, near=misses > 0)
        best, almost = heap(most), heap(misses)
        sides = (asker, rack.side()) if query.forward else (rack.side(), asker)
        count = judge_all(*sides, query, self.rules, work, count)
        total = keep_best(rack.records, self.rules, work, count, best, almost)
        return Hits(ordered(best, rack), ordered(almost, rack), int(total))

    def _gathered(self, rack: Rack, asker: Side, centres: Rows, cells: int, *, near: bool) -> tuple[Working, int]:
        record, stamp, work, count = asker.records[0], rack.next_stamp(), rack.work, 0
        span = (record["bits"], max(int(record["opens"]), 0), min(int(record["closes"]), FOR_EVER))
        for tier in rack.segments.tiers:
            if len(tier.keys):
                runs = rows_of_cells(tier.cells, tier.starts, self._asked[:cells], self._runs)
                runs = self._runs[:runs]
                count = gather(tier.zones, runs, centres, span, near, rack.marks, stamp, work.slots, count)
        return work, begin(rack.marks, stamp, rack.alive, work, count)

    def _query(self, side: Posting, asker: Side, today: date, *, forward: bool) -> Query:
        known, inferred = side.categories, side.inferred
        numbers = category_numbers()
        near = np.zeros(len(numbers))
        for each, worth in (*((each, 1.0) for each in known), *((each, INFERRED) for each in inferred)):
            np.maximum(near, proximities()[numbers[each]] * worth, out=near)
        by_category, implied_ewc, implied_cpv = NOTHING, NO_CODES, NO_CODES
        if forward and (side.ewc or side.cpv):
            by_category = np.zeros(len(numbers))
            _raise_by_codes("ewc", side.ewc, self.rules.ewc_worth, by_category)
            _raise_by_codes("cpv", side.cpv, self.rules.cpv_worth, by_category)
        elif not forward:
            implied_ewc = _implied(known, "ewc")
            implied_cpv = _implied(known, "cpv")
        words = asker.pool[len(asker.pool) - int(asker.records[0]["words"]) :]
        terms = np.zeros(term_room(len(words)), dtype=np.uint32)
        fill_terms(terms, words)
        return Query(near, terms, by_category, implied_ewc, implied_cpv, forward, today.toordinal() - EPOCH_ORDINAL)


def _raise_by_codes(scheme: CodeScheme, codes: tuple[str, ...], worth: Rows, best: Rows) -> None:
    packed = np.array([packed_code(code) for code in codes], dtype=np.uint32)
    worth_by_codes(packed, worth, *codes_of_categories(scheme), FROM_CATEGORY, best)


class _Centre(NamedTuple):
    at: tuple[float, float]
    km: float
    area: int | None
    geometry: tuple[float, ...]


NOTHING = np.zeros(0)
NO_CODES = np.zeros(0, dtype=np.uint32)


def term_room(words: int) -> int:
    """A table that is nearly empty: a word that is not in it is missed at the first look."""
    return max(1024, 1 << (16 * words).bit_length())


def alone(record: dict[str, object], lists: list[int], dtype: np.dtype, numbering: Numbering) -> Side:
    """A side of one row: the asker."""
    records = np.zeros(1, dtype=dtype)
    for name, value in record.items():
        records[name] = value
    return Side(records, np.array(lists, dtype=np.uint32), numbering.amounts)


def heap(most: int) -> Found:
    """Room for so many."""
    return Found(
        np.zeros(most), np.zeros(most, dtype=np.int64), np.zeros(most, dtype=np.int64), np.zeros(1, dtype=np.int64)
    )


def ordered(found: Found, rack: Rack) -> list[Hit]:
    """What a heap holds, best first; equal scores by id."""
    size = int(found.size[0])
    records = rack.records[found.slots[:size]]
    order = np.lexsort((records["id_low"], records["id_high"], -found.scores[:size]))
    scores, slots, gaps = found.scores[:size][order], found.slots[:size][order], found.gaps[:size][order]
    return [Hit(*hit) for hit in zip(slots.tolist(), scores.astype(int).tolist(), gaps.tolist(), strict=True)]


def _implied(known: tuple[str, ...], scheme: CodeScheme) -> Rows:
    codes = (plain_code(code, scheme) for each in known for code in _codes(each, scheme))
    return np.array([packed_code(code) for code in codes], dtype=np.uint32)


def _codes(category_id: str, scheme: CodeScheme) -> tuple[str, ...]:
    return category(category_id).ewc if scheme == "ewc" else category(category_id).cpv


@cache
def codes_of_categories(scheme: CodeScheme) -> tuple[Rows, Rows]:
    """Where the codes of each category begin, and the codes."""
    codes = [[packed_code(plain_code(code, scheme)) for code in _codes(each, scheme)] for each in categories()]
    starts = np.cumsum([0, *(len(each) for each in codes)])
    return starts.astype(np.int64), np.array([code for each in codes for code in each], dtype=np.uint32)


def ids_of(hits: list[Hit], rack: Rack) -> list[UUID]:
    """The ids of what was found."""
    return rack.ids_of(hit.slot for hit in hits)
