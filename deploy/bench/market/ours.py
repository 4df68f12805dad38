"""The market in the compiled index: the columns become its records, pool and zone rows at once."""

from datetime import date
from typing import Any

import numpy as np

from deploy.bench.market.making import AREA_KINDS, TODAY, TRADE_WORDS, Column, Postings, communes
from services.matching.index.compiled.asking import (
    Asked,
    Centre,
    asked_around,
    asked_at,
    near_to,
    query_of,
)
from services.matching.index.compiled.encoding import Row, ZoneRow, in_fours
from services.matching.index.compiled.geometry import (
    COVERS_ALL,
    COVERS_NOTHING,
    OWN_PLACES,
    POINTS,
    area_cell,
    cell,
    key_of,
    level_of,
    square_chord,
    unit_vector,
)
from services.matching.index.compiled.layout import (
    AMOUNT,
    DEMAND,
    DISTANCE_COUNTS,
    EARLIEST,
    EPOCH_ORDINAL,
    HEAD,
    LATEST,
    PLAIN,
    QUANTITY_COUNTS,
    SUPPLY,
    UNTOLD,
    ZONE,
    Rows,
)
from services.matching.index.compiled.passes import Query, Rules, Side
from services.matching.index.compiled.rack import Rack
from services.matching.index.compiled.searching import Engine, Hits
from services.matching.index.compiled.segments import Tier
from services.matching.ranking.constraints import OWN_PLACE_KM, margin_of
from shared.vocabulary import categories

TOP = 50
HEAVY, LIGHT = 180, 90
"""Parts of weight, of 200, of the words of a trade and of everybody's."""


def filled(offers: Postings, rules: Any) -> Engine:
    """An engine that holds these offers."""
    engine = Engine(rules)
    engine.numbering.units["kg"]
    _number_amounts(engine, offers)
    _fill(engine.supplies, _supply_records(engine, offers), offers, *_supply_zones(engine, offers))
    return engine


def add_needs(engine: Engine, needs: Postings) -> None:
    """Let it hold these needs as well."""
    records = np.zeros(len(needs), dtype=DEMAND)
    shared_fields(records, needs)
    records["radius"] = np.where(needs.radius_km > 0, needs.radius_km, -1)
    records["amount"] = [engine.numbering.known_amounts.get((value, value, 1, 1), 0) for value in needs.capacity_kg]
    records["service"] = UNTOLD
    places = _points(needs)
    keys = np.array([cell(POINTS, a, b) for a, b in zip(needs.latitude, needs.longitude, strict=True)])
    zones = [_zones(needs, np.arange(len(needs)), places, COVERS_NOTHING, COVERS_NOTHING)]
    cells = [keys]
    for kind in range(len(AREA_KINDS)):
        cells.append(_area_cells(engine, needs.commune, kind))
        zones.append(_zones(needs, np.arange(len(needs)), places, COVERS_ALL, COVERS_ALL))
    _fill(engine.demands, records, needs, np.concatenate(cells), np.concatenate(zones))


def _number_amounts(engine: Engine, offers: Postings) -> None:
    numbering = engine.numbering
    values = np.unique(offers.capacity_kg[offers.capacity_kg > 0])
    numbering.amounts = np.zeros(len(values) + 1, dtype=AMOUNT)
    numbering.amounts["value"][1:] = numbering.amounts["monthly"][1:] = values
    numbering.amounts["unit"][1:] = numbering.amounts["once"][1:] = 1
    numbering.said_amounts = len(values) + 1
    numbering.known_amounts = {(float(v), float(v), 1, 1): n for n, v in enumerate(values, start=1)}


def _supply_records(engine: Engine, offers: Postings) -> Rows:
    records = np.zeros(len(offers), dtype=SUPPLY)
    shared_fields(records, offers)
    values = engine.numbering.amounts["value"]
    records["capacity"] = np.where(offers.capacity_kg > 0, np.searchsorted(values, offers.capacity_kg), 0)
    records["social"], records["level"] = offers.social, UNTOLD
    return records


def shared_fields(records: Rows, postings: Postings) -> None:
    """What offers and needs have in common; ids are their numbers, from 1 on."""
    number = len(postings)
    records["id_high"], records["id_low"] = np.arange(1, number + 1), np.arange(1, number + 1)
    records["entity"] = records["organisation"] = postings.entity
    points = _points(postings)
    records["x"], records["y"], records["z"] = points
    records["published"] = 1.79e9 - postings.age_days * 86_400
    records["opens"] = np.where(postings.opens == 0, EARLIEST, postings.opens)
    records["closes"] = np.where(postings.closes == 65_535, LATEST, postings.closes)


def own_words(words: Column) -> Column:
    """Which words belong to a trade."""
    own: Column = words <= len(categories()) * TRADE_WORDS
    return own


def lists_of(postings: Postings, row: int) -> Rows:
    """The pool's numbers of one row: its words with their weights."""
    words = np.unique(postings.words[row])
    packed = words.astype(np.uint32) << 8 | np.where(own_words(words), HEAVY, LIGHT).astype(np.uint32)
    return np.array(in_fours(packed.tolist()), dtype=np.uint32)


def head_of(postings: Postings, row: int, lists: Rows) -> dict[str, int]:
    """The head of one row with these lists."""
    counts = PLAIN | DISTANCE_COUNTS | (QUANTITY_COUNTS if postings.capacity_kg[row] else 0)
    named = {"first": int(postings.trade[row]), "second": int(postings.second[row])}
    return named | {"fours": len(lists) // 4, "bits": int(postings.asks[row]), "counts": counts}


def _points(postings: Postings) -> Column:
    phi, theta = np.radians(postings.latitude), np.radians(postings.longitude)
    return np.array([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])


def _zones(postings: Postings, slots: Column, places: Column, reach: Any, near: Any) -> Rows:
    zones = np.zeros(len(slots), dtype=ZONE)
    zones["x"], zones["y"], zones["z"] = places[:, slots]
    zones["reach"], zones["near"], zones["slot"] = reach, near, slots
    zones["opens"], zones["closes"] = postings.opens[slots], postings.closes[slots]
    return zones


def _supply_zones(engine: Engine, offers: Postings) -> tuple[Column, Rows]:
    places = _points(offers)
    cells, zones = [], []
    for radius in np.unique(offers.radius_km[offers.area < 0]):
        slots = np.flatnonzero((offers.area < 0) & (offers.radius_km == radius))
        km = float(radius)
        cells.append(_cells(level_of(km), offers, slots))
        zones.append(_zones(offers, slots, places, square_chord(km), square_chord(km + margin_of(km))))
    slots = np.flatnonzero(offers.area >= 0)
    cells.append(_cells(OWN_PLACES, offers, slots))
    zones.append(_zones(offers, slots, places, COVERS_NOTHING, square_chord(OWN_PLACE_KM)))
    for kind in range(len(AREA_KINDS)):
        slots = np.flatnonzero(offers.area == kind)
        cells.append(_area_cells(engine, offers.commune[slots], kind))
        zones.append(_zones(offers, slots, places, COVERS_ALL, COVERS_ALL))
    return np.concatenate(cells), np.concatenate(zones)


def area_name(kind: int, codes: tuple[str, ...]) -> str:
    """An administrative area as all engines call it."""
    return "country FR" if kind == len(AREA_KINDS) - 1 else f"{AREA_KINDS[kind]} {codes[kind]}"


def _cells(level: int, postings: Postings, slots: Column) -> Column:
    at = zip(postings.latitude[slots], postings.longitude[slots], strict=True)
    return np.array([cell(level, latitude, longitude) for latitude, longitude in at], dtype=np.int64)


def _area_cells(engine: Engine, where: Column, kind: int) -> Column:
    codes = communes()[3]
    names = ["country FR" if kind == 4 else f"{AREA_KINDS[kind]} {codes[each][kind]}" for each in where]
    return np.array([area_cell(engine.numbering.areas[name]) for name in names], dtype=np.int64)


def _fill(rack: Rack, records: Rows, postings: Postings, cells: Column, zones: Rows) -> None:
    lists = [lists_of(postings, row) for row in range(len(postings))]
    heads = np.zeros(len(postings), dtype=HEAD)
    heads["at"] = np.cumsum([0, *(len(each) for each in lists[:-1])])
    heads["first"], heads["second"] = postings.trade, postings.second
    heads["fours"] = [len(each) // 4 for each in lists]
    heads["bits"] = postings.asks
    heads["counts"] = PLAIN | DISTANCE_COUNTS | np.where(postings.capacity_kg > 0, QUANTITY_COUNTS, 0)
    keys = key_of(cells, postings.asks[zones["slot"]])
    order = np.argsort(keys, kind="stable")
    rack.take(heads, records, np.concatenate(lists), Tier.of(keys[order], zones[order]))
    rack.repack()


class Asker:
    """Asks the index about the first postings of a market: needs for offers, or offers for needs.

    Each is a row of its own before anybody is asked: the peers are given theirs so as well.
    """

    def __init__(self, engine: Engine, postings: Postings, dtype: "np.dtype[Any]", *, number: int) -> None:
        self.engine, self.postings = engine, postings
        self.sides = [self._alone(row, dtype) for row in range(number)]
        self.text_rules = text_only(engine.rules)
        self.today = date.fromordinal(EPOCH_ORDINAL + TODAY)

    def by_text(self, row: int) -> list[int]:
        """Case B: the best fifty by text of those that meet kind, days and place; their numbers."""
        hits = self.engine.search(self.need(row), most=TOP, misses=0, rules=self.text_rules)
        slots = [hit.slot for hit in hits.matches]
        return [int(each) for each in self.engine.supplies.records["id_low"][slots]]

    def full(self, row: int, *, misses: int = 0) -> Hits:
        """Case D: every constraint and every feature."""
        return self.engine.search(self.need(row, near=misses > 0), most=TOP, misses=misses)

    def open_needs(self, row: int) -> Hits:
        """The open needs that an offer fits."""
        return self.engine.search(self.offer(row), most=TOP, misses=0)

    def need(self, row: int, *, near: bool = False) -> Asked:
        """One need, asking."""
        asker = self.sides[row]
        codes = communes()[3][self.postings.commune[row]]
        areas = [self.engine.numbering.areas[area_name(kind, codes)] for kind in range(len(AREA_KINDS))]
        at = (float(self.postings.latitude[row]), float(self.postings.longitude[row]))
        return asked_at(asker, self._query(asker, row, forward=True), at, areas, near=near)

    def offer(self, row: int) -> Asked:
        """One offer, asking."""
        asker, postings = self.sides[row], self.postings
        own = (float(postings.latitude[row]), float(postings.longitude[row]))
        km, kind = float(postings.radius_km[row]), int(postings.area[row])
        centre = Centre(*own, km, km + margin_of(km))
        if kind >= 0:
            name = area_name(kind, communes()[3][postings.commune[row]])
            centre = Centre(*own, 0.0, 0.0, area_cell(self.engine.numbering.areas[name]))
        return asked_around(asker, self._query(asker, row, forward=False), [centre], near=False)

    def _query(self, asker: Side, row: int, *, forward: bool) -> Query:
        near = near_to((self.postings.trade[row], self.postings.second[row]), ())
        return query_of(asker, near, forward=forward, today=self.today)

    def _alone(self, row: int, dtype: "np.dtype[Any]") -> Side:
        record, numbering = np.zeros(1, dtype=dtype), self.engine.numbering
        shared_fields(record, one_of(self.postings, row))
        amount = numbering.known_amounts.get((float(self.postings.capacity_kg[row]),) * 2 + (1, 1), 0)
        if dtype == DEMAND:
            record["radius"], record["amount"] = self.postings.radius_km[row] or -1, amount
            record["service"] = UNTOLD
        else:
            record["capacity"], record["level"], record["social"] = amount, UNTOLD, self.postings.social[row]
        lists = lists_of(self.postings, row)
        head = np.zeros(1, dtype=HEAD)
        for name, value in head_of(self.postings, row, lists).items():
            head[name] = value
        return Side(head, record, lists, numbering.amounts)


def one_of(postings: Postings, row: int) -> Postings:
    """A market of one row."""
    return Postings(**{name: column[row : row + 1] for name, column in vars(postings).items()})


def text_only(rules: Rules) -> Rules:
    """The same with the points of text alone as the score, any shared word being enough."""
    return rules._replace(
        points=np.array([0.0, 0.0, 100.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        floors=np.array([2.0, 2.0, 1e-9]),
        match_from=0.0,
        shown=np.arange(101.0),
    )


def made_rows(offers: Postings, number: int) -> list[Row]:
    """The first offers again under new ids, as the index takes them one by one."""
    rows = []
    for row in range(number):
        records = np.zeros(1, dtype=SUPPLY)
        shared_fields(records, one_of(offers, row))
        lists = lists_of(offers, row)
        fields = {name: records[name][0] for name in records.dtype.names or ()}
        changed = {"id_high": row + 1, "id_low": 10_000_000 + row, "level": UNTOLD}
        at, km = (float(offers.latitude[row]), float(offers.longitude[row])), float(offers.radius_km[row]) or 10.0
        head = head_of(offers, row, lists)
        key = key_of(cell(level_of(km), *at), head["bits"])
        zone = ZoneRow(key, *unit_vector(*at), square_chord(km), square_chord(km + margin_of(km)))
        rows.append(Row(head, fields | changed, list(lists), [zone]))
    return rows
