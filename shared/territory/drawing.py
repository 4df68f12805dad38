"""Small maps drawn on the server: borders, areas, rings, names and pins as paths, in the units of one picture.

Near Toulouse a degree of longitude is taken as 0.72 of one of latitude over the whole picture, so a circle of
kilometres is a circle of the picture: at 100 km from its middle that is 2 % off.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from shared.territory.outlines import Border, Origin, Outlines, Spot, centre_of, outlines
from shared.territory.place import Area, Radius

KM_PER_DEGREE: Final = 111.2
FINE_KM, MIDDLE_KM = 75, 260
"""Up to which width of the picture communes are drawn, and up to which EPCI are."""
LEAST_KM: Final = 24
FINEST: Final = 3.0
"""Steps below this many units of the picture are not drawn."""
LETTER, LINE_HEIGHT = 11.5, 26
MOST_NAMES: Final = 12

Zone = Area | Radius


@dataclass(frozen=True)
class Pin:
    """A numbered square in the middle of a commune; the picture need not grow to hold one without `frames`.

    `kind` is its colour's name; a pin whose commune has no outline is not drawn.
    """

    commune: str
    text: str
    kind: str
    frames: bool = True


@dataclass(frozen=True)
class Frame:
    """What a picture shows: its middle, how many units a kilometre is, and its size."""

    middle: Spot
    scale: float
    width: int
    height: int

    @property
    def km(self) -> float:
        """How wide the land in the picture is."""
        return self.width / self.scale

    def place(self, spot: Spot) -> tuple[float, float]:
        """Where a point falls."""
        shrink = math.cos(math.radians(self.middle.latitude))
        x = (spot.longitude - self.middle.longitude) * shrink * KM_PER_DEGREE * self.scale
        y = (self.middle.latitude - spot.latitude) * KM_PER_DEGREE * self.scale
        return self.width / 2 + x, self.height / 2 + y

    def meets(self, bounds: tuple[float, float, float, float]) -> bool:
        """Whether something with these bounds can be seen."""
        left, top = self.place(Spot(bounds[0], bounds[3]))
        right, bottom = self.place(Spot(bounds[2], bounds[1]))
        return right >= 0 and left <= self.width and bottom >= 0 and top <= self.height


@dataclass(frozen=True)
class Drawing:
    """A map as its template writes it; `missing` are the areas that lie outside of what is drawn."""

    frame: Frame
    borders: dict[Border, str]
    areas: str = ""
    rings: list[tuple[int, int, int]] = field(default_factory=list)
    names: list[tuple[int, int, str, bool]] = field(default_factory=list)
    pins: list[tuple[int, int, Pin]] = field(default_factory=list)
    missing: list[Zone] = field(default_factory=list)
    origin: Origin = field(default_factory=lambda: outlines().file.boucle)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north: what a live map begins with."""
        shrink = math.cos(math.radians(self.frame.middle.latitude))
        x = self.frame.width / 2 / self.frame.scale / KM_PER_DEGREE / shrink
        y = self.frame.height / 2 / self.frame.scale / KM_PER_DEGREE
        longitude, latitude = self.frame.middle
        return longitude - x, latitude - y, longitude + x, latitude + y


def drawn(
    zones: Sequence[Zone] = (), pins: Sequence[Pin] = (), *, width: int = 720, height: int = 540, least_km: float = 0
) -> Drawing:
    """A map that shows every zone and every pin that lies on it; the same is drawn once."""
    return _drawn(tuple(zones), tuple(pins), width, height, least_km or LEAST_KM)


@lru_cache(maxsize=512)
def _drawn(zones: tuple[Zone, ...], pins: tuple[Pin, ...], width: int, height: int, least_km: float) -> Drawing:
    known = outlines()
    rings = [(shown_centre(zone), zone.km) for zone in zones if isinstance(zone, Radius)]
    members = {zone: list(known.members(zone)) for zone in zones if isinstance(zone, Area)}
    around = [ring for found in members.values() for ring in known.merged(found)]
    placed = [(spot, pin) for pin in pins if (spot := centre_of(pin.commune))]
    spots = [spot for ring in around for spot in known.points(ring)] + [spot for spot, pin in placed if pin.frames]
    frame = framed(spots, rings, width=width, height=height, least_km=least_km)
    return Drawing(
        frame=frame,
        borders=_borders(known, frame),
        areas="".join(path(frame, known.points(ring), closed=True) for ring in around),
        rings=[(*_whole(frame.place(spot)), round(km * frame.scale)) for spot, km in rings],
        names=_names(known, frame, [spot for spot, _ in placed]),
        pins=[(*_whole(frame.place(spot)), pin) for spot, pin in placed],
        missing=[zone for zone, found in members.items() if not found],
    )


def shown_centre(zone: Radius) -> Spot:
    """Where the middle of a radius is shown: that of the commune, where only an address says it more exactly."""
    spot = Spot(zone.longitude, zone.latitude)
    if zone.exactness != "address":
        return spot
    holder = outlines().holder(spot)
    return (holder and centre_of(holder.id)) or Spot(round(spot.longitude, 1), round(spot.latitude, 1))


def framed(
    spots: Iterable[Spot], rings: Iterable[tuple[Spot, float]], *, width: int, height: int, least_km: float
) -> Frame:
    """The smallest frame that holds all of it with a margin; Toulouse when there is nothing to hold."""
    corners = list(spots)
    for spot, km in rings:
        north = km / KM_PER_DEGREE
        east = north / math.cos(math.radians(spot.latitude))
        corners += [
            Spot(spot.longitude - east, spot.latitude - north),
            Spot(spot.longitude + east, spot.latitude + north),
        ]
    corners = corners or [centre_of("31555") or Spot(1.44, 43.6)]
    west, east = min(each.longitude for each in corners), max(each.longitude for each in corners)
    south, north = min(each.latitude for each in corners), max(each.latitude for each in corners)
    middle = Spot((west + east) / 2, (south + north) / 2)
    wide = (east - west) * math.cos(math.radians(middle.latitude)) * KM_PER_DEGREE
    high = (north - south) * KM_PER_DEGREE
    scale = min(width / max(wide * 1.15, least_km), height / max(high * 1.15, least_km * height / width))
    return Frame(middle, scale, width, height)


def _borders(known: Outlines, frame: Frame) -> dict[Border, str]:
    levels: list[Border] = ["department"]
    if frame.km <= MIDDLE_KM:
        levels.insert(0, "epci")
    if frame.km <= FINE_KM:
        levels.insert(0, "commune")
    found: dict[Border, str] = {}
    for level in levels:
        lines = (known.lines[number] for number in known.borders[level])
        found[level] = "".join(path(frame, line.points) for line in lines if frame.meets(line.bounds))
    return found


def path(frame: Frame, points: Sequence[Spot], *, closed: bool = False) -> str:
    """One line in whole units; steps too small to be seen are left out, the ends stay."""
    place = frame.place(points[0])
    at = _whole(place)
    words = [f"M{at[0]} {at[1]}l"]
    for number, spot in enumerate(points[1:], start=2):
        to = frame.place(spot)
        if number < len(points) and abs(to[0] - at[0]) + abs(to[1] - at[1]) < FINEST:
            continue
        whole = _whole(to)
        words.append(f"{whole[0] - at[0]} {whole[1] - at[1]} ")
        at = whole
    return "".join(words).rstrip().replace(" -", "-") + ("z" if closed else "")


def _whole(place: tuple[float, float]) -> tuple[int, int]:
    return round(place[0]), round(place[1])


def _names(known: Outlines, frame: Frame, pins: Sequence[Spot]) -> list[tuple[int, int, str, bool]]:
    """The largest communes, each where it hides no pin and no other name."""
    taken = [(x - 26, y - 26, x + 26, y + 26) for x, y in map(frame.place, pins)]
    names: list[tuple[int, int, str, bool]] = []
    for each in sorted(known.communes.values(), key=lambda each: -each.properties.people)[:250]:
        spot = centre_of(each.id)
        if spot is None or len(names) == MOST_NAMES:
            continue
        x, y = frame.place(spot)
        half = len(each.properties.name) * LETTER / 2
        for dy in (8, 42, -34):
            box = (x - half, y + dy - LINE_HEIGHT, x + half, y + dy + 6)
            inside = box[0] > 4 and box[2] < frame.width - 4 and box[1] > 4 and box[3] < frame.height - 4
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                names.append((round(x), round(y + dy), each.properties.name, each.properties.people > 100_000))
                break
    return names


def km_between(a: Spot, b: Spot) -> float:
    """As the crow flies, near enough for a picture."""
    shrink = math.cos(math.radians((a.latitude + b.latitude) / 2))
    return math.hypot((a.longitude - b.longitude) * shrink, a.latitude - b.latitude) * KM_PER_DEGREE


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
