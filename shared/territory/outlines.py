"""The built outlines in memory: what browsers are sent, which arcs part whom, and where a commune stands on a map."""

import gzip
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from shared.territory.place import Area
from shared.territory.tables import BUILT_FILE, DEGREE

OUTLINES_FILE: Final = BUILT_FILE.with_name("outlines.topojson")
CENTRES_FILE: Final = BUILT_FILE.with_name("centres.json")
BUILD_COMMAND: Final = "python -m shared.territory.outlining"

Border = Literal["commune", "epci", "department"]
Shape: TypeAlias = list[list[list[int]]]


class OutlinesNotBuilt(RuntimeError):
    """The outlines are missing; the message says which command builds them."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"The outlines of maps have not been built ({path}). Build them with: {BUILD_COMMAND}")


class Spot(NamedTuple):
    """A point on a map, in degrees."""

    longitude: float
    latitude: float


class Properties(msgspec.Struct):
    """What an outline says of itself; a department has neither name nor EPCI here."""

    department: str
    region: str
    name: str = ""
    epci: str | None = None
    people: int = 0


class Outline(msgspec.Struct):
    """One commune near us, or one department further away."""

    id: str
    arcs: Shape
    properties: Properties


class Collection(msgspec.Struct):
    """The outlines of one kind."""

    geometries: list[Outline]


class Objects(msgspec.Struct):
    """Communes around our territories, departments of the rest of the mainland."""

    communes: Collection
    departments: Collection


class Transform(msgspec.Struct):
    """From the file's whole numbers to degrees."""

    scale: tuple[float, float]
    translate: tuple[float, float]


class Origin(msgspec.Struct):
    """Whose outlines these are; `twice` are the arcs that communes draw already."""

    package: str
    edition: str
    source: str
    licence: str
    twice: list[int]


class File(msgspec.Struct):
    """A TopoJSON file as we write it."""

    boucle: Origin
    transform: Transform
    objects: Objects
    arcs: list[list[tuple[int, int]]]


class Centres(msgspec.Struct):
    """The middle of every commune of France that has an outline."""

    centres: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Line:
    """One arc in degrees, with its bounds: west, south, east, north."""

    points: tuple[Spot, ...]
    bounds: tuple[float, float, float, float]


class Outlines:
    """The file and its indexes."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.version = blake2b(body, digest_size=6).hexdigest()
        self.file = msgspec.json.decode(body, type=File)
        self.communes = {each.id: each for each in self.file.objects.communes.geometries}
        self.departments = {each.id: each for each in self.file.objects.departments.geometries}

    @cached_property
    def packed(self) -> bytes:
        """The file as it goes over the wire, packed once."""
        return gzip.compress(self.body, 9, mtime=0)

    @cached_property
    def lines(self) -> list[Line]:
        """Every arc in degrees."""
        (x_step, y_step), (west, south) = self.file.transform.scale, self.file.transform.translate
        lines = []
        for arc in self.file.arcs:
            x = y = 0
            points = []
            for dx, dy in arc:
                x, y = x + dx, y + dy
                points.append(Spot(west + x * x_step, south + y * y_step))
            longitudes, latitudes = [each.longitude for each in points], [each.latitude for each in points]
            lines.append(Line(tuple(points), (min(longitudes), min(latitudes), max(longitudes), max(latitudes))))
        return lines

    @cached_property
    def borders(self) -> dict[Border, list[int]]:
        """Every drawn arc once, under the largest of what it parts."""
        sides: dict[int, list[Properties]] = defaultdict(list)
        for each in [*self.communes.values(), *self.departments.values()]:
            for number in arcs_of(each.arcs):
                sides[number].append(each.properties)
        found: dict[Border, list[int]] = {"commune": [], "epci": [], "department": []}
        for number in sorted(set(sides) - set(self.file.boucle.twice)):
            found[_parts(sides[number])].append(number)
        return found

    def members(self, area: Area) -> Iterator[Outline]:
        """The outlines of which an area is made; those of a far EPCI or commune are not drawn, so none."""
        for each in [*self.communes.values(), *self.departments.values()]:
            codes = {
                "commune": each.id if each.properties.name else None,
                "epci": each.properties.epci,
                "department": each.properties.department,
                "region": each.properties.region,
                "country": "FR",
            }
            if codes[area.kind] == area.code:
                yield each

    def holder(self, spot: Spot) -> Outline | None:
        """The commune near us in which a point lies."""
        for each in self.communes.values():
            if any(self._holds(ring, spot) for polygon in each.arcs for ring in polygon[:1]):
                return each
        return None

    def _holds(self, ring: list[int], spot: Spot) -> bool:
        inside, points = False, self.points(ring)
        for a, b in itertools.pairwise(points):
            if (a.latitude > spot.latitude) != (b.latitude > spot.latitude):
                along = (spot.latitude - a.latitude) / (b.latitude - a.latitude)
                inside ^= spot.longitude < a.longitude + along * (b.longitude - a.longitude)
        return inside

    def points(self, ring: Iterable[int]) -> list[Spot]:
        """A ring's points, closed."""
        points: list[Spot] = []
        for number in ring:
            arc = self.lines[number].points if number >= 0 else self.lines[~number].points[::-1]
            points.extend(arc[1:] if points else arc)
        return points

    def merged(self, outlines: Iterable[Outline]) -> list[list[int]]:
        """The rings around several outlines together, without what lies between them."""
        held = {number for each in outlines for polygon in each.arcs for ring in polygon for number in ring}
        loose = [number for number in held if ~number not in held]
        after: dict[Spot, list[int]] = defaultdict(list)
        for number in sorted(loose):
            after[self.points([number])[0]].append(number)
        rings = []
        while after:
            start = next(iter(after))
            ring, spot = [], start
            while spot in after:
                number = after[spot].pop()
                if not after[spot]:
                    del after[spot]
                ring.append(number)
                spot = self.points([number])[-1]
                if spot == start:
                    break
            rings.append(ring)
        return rings


def arcs_of(shape: Shape) -> set[int]:
    """The numbers of a shape's arcs, whichever way they are walked."""
    return {number if number >= 0 else ~number for polygon in shape for ring in polygon for number in ring}


def _parts(sides: list[Properties]) -> Border:
    if len(sides) < 2 or sides[0].department != sides[1].department:
        return "department"
    return "epci" if sides[0].epci != sides[1].epci else "commune"


@cache
def outlines() -> Outlines:
    """The built file of this installation, read on first use and kept; raises `OutlinesNotBuilt`."""
    try:
        return Outlines(OUTLINES_FILE.read_bytes())
    except FileNotFoundError:
        raise OutlinesNotBuilt(OUTLINES_FILE) from None


@cache
def _centres() -> dict[str, tuple[int, int]]:
    try:
        return msgspec.json.decode(CENTRES_FILE.read_bytes(), type=Centres).centres
    except FileNotFoundError:
        raise OutlinesNotBuilt(CENTRES_FILE) from None


def centre_of(commune_code: str) -> Spot | None:
    """The middle of a commune: all that a map shows of a place, however exactly it is known."""
    found = _centres().get(commune_code)
    return Spot(found[0] / DEGREE, found[1] / DEGREE) if found else None
