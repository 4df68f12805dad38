"""Places as points of the unit sphere, radii as squared chords, and the cells by which zone rows are sorted.

Cells come in levels, one a class of reach; a row lies in the cell of its centre, and a query looks at every cell of a
level that a centre within that level's longest reach can lie in: the reach of what covers, or, when near misses are
wanted, of what almost does. Administrative areas are a level of their own, where the number of the area stands for the
cell; so are the places of suppliers that work in areas, which only near misses are looked for at. A key is a cell and,
in its lowest byte, the bits of what the row serves or asks: whoever is of another kind is not looked at.
"""

import math
from typing import Any, Final

import numpy as np

from services.matching.index.compiled.passes import also_compiled, compiled
from services.matching.ranking.constraints import OWN_PLACE_KM, margin_of
from shared.territory.place import EARTH_RADIUS_KM

POINTS: Final = 0
"""The level at which points (demands) lie, whatever is asked of them."""
_LONGEST_REACH_KM: Final = (5.0, 10.0, 20.0, 30.0, 50.0, 100.0, 150.0, 300.0, 640.0)
EVERYWHERE: Final = 1 + len(_LONGEST_REACH_KM)
"""The level of what reaches farther: one cell."""
AREAS: Final = EVERYWHERE + 1
OWN_PLACES: Final = AREAS + 1
"""The level of suppliers that work in areas, by where they are; last, so that their rows lie where their areas do."""

# By level: the longest reach, how far the longest one almost reaches, and the side of a cell. A third of the longest
# reach a side: 7 × 7 cells hold a disc with little around it.
REACH_KM: Final = (0.0, *_LONGEST_REACH_KM)
NEAR_KM: Final = (0.0, *(each + margin_of(each) for each in _LONGEST_REACH_KM))
_SIDE_KM: Final = (20 / 3, *(each / 3 for each in _LONGEST_REACH_KM), 0.0, 0.0, OWN_PLACE_KM / 3)

COVERS_ALL: Final = 4.5
COVERS_NOTHING: Final = -1.0
_KM_A_DEGREE: Final = 111.0
_LEVEL: Final = 1 << 48
_LINE: Final = 1 << 24
_KINDS: Final = 1 << 8
EVERY_POINT: Final = (POINTS * _LEVEL, (POINTS + 1) * _LEVEL - 1)
"""The run of all cells of points."""


@also_compiled
def unit_vector(latitude: float, longitude: float) -> tuple[float, float, float]:
    """A place as a point of the unit sphere."""
    phi, theta = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)


@also_compiled
def square_chord(km: float) -> float:
    """The squared straight distance, on the unit sphere, of two points so many km apart."""
    angle = km / EARTH_RADIUS_KM
    return COVERS_ALL if angle >= math.pi else (2 * math.sin(angle / 2)) ** 2


def level_of(reach_km: float) -> int:
    """The first level whose longest reach holds this one."""
    return next((level for level, longest in enumerate(REACH_KM) if level and reach_km <= longest), EVERYWHERE)


@also_compiled
def area_cell(number: int) -> int:
    """The cell of an administrative area."""
    return AREAS * _LEVEL + number


def key_of(cells: Any, bits: Any) -> Any:
    """The key of rows of a kind in a cell; numbers or arrays."""
    return cells * _KINDS + bits


def kinds_of(keys: Any) -> Any:
    """What rows of such keys ask or serve."""
    return keys % _KINDS


@compiled
def _degrees(level):  # type: ignore[no-untyped-def]
    return _SIDE_KM[level] / _KM_A_DEGREE


@compiled
def _line(level, latitude):  # type: ignore[no-untyped-def]
    lines = math.ceil(180 / _degrees(level))
    return min(max(int((latitude + 90) / _degrees(level)), 0), lines - 1)


@compiled
def _columns(level, line):  # type: ignore[no-untyped-def]
    middle = (line + 0.5) * _degrees(level) - 90
    return max(1, int(360 * math.cos(math.radians(middle)) / _degrees(level)))


@compiled
def _column(longitude, columns):  # type: ignore[no-untyped-def]
    return min(max(int((longitude + 180) / 360 * columns), 0), columns - 1)


@compiled
def cell(level, latitude, longitude):  # type: ignore[no-untyped-def]
    """The cell of a level in which a point lies."""
    if level == EVERYWHERE:
        return level * _LEVEL
    line = _line(level, latitude)
    return level * _LEVEL + line * _LINE + _column(longitude, _columns(level, line))


@compiled
def _width(level, line, latitude, spread):  # type: ignore[no-untyped-def]
    """Degrees of longitude that a disc around `latitude` can span on a line of cells."""
    top = min(latitude + spread, (line + 1) * _degrees(level) - 90)
    bottom = max(latitude - spread, line * _degrees(level) - 90)
    farthest = max(abs(top), abs(bottom))
    if farthest >= 89:
        return 180.0
    nearest = 0.0 if top * bottom < 0 else min(abs(top), abs(bottom))
    away = max(0.0, bottom - latitude, latitude - top)
    # cos r = sin φ sin φ' + cos φ cos φ' cos Δλ, at the parallel of the line that lies nearest to the centre
    parallel = latitude if away == 0 else (bottom if latitude < bottom else top)
    phi, other, angle = math.radians(latitude), math.radians(parallel), math.radians(spread)
    if away == 0:
        ratio = math.sin(min(angle, math.pi / 2)) / math.cos(math.radians(max(farthest, nearest)))
        return 180.0 if ratio >= 1 else math.degrees(math.asin(ratio))
    cosine = (math.cos(angle) - math.sin(phi) * math.sin(other)) / (math.cos(phi) * math.cos(other))
    if cosine >= 1:
        return 0.0
    if cosine <= -1:
        return 180.0
    # Towards the pole the disc may be a little wider at the other edge of the line.
    return math.degrees(math.acos(cosine)) * max(1.0, math.cos(phi) / math.cos(math.radians(farthest))) + 1e-6


@compiled
def cells_within(level, latitude, longitude, km, centre, out, count):  # type: ignore[no-untyped-def]
    """Write runs of cells (first, last, centre) in which a point within `km` can lie; returns their number."""
    if level == EVERYWHERE:
        out[count, 0] = out[count, 1] = level * _LEVEL
        out[count, 2] = centre
        return count + 1
    spread = math.degrees(km / EARTH_RADIUS_KM) + 1e-6
    for line in range(_line(level, latitude - spread), _line(level, latitude + spread) + 1):
        if count >= out.shape[0]:
            return -1
        columns = _columns(level, line)
        base = level * _LEVEL + line * _LINE
        width = _width(level, line, latitude, spread)
        first, last = 0, columns - 1
        if width < 180 and longitude - width >= -180 and longitude + width <= 180:
            first, last = _column(longitude - width, columns), _column(longitude + width, columns)
        out[count, 0], out[count, 1], out[count, 2] = base + first, base + last, centre
        count += 1
    return count


@compiled
def cells_of_point(latitude, longitude, near, centre, out, count):  # type: ignore[no-untyped-def]
    """The runs, on every level, of the rows whose zone may reach a point, or with `near` may almost reach it."""
    for level in range(POINTS + 1, EVERYWHERE):
        longest = NEAR_KM[level] if near else REACH_KM[level]
        count = cells_within(level, latitude, longitude, longest, centre, out, count)
    count = cells_within(EVERYWHERE, latitude, longitude, 0.0, centre, out, count)
    return cells_within(OWN_PLACES, latitude, longitude, OWN_PLACE_KM, centre, out, count) if near else count


@compiled
def lines_of_cells(keys, cells, begins):  # type: ignore[no-untyped-def]
    """Notes where among sorted keys those of each run of cells begin.

    All are looked for step by step together, so that the memory of one is on its way while others are compared.
    """
    begins[:] = 0
    left = keys.size
    while left > 1:
        half = left >> 1
        for run in range(begins.size):
            begins[run] += half if keys[begins[run] + half - 1] < cells[run, 0] * _KINDS else 0
        left -= half
    for run in range(begins.size):
        begins[run] += keys[begins[run]] < cells[run, 0] * _KINDS


@compiled
def line_after(keys, begin, last):  # type: ignore[no-untyped-def]
    """Where the keys of a run that begins there and ends with a cell end: most runs are short."""
    until, step = (last + 1) * _KINDS, 1
    while begin + step < keys.size and keys[begin + step] < until:
        step *= 2
    return begin + np.searchsorted(keys[begin : begin + step], until)
