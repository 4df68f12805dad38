"""The market in the compiled index: the columns become its records, pool and zone rows at once."""

from datetime import date
from typing import Any

import numpy as np

from deploy.bench.market.making import AREA_KINDS, TODAY, TRADE_WORDS, Column, Postings, communes
from services.matching.index.compiled.asking import Asked, around, asked_around, asked_at, within
from services.matching.index.compiled.encoding import Row, ZoneRow
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
    BROW,
    DEMAND,
    DISTANCE_COUNTS,
    EARLIEST,
    EPOCH_ORDINAL,
    EPOCH_SECONDS,
    HEAD,
    LATEST,
    LEVEL,
    NO_LEVEL,
    PLAIN,
    QUANTITY_COUNTS,
    SOCIAL,
    SPHERE,
    SUPPLY,
    UNTOLD,
    ZONE,
    Rows,
)
from services.matching.index.compiled.numbering import Numbering, OnceEach
from services.matching.index.compiled.passes import Rules, Side
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
    engine.supplies = _fill(engine.supplies, _supply_records(engine, offers), offers, *_supply_zones(engine, offers))
    return engine


def add_needs(engine: Engine, needs: Postings) -> None:
    """Let it hold these needs as well."""
    records = np.zeros(len(needs), dtype=DEMAND)
    shared_fields(records, needs)
    records["radius"] = np.where(needs.radius_km > 0, needs.radius_km, -1)
    records["amount"] = [engine.numbering.amounts.get((value, value, 1, 1), 0) for value in needs.capacity_kg]
    records["service"] = UNTOLD
    places = _points(needs)
    keys = np.array([cell(POINTS, a, b) for a, b in zip(needs.latitude, needs.longitude, strict=True)])
    rim = engine.numbering.rim
    zones = [_zones(needs, np.arange(len(needs)), places, rim(COVERS_NOTHING, COVERS_NOTHING))]
    cells = [keys]
    for kind in range(len(AREA_KINDS)):
        cells.append(_area_cells(engine, needs.commune, kind))
        zones.append(_zones(needs, np.arange(len(needs)), places, rim(COVERS_ALL, COVERS_ALL)))
    engine.demands = _fill(engine.demands, records, needs, np.concatenate(cells), np.concatenate(zones))


def _number_amounts(engine: Engine, offers: Postings) -> None:
    values = np.unique(offers.capacity_kg[offers.capacity_kg > 0])
    amounts = np.zeros(len(values) + 1, dtype=AMOUNT)
    amounts["value"][1:] = amounts["monthly"][1:] = values
    amounts["unit"][1:] = amounts["once"][1:] = 1
    engine.numbering.amounts = OnceEach(amounts)


def _supply_records(engine: Engine, offers: Postings) -> Rows:
    records = np.zeros(len(offers), dtype=SUPPLY)
    shared_fields(records, offers)
    values = engine.numbering.amounts.lines["value"]
    records["capacity"] = np.where(offers.capacity_kg > 0, np.searchsorted(values, offers.capacity_kg), 0)
    records["flags"] = flags_of(offers.social)
    return records


def flags_of(social: Any) -> Any:
    """The flags of offers of which only the social rank is told."""
    return social << SOCIAL | NO_LEVEL << LEVEL


def shared_fields(records: Rows, postings: Postings) -> None:
    """What offers and needs have in common; ids are their numbers, from 1 on."""
    number = len(postings)
    records["id_high"], records["id_low"] = np.arange(1, number + 1), np.arange(1, number + 1)
    records["entity"] = records["organisation"] = postings.entity
    points = _points(postings)
    records["x"], records["y"], records["z"] = np.rint(points * SPHERE)
    records["published"] = 1.79e9 - EPOCH_SECONDS - postings.age_days * 86_400
    records["opens"] = np.where(postings.opens == 0, EARLIEST, postings.opens)
    records["closes"] = np.where(postings.closes == 65_535, LATEST, postings.closes)


def own_words(words: Column) -> Column:
    """Which words belong to a trade."""
    own: Column = words <= len(categories()) * TRADE_WORDS
    return own


def lists_of(postings: Postings, row: int) -> Rows:
    """The pool's numbers of one row: its words with their weights."""
    words = np.unique(postings.words[row])
    return words.astype(np.uint32) << 8 | np.where(own_words(words), HEAVY, LIGHT).astype(np.uint32)


def brows_of(postings: Postings) -> Rows:
    """What is read first of the rows."""
    brows = np.zeros(len(postings), dtype=BROW)
    brows["first"], brows["second"] = postings.trade, postings.second
    brows["counts"] = PLAIN | DISTANCE_COUNTS | np.where(postings.capacity_kg > 0, QUANTITY_COUNTS, 0)
    return brows


def _points(postings: Postings) -> Column:
    phi, theta = np.radians(postings.latitude), np.radians(postings.longitude)
    return np.array([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])


def _zones(postings: Postings, slots: Column, places: Column, rim: int) -> Rows:
    zones = np.zeros(len(slots), dtype=ZONE)
    zones["x"], zones["y"], zones["z"] = places[:, slots]
    zones["rim"], zones["slot"] = rim, slots
    zones["opens"], zones["closes"] = postings.opens[slots], postings.closes[slots]
    return zones


def _supply_zones(engine: Engine, offers: Postings) -> tuple[Column, Rows]:
    places, rim = _points(offers), engine.numbering.rim
    cells, zones = [], []
    for radius in np.unique(offers.radius_km[offers.area < 0]):
        slots = np.flatnonzero((offers.area < 0) & (offers.radius_km == radius))
        km = float(radius)
        cells.append(_cells(level_of(km), offers, slots))
        zones.append(_zones(offers, slots, places, rim(square_chord(km), square_chord(km + margin_of(km)))))
    slots = np.flatnonzero(offers.area >= 0)
    cells.append(_cells(OWN_PLACES, offers, slots))
    zones.append(_zones(offers, slots, places, rim(COVERS_NOTHING, square_chord(OWN_PLACE_KM))))
    for kind in range(len(AREA_KINDS)):
        slots = np.flatnonzero(offers.area == kind)
        cells.append(_area_cells(engine, offers.commune[slots], kind))
        zones.append(_zones(offers, slots, places, rim(COVERS_ALL, COVERS_ALL)))
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


def _fill(rack: Rack, records: Rows, postings: Postings, cells: Column, zones: Rows) -> Rack:
    lists = [lists_of(postings, row) for row in range(len(postings))]
    heads = np.zeros(len(postings), dtype=HEAD)
    heads["at"] = np.cumsum([0, *(len(each) for each in lists[:-1])])
    heads["words"] = [len(each) for each in lists]
    keys = key_of(cells, postings.asks[zones["slot"]])
    order = np.argsort(keys, kind="stable")
    rack.take(brows_of(postings), heads, records, np.concatenate(lists), Tier.of(keys[order], zones[order]))
    return rack.side_by_side()


class Asker:
    """Asks the index about the first postings of a market: needs for offers, or offers for needs.

    Each is a row of its own before anybody is asked: the peers are given theirs so as well.
    """

    def __init__(self, engine: Engine, postings: Postings, dtype: "np.dtype[Any]", *, number: int) -> None:
        self.engine, self.postings = engine, postings
        self.text_rules = text_only(engine.rules)
        self.today = date.fromordinal(EPOCH_ORDINAL + TODAY)
        asks = self._need if dtype == DEMAND else self._offer
        self.asked = [asks(self._alone(row, dtype), row) for row in range(number)]

    def by_text(self, row: int) -> list[int]:
        """Case B: the best fifty by text of those that meet kind, days and place; their numbers."""
        hits = self.engine.search(self.asked[row], most=TOP, misses=0, rules=self.text_rules)
        numbers: list[int] = self.engine.supplies.records["id_low"][hits.slots].tolist()
        return numbers

    def full(self, row: int, *, misses: int = 0) -> Hits:
        """Case D: every constraint and every feature."""
        return self.engine.search(self.asked[row], most=TOP, misses=misses)

    def open_needs(self, row: int) -> Hits:
        """The open needs that an offer fits."""
        return self.engine.search(self.asked[row], most=TOP, misses=0)

    def _need(self, asker: Side, row: int) -> Asked:
        codes = communes()[3][self.postings.commune[row]]
        areas = [self.engine.numbering.areas[area_name(kind, codes)] for kind in range(len(AREA_KINDS))]
        return asked_at(asker, self._place(row), areas, kinds=int(self.postings.asks[row]), today=self.today)

    def _offer(self, asker: Side, row: int) -> Asked:
        postings, own = self.postings, self._place(row)
        km, kind = float(postings.radius_km[row]), int(postings.area[row])
        zone = around(own, km, km + margin_of(km))
        if kind >= 0:
            zone = within(own, self.engine.numbering.areas[area_name(kind, communes()[3][postings.commune[row]])])
        return asked_around(asker, [zone], kinds=int(postings.asks[row]), today=self.today)

    def _place(self, row: int) -> tuple[float, float]:
        return float(self.postings.latitude[row]), float(self.postings.longitude[row])

    def _alone(self, row: int, dtype: "np.dtype[Any]") -> Side:
        record, numbering = np.zeros(1, dtype=dtype), self.engine.numbering
        posting = one_of(self.postings, row)
        shared_fields(record, posting)
        amount = numbering.amounts.get((float(self.postings.capacity_kg[row]),) * 2 + (1, 1), 0)
        if dtype == DEMAND:
            record["radius"], record["amount"] = self.postings.radius_km[row] or -1, amount
            record["service"] = UNTOLD
        else:
            record["capacity"], record["flags"] = amount, flags_of(self.postings.social[row])
        lists = lists_of(self.postings, row)
        head = np.zeros(1, dtype=HEAD)
        head["words"] = len(lists)
        return Side(head, record, lists, numbering.amounts.lines, brows=brows_of(posting))


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


def made_rows(offers: Postings, numbering: Numbering, number: int) -> list[Row]:
    """The first offers again under new ids, as the index takes them one by one."""
    rows = []
    for row in range(number):
        records = np.zeros(1, dtype=SUPPLY)
        offer = one_of(offers, row)
        shared_fields(records, offer)
        lists, brow = lists_of(offers, row), brows_of(offer)[0]
        fields = {name: records[name][0] for name in SUPPLY.names or ()}
        changed = {"id_high": row + 1, "id_low": 10_000_000 + row, "flags": flags_of(0)}
        at, km = (float(offers.latitude[row]), float(offers.longitude[row])), float(offers.radius_km[row]) or 10.0
        bits = int(offers.asks[row])
        key = key_of(cell(level_of(km), *at), bits)
        zone = ZoneRow(key, *unit_vector(*at), numbering.rim(square_chord(km), square_chord(km + margin_of(km))))
        said = {name: brow[name] for name in BROW.names or ()}
        rows.append(Row(bits, said, {"words": len(lists)}, fields | changed, list(lists), [zone]))
    return rows
