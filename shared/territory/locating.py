"""Which coordinates a commune gets offline: its own where a name can be trusted, else its EPCI's or its department's.

A naive join of the State's names with a gazetteer's puts hundreds of communes in a namesake's place, because names
repeat inside a region. So a name is accepted only where it is unambiguous, or near the centre of its department, and
its population agrees; whatever then lies far outside its EPCI is taken back.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from shared.territory.names import fold, without_article
from shared.territory.place import EARTH_RADIUS_KM, Exactness

# Measured on the 13,700 unambiguous pairs of 2026: outside these bounds one pair in ten and more is a namesake.
LEAST_POPULATION_RATIO, MOST_POPULATION_RATIO = 0.4, 1.7
# A department reaches as far as its unambiguous communes do, and a little more.
DEPARTMENT_SLACK = 1.25
# A commune this much farther from its EPCI's centre than half of its neighbours is a namesake.
EPCI_SLACK, EPCI_MARGIN_KM = 3.0, 12.0
FEWEST_TO_JUDGE = 4


class Point(NamedTuple):
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


class OfficialCommune(NamedTuple):
    """A commune of the State's list; `scope` is what the gazetteer also knows: region, or overseas department."""

    code: str
    name: str
    scope: str
    department: str
    epci: str | None
    population: int


class Town(NamedTuple):
    """An entry of the gazetteer of coordinates; population 0 is unknown."""

    name: str
    other_names: tuple[str, ...]
    scope: str
    population: int
    point: Point


class Located(NamedTuple):
    """Coordinates, and what they stand for."""

    point: Point
    exactness: Exactness


Points = dict[str, Point]
ByName = dict[tuple[str, str], list[Town]]


def locate(
    communes: Sequence[OfficialCommune], towns: Sequence[Town], *, exact: Mapping[str, Point], lone: Mapping[str, Point]
) -> dict[str, Located]:
    """Every commune's coordinates by code. `exact` are trusted; `lone` are centres of departments without any town."""
    by_name = _towns_by_name(towns)
    found = {commune.code: exact[commune.code] for commune in communes if commune.code in exact}
    unlocated = [commune for commune in communes if commune.code not in exact]
    found |= _unambiguous(unlocated, by_name)
    found = _inside_department(communes, found, exact)
    found |= _near_department(communes, towns, found)
    found = _inside_epci(communes, found, exact)
    return _with_fallbacks(communes, found, lone)


def kilometres(a: Point, b: Point) -> float:
    """Haversine on bare points."""
    phi_a, phi_b = math.radians(a.latitude), math.radians(b.latitude)
    half_lambda = math.radians(b.longitude - a.longitude) / 2
    chord = math.sin((phi_b - phi_a) / 2) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


def populations_agree(town: Town, commune: OfficialCommune) -> bool:
    """An unknown population on either side agrees with nothing."""
    if not commune.population or not town.population:
        return False
    return LEAST_POPULATION_RATIO <= town.population / commune.population <= MOST_POPULATION_RATIO


def _towns_by_name(towns: Iterable[Town]) -> ByName:
    index: ByName = defaultdict(list)
    for town in towns:
        index[town.scope, fold(town.name)].append(town)
    return index


def _unambiguous(communes: Iterable[OfficialCommune], by_name: ByName) -> Points:
    """One commune and one town of that name in the whole scope, whose populations do not contradict each other."""
    namesakes: dict[tuple[str, str], list[OfficialCommune]] = defaultdict(list)
    for commune in communes:
        namesakes[commune.scope, fold(commune.name)].append(commune)
    found: Points = {}
    for key, same_name in namesakes.items():
        candidates = by_name.get(key, [])
        if len(same_name) == len(candidates) == 1:
            commune, town = same_name[0], candidates[0]
            if not town.population or populations_agree(town, commune):
                found[commune.code] = town.point
    return found


def _centre(points: Sequence[Point]) -> Point:
    """The median of each coordinate: one namesake at the other end of the region does not move it."""
    return Point(statistics.median(p.latitude for p in points), statistics.median(p.longitude for p in points))


def _grouped(communes: Iterable[OfficialCommune], found: Points, group: str) -> dict[str, list[Point]]:
    points: dict[str, list[Point]] = defaultdict(list)
    for commune in communes:
        if commune.code in found and (name := getattr(commune, group)):
            points[name].append(found[commune.code])
    return points


def _department_reaches(communes: Iterable[OfficialCommune], found: Points) -> dict[str, tuple[Point, float]]:
    """Per department: its centre, and how far from it a commune may lie."""
    reaches = {}
    for department, points in _grouped(communes, found, "department").items():
        if len(points) < FEWEST_TO_JUDGE:
            continue
        centre = _centre(points)
        distances = sorted(kilometres(centre, point) for point in points)
        reaches[department] = centre, DEPARTMENT_SLACK * distances[int(0.95 * (len(distances) - 1))]
    return reaches


def _inside_department(communes: Sequence[OfficialCommune], found: Points, exact: Mapping[str, Point]) -> Points:
    reaches = _department_reaches(communes, found)
    departments = {commune.code: commune.department for commune in communes}

    def is_near(code: str, point: Point) -> bool:
        centre, reach = reaches.get(departments[code], (point, 0.0))
        return kilometres(centre, point) <= reach

    return {code: point for code, point in found.items() if code in exact or is_near(code, point)}


def _near_department(communes: Sequence[OfficialCommune], towns: Iterable[Town], found: Points) -> Points:
    """Ambiguous and other names: the one town near the department's centre whose population agrees."""
    reaches = _department_reaches(communes, found)
    taken = set(found.values())
    by_any_name: ByName = defaultdict(list)
    for town in towns:
        if town.point not in taken:
            for name in {without_article(fold(name)) for name in (town.name, *town.other_names)}:
                by_any_name[town.scope, name].append(town)
    claims: dict[Point, list[str]] = defaultdict(list)
    for commune in communes:
        if commune.code in found or commune.department not in reaches:
            continue
        centre, reach = reaches[commune.department]
        candidates = by_any_name.get((commune.scope, without_article(fold(commune.name))), [])
        plausible = [t for t in candidates if populations_agree(t, commune) and kilometres(centre, t.point) <= reach]
        if len(plausible) == 1:
            claims[plausible[0].point].append(commune.code)
    return {codes[0]: point for point, codes in claims.items() if len(codes) == 1}


def _inside_epci(communes: Sequence[OfficialCommune], found: Points, exact: Mapping[str, Point]) -> Points:
    """Without those which lie far outside their EPCI."""
    limits = {}
    for epci, points in _grouped(communes, found, "epci").items():
        if len(points) >= FEWEST_TO_JUDGE:
            centre = _centre(points)
            half = statistics.median(kilometres(centre, point) for point in points)
            limits[epci] = centre, EPCI_SLACK * half + EPCI_MARGIN_KM
    strays = set()
    for commune in communes:
        if commune.code in found and commune.code not in exact and commune.epci in limits:
            centre, limit = limits[commune.epci]
            if kilometres(centre, found[commune.code]) > limit:
                strays.add(commune.code)
    return {code: point for code, point in found.items() if code not in strays}


def _with_fallbacks(
    communes: Sequence[OfficialCommune], found: Points, lone: Mapping[str, Point]
) -> dict[str, Located]:
    epcis = {epci: _centre(points) for epci, points in _grouped(communes, found, "epci").items()}
    departments = {name: _centre(points) for name, points in _grouped(communes, found, "department").items()}
    located = {}
    for commune in communes:
        if commune.code in found:
            located[commune.code] = Located(found[commune.code], "commune")
        elif commune.epci in epcis:
            located[commune.code] = Located(epcis[commune.epci], "epci")
        else:
            point = departments.get(commune.department) or lone[commune.department]
            located[commune.code] = Located(point, "department")
    return located
