"""From a side of the ranking to a row: its record, its list of numbers, and where its zones lie."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

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
    CODES_COUNT,
    DISTANCE_COUNTS,
    EARLIEST,
    EPOCH_ORDINAL,
    EPOCH_SECONDS,
    FOR_EVER,
    IS_FLOW,
    LATEST,
    LEVEL,
    LEVEL_COUNTS,
    MAY_ISSUE_RECEIPTS,
    NO_LEVEL,
    PAUSED,
    PLAIN,
    PUBLIC_TENDER,
    QUANTITY_COUNTS,
    RECEIPT_WANTED,
    SERVICE_COUNTS,
    SOCIAL,
    SPHERE,
    UNTOLD,
    WASTE,
)
from services.matching.index.compiled.numbering import (
    ASKS,
    LEVELS,
    SERVICES,
    Numbering,
    category_numbers,
    halves,
    no_category,
    packed_code,
    pair_of,
    short,
)
from services.matching.ranking.constraints import OWN_PLACE_KM, margin_of, permit_profile
from services.matching.ranking.features import WORD_PARTS, social_rank
from services.matching.ranking.sides import Demand, Side, Supply
from shared.territory.place import COUNTRY, Area, Place, Radius

OTHER_SERVICE = 7
"""A service type of a newer vocabulary: a bit that no supply has."""


class ZoneRow(NamedTuple):
    """A zone row before it is sorted: its key, its centre, and the number of how far it reaches."""

    key: int
    x: float
    y: float
    z: float
    rim: int


class Row(NamedTuple):
    """A side as the index keeps it; `lists` goes to the pool, `bits` say what it serves or asks."""

    bits: int
    brow: dict[str, int]
    head: dict[str, int]
    record: dict[str, Any]
    lists: list[int]
    zones: list[ZoneRow]


def row_of_supply(supply: Supply, numbering: Numbering, *, asks: bool = False) -> Row:
    """A supply: a row for each zone, and one for where it would be near if its areas covered the place.

    Of one that only asks nobody looks for its zones.
    """
    bits = _bits(supply.serves)
    permits = [
        part
        for each in supply.permits
        for part in (numbering.permits[each.code], _day_after(each.expires_on) if each.expires_on else 0)
    ]
    blocked = [part for each in supply.blocked for part in pair_of(short(each))]
    record = _shared_record(supply) | {
        "kinds": numbering.kind_bits(supply.supplier_kinds),
        "capacity": numbering.amount(supply.capacity),
        "minimum": numbering.amount(supply.minimum),
        "epci": numbering.epci(supply.place),
        "services": sum(1 << SERVICES[each] for each in supply.service_types if each in SERVICES),
        "flags": PAUSED * supply.paused
        | MAY_ISSUE_RECEIPTS * supply.may_issue_receipts
        | social_rank(supply) << SOCIAL
        | (NO_LEVEL if supply.level is None else LEVELS[supply.level]) << LEVEL,
    }
    brow, head, lists = _head(supply, len(supply.permits), numbering)
    brow["counts"] = PLAIN * (not supply.paused and not record["minimum"] and _days_fit(record))
    head["blocked"] = len(supply.blocked)
    zones = [] if asks else [*supply_zones(supply, bits, numbering)]
    return Row(bits, brow, head, record, [*lists, *permits, *blocked], zones)


def row_of_demand(demand: Demand, numbering: Numbering, *, asks: bool = False) -> Row:
    """A demand: a row where it lies, and one in each area that holds it; none of one that only asks."""
    bits = _bits((demand.asks,))
    permits = [numbering.permits[code] for code in demand.permits]
    profile = [numbering.permits[code] for code in permit_profile(demand)] if demand.is_waste else []
    hazardous = _codes(demand.hazardous)
    record = _shared_record(demand) | {
        "kinds": numbering.kind_bits(demand.supplier_kinds),
        "radius": -1.0 if demand.radius_km is None else float(demand.radius_km),
        "amount": numbering.amount(demand.amount),
        "minimum": numbering.amount(demand.minimum),
        "profile": len(profile),
        "hazardous": len(hazardous),
        "flags": PUBLIC_TENDER * demand.public_tender
        | RECEIPT_WANTED * demand.receipt_wanted
        | WASTE * demand.is_waste
        | IS_FLOW * (demand.kind == "flow"),
        "service": UNTOLD if demand.service_type is None else SERVICES.get(demand.service_type, OTHER_SERVICE),
        "levels": sum(1 << LEVELS[each] for each in set(demand.all_levels)),
    }
    brow, head, lists = _head(demand, len(permits), numbering)
    brow["counts"] = (
        DISTANCE_COUNTS * (not demand.public_tender)
        | QUANTITY_COUNTS * (demand.amount is not None)
        | SERVICE_COUNTS * (demand.service_type is not None)
        | LEVEL_COUNTS * (demand.kind == "flow")
        | CODES_COUNT * bool(demand.ewc or demand.cpv)
        | PLAIN * (not demand.permits and _wants_nobody_special(record) and _days_fit(record))
    )
    zones = [] if asks else [*demand_zones(demand, bits, numbering)]
    return Row(bits, brow, head, record, [*lists, *permits, *profile, *hazardous], zones)


def supply_zones(supply: Supply, bits: int, numbering: Numbering) -> Iterator[ZoneRow]:
    """Where a supply is found."""
    own = supply.place
    for zone in supply.zones:
        if isinstance(zone, Radius):
            at = unit_vector(zone.latitude, zone.longitude)
            key = key_of(cell(level_of(zone.km), zone.latitude, zone.longitude), bits)
            around_own = (zone.latitude, zone.longitude) == (own.latitude, own.longitude)
            reach, near = square_chord(zone.km), square_chord(zone.km + margin_of(zone.km))
            rim = numbering.rim(reach, near, own=around_own)
            yield ZoneRow(key, *at, rim)
        else:
            key = key_of(area_cell(numbering.areas[f"{zone.kind} {zone.code}"]), bits)
            yield ZoneRow(key, *unit_vector(own.latitude, own.longitude), numbering.rim(COVERS_ALL, COVERS_ALL))
    if any(isinstance(zone, Area) for zone in supply.zones):
        at = unit_vector(own.latitude, own.longitude)
        key = key_of(cell(OWN_PLACES, own.latitude, own.longitude), bits)
        yield ZoneRow(key, *at, numbering.rim(COVERS_NOTHING, square_chord(OWN_PLACE_KM)))


def demand_zones(demand: Demand, bits: int, numbering: Numbering) -> Iterator[ZoneRow]:
    """Where a demand is found."""
    at = unit_vector(demand.place.latitude, demand.place.longitude)
    key = key_of(cell(POINTS, demand.place.latitude, demand.place.longitude), bits)
    yield ZoneRow(key, *at, numbering.rim(COVERS_NOTHING, COVERS_NOTHING))
    everywhere = numbering.rim(COVERS_ALL, COVERS_ALL)
    for area in areas_of(demand.place):
        yield ZoneRow(key_of(area_cell(numbering.areas[area]), bits), *at, everywhere)


def areas_of(place: Place) -> list[str]:
    """The administrative areas that hold a place."""
    codes = {
        "commune": place.commune_code,
        "epci": place.epci_code,
        "department": place.department_code,
        "region": place.region_code,
        "country": COUNTRY,
    }
    return [f"{kind} {code}" for kind, code in codes.items() if code]


def packed_words(side: Side, numbering: Numbering) -> list[int]:
    """Each word's number × 256 + its parts of weight."""
    parts = {stem: round(weight * WORD_PARTS) for stem, weight in side.words.items()}
    return [numbering.terms[stem] << 8 | weight for stem, weight in parts.items() if weight > 0]


def days_of(row: Any) -> tuple[int, int]:
    """The window of a record as zone rows keep it; generous where it does not fit."""
    opens = 0 if row["opens"] == EARLIEST else min(max(int(row["opens"]), 0), FOR_EVER)
    closes = FOR_EVER if row["closes"] == LATEST else min(max(int(row["closes"]), 0), FOR_EVER)
    return opens, closes


def _days_fit(record: dict[str, Any]) -> bool:
    """The zone rows tell the window as it is."""
    opens, closes = days_of(record)
    return record["opens"] in (opens, EARLIEST) and record["closes"] in (closes, LATEST)


def _wants_nobody_special(record: dict[str, Any]) -> bool:
    """A demand without conditions on who takes it, how much, from where, or by which permits."""
    flags = RECEIPT_WANTED | WASTE
    return not (record["kinds"] or record["minimum"] or record["flags"] & flags) and record["radius"] < 0


def _head(side: Side, permits: int, numbering: Numbering) -> tuple[dict[str, int], dict[str, int], list[int]]:
    """What is read first of a row, its head, and the lists that both sides have."""
    words = packed_words(side, numbering)
    known, inferred = _categories(side)
    ewc, cpv = _codes(side.ewc), _codes(side.cpv)
    (first, second), further = ([*known, no_category(), no_category()][:2], known[2:])
    brow = {"first": first, "second": second, "more": bool(further or inferred)}
    head = {
        "words": len(words),
        "known": len(further),
        "inferred": len(inferred),
        "ewc": len(ewc),
        "cpv": len(cpv),
        "permits": permits,
    }
    return brow, head, [*words, *further, *inferred, *ewc, *cpv]


def _shared_record(side: Side) -> dict[str, Any]:
    high, low = halves(side.id)
    x, y, z = (round(each * SPHERE) for each in unit_vector(side.place.latitude, side.place.longitude))
    starts, ends = side.window.starts_on, side.window.ends_on
    return {
        "id_high": high,
        "id_low": low,
        "entity": short(side.legal_entity_id),
        "organisation": short(side.organisation_id),
        "x": x,
        "y": y,
        "z": z,
        "published": int(side.published_at.timestamp()) - EPOCH_SECONDS,
        "opens": EARLIEST if starts is None else day_number(starts),
        "closes": LATEST if ends is None else day_number(ends),
    }


def _categories(side: Side) -> tuple[list[int], list[int]]:
    numbers = category_numbers()
    return [numbers[each] for each in side.categories], [numbers[each] for each in side.inferred]


def _codes(codes: Iterable[str]) -> list[int]:
    return [packed_code(code) for code in codes]


def _bits(asks: Iterable[str]) -> int:
    return sum(ASKS[each] for each in set(asks))


def _day_after(last: date) -> int:
    """The day after a permit's last; 0 is for ever, so whatever ended before 2000 ended on its first day."""
    return max(day_number(last) + 1, 1)


def day_number(on: date) -> int:
    """A day as records count it."""
    return on.toordinal() - EPOCH_ORDINAL
