"""Which communes lie within a distance: for whoever may know a commune, but no nearer."""

import math
from functools import lru_cache

from shared.territory.place import EARTH_RADIUS_KM, Place
from shared.territory.tables import DEGREE, tables

DEGREE_KM = math.radians(1) * EARTH_RADIUS_KM


def communes_within(place: Place, km: float) -> tuple[str, ...]:
    """The INSEE codes of a place's commune and of those whose centres are at most `km` from that commune's."""
    return _within(place.commune_code, km)


@lru_cache(maxsize=256)
def _within(commune_code: str, km: float) -> tuple[str, ...]:
    built = tables().built
    row = tables().rows_by_code[commune_code]
    latitude, longitude = built.latitudes[row], built.longitudes[row]
    across = DEGREE_KM / DEGREE * math.cos(math.radians(latitude / DEGREE))
    along = DEGREE_KM / DEGREE
    found = (
        code
        for code, north, east in zip(built.codes, built.latitudes, built.longitudes, strict=True)
        if math.hypot((north - latitude) * along, (east - longitude) * across) <= km
    )
    return (commune_code, *(code for code in found if code != commune_code))
