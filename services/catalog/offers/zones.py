"""The areas of an offer: lines that people type, read into zones."""

from collections.abc import Sequence

from services.catalog.offers.errors import ZoneAmbiguous, ZoneUnknown
from shared.territory import gazetteer
from shared.territory.place import Area, Place, Radius, Zone, describe, radius_around
from shared.territory.reading import Ambiguous

AROUND_KM = 30
"""How far an offer reaches when its author names no area."""


def zones_around(place: Place) -> list[Zone]:
    """The area of an offer that names none."""
    return [radius_around(place, AROUND_KM)]


def read_zones(lines: Sequence[str], *, near: Place | None, known: Sequence[Zone] = ()) -> list[Zone]:
    """One zone a line; raises `ZoneUnknown` or `ZoneAmbiguous` with the choices.

    `near` settles communes that several departments have; a line that describes a zone of `known` is that zone, so
    that what the form shows always reads back, whatever its centre is called.
    """
    same = {describe(zone): zone for zone in known}
    return [same.get(line) or _read_zone(line, near) for line in dict.fromkeys(lines)]


def _read_zone(line: str, near: Place | None) -> Zone:
    found = gazetteer.zone_of(line, prefer_department=near.department_code if near else None)
    match found:
        case Area() | Radius():
            return found
        case Ambiguous(candidates=candidates):
            raise ZoneAmbiguous(zone=line, choices=", ".join(f"« {describe(each)} »" for each in candidates[:5]))
        case _:
            raise ZoneUnknown(zone=line)
