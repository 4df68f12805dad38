"""Who asks, as plain numbers: the row of one side, and where it is; what a search needs of them, `preparing` tells."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np

from services.matching.index.compiled.encoding import Row, areas_of, day_number
from services.matching.index.compiled.layout import (
    BROW,
    DEMAND,
    HEAD,
    NO_AREA,
    PLACE,
    SUPPLY,
)
from services.matching.index.compiled.numbering import Numbering
from services.matching.index.compiled.passes import Side, Sought
from services.matching.ranking.constraints import OWN_PLACE_KM, margin_of
from services.matching.ranking.sides import Demand, Supply
from shared.territory.place import Radius, Zone

NO_AREAS: Final = np.zeros(0, dtype=np.int64)


class Asked(NamedTuple):
    """A search before it is made: the asker as a side of one row, and what it seeks where."""

    asker: Side
    sought: Sought


def asked_by_demand(demand: Demand, row: Row, numbering: Numbering, *, today: date) -> Asked:
    """Which supplies fit a demand."""
    areas = [numbering.areas[area] for area in areas_of(demand.place)]
    at = (demand.place.latitude, demand.place.longitude)
    return asked_at(alone(row, DEMAND, numbering), at, areas, kinds=row.bits, today=today)


def asked_at(asker: Side, at: tuple[float, float], areas: list[int], *, kinds: int, today: date) -> Asked:
    """A demand at a point that lies in these areas."""
    places = np.array([(*at, 0.0, 0.0, NO_AREA, True)], dtype=PLACE)
    held_by = np.array(areas, dtype=np.int64)
    return Asked(asker, Sought(kinds, places, held_by, forward=True, today=day_number(today)))


def asked_by_supply(supply: Supply, row: Row, numbering: Numbering, *, today: date) -> Asked:
    """Which demands a supply fits."""
    zones = [*_zones_of(supply, numbering)]
    return asked_around(alone(row, SUPPLY, numbering), zones, kinds=row.bits, today=today)


def asked_around(asker: Side, zones: list[tuple[Any, ...]], *, kinds: int, today: date) -> Asked:
    """A supply that works in these zones, as `PLACE` has them."""
    places = np.array(zones, dtype=PLACE)
    return Asked(asker, Sought(kinds, places, NO_AREAS, forward=False, today=day_number(today)))


def _zones_of(supply: Supply, numbering: Numbering) -> Iterator[tuple[Any, ...]]:
    """Its zones, and where it would be near if its areas held the place."""
    own = (supply.place.latitude, supply.place.longitude)
    for zone in supply.zones:
        yield _zone(zone, own, numbering)
    if any(not isinstance(zone, Radius) for zone in supply.zones):
        yield around(own, 0.0, OWN_PLACE_KM)


def _zone(zone: Zone, own: tuple[float, float], numbering: Numbering) -> tuple[Any, ...]:
    if isinstance(zone, Radius):
        at = (zone.latitude, zone.longitude)
        return around(at, zone.km, zone.km + margin_of(zone.km), own=at == own)
    return within(own, numbering.areas[f"{zone.kind} {zone.code}"])


def around(at: tuple[float, float], km: float, near_km: float, *, own: bool = True) -> tuple[Any, ...]:
    """A zone around a point."""
    return (*at, km, near_km, NO_AREA, own)


def within(own: tuple[float, float], area: int) -> tuple[Any, ...]:
    """A zone that is an area, of a supply at this place."""
    return (*own, 0.0, 0.0, area, True)


def alone(row: Row, dtype: "np.dtype[Any]", numbering: Numbering) -> Side:
    """A side of one row: the asker."""
    brows, heads, records = np.zeros(1, dtype=BROW), np.zeros(1, dtype=HEAD), np.zeros(1, dtype=dtype)
    for lines, fields in ((brows, row.brow), (heads, row.head), (records, row.record)):
        for name, value in fields.items():
            lines[name] = value
    lists = np.array(row.lists, dtype=np.uint32)
    return Side(heads, records, lists, numbering.amounts.lines, brows=brows)
