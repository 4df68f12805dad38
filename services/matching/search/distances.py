"""Kilometres between communes: an exact address is nobody's business, and several distances would give it away."""

from math import cos, radians, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.territory import gazetteer
from shared.territory.place import EARTH_RADIUS_KM

Array = NDArray[Any]
NOWHERE = (np.nan, np.nan, np.nan)


class Communes:
    """Communes by a number, with where their middle is on the unit sphere; one that we do not know is nowhere."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._middles: list[tuple[float, float, float]] = []
        self._points: Array = np.zeros((0, 3))

    def number(self, code: str) -> int:
        """The number of a commune, given when it is first seen."""
        if code not in self._numbers:
            self._numbers[code] = len(self._middles)
            self._middles.append(middle_of(code))
        return self._numbers[code]

    def kilometres(self, code: str | None) -> Array:
        """From a commune to each of these; no number where either is nowhere."""
        if code is None or not self._middles:
            return np.full(max(len(self._middles), 1), np.nan)
        if len(self._points) != len(self._middles):
            self._points = np.array(self._middles)
        apart = self._points - np.array(middle_of(code))
        chords = np.sqrt((apart**2).sum(axis=1))
        kilometres: Array = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, chords / 2))
        return kilometres


def middle_of(code: str) -> tuple[float, float, float]:
    """A point of the unit sphere."""
    found = gazetteer.commune(code)
    if found is None:
        return NOWHERE
    place = gazetteer.place_of(code)
    latitude, longitude = radians(place.latitude), radians(place.longitude)
    across = cos(latitude)
    return across * cos(longitude), across * sin(longitude), sin(latitude)
