"""Places as points of the unit sphere, radii as squared chords, and the cells by which zone rows are sorted.

Cells come in levels, one a class of reach; a row lies in the cell of its centre, and a query looks at every cell of a
level that a centre within that level's longest reach can lie in. Administrative areas are a level of their own, where
the number of the area stands for the cell.
"""

import math
from typing import Final

import numpy as np

from services.matching.index.compiled.layout import Rows
from services.matching.index.compiled.passes import compiled
from shared.territory.place import EARTH_RADIUS_KM

LONGEST_REACH_KM: Final = (10.0, 20.0, 40.0, 80.0, 160.0, 640.0)
EVERYWHERE: Final = 6
"""The level of what reaches farther: one cell."""
AREAS: Final = 7
POINTS: Final = 1
"""The level at which points (demands) lie, whatever is asked of them."""

COVERS_ALL: Final = 4.5
COVERS_NOTHING: Final = -1.0
# A third of the longest reach a side: 7 × 7 cells hold a disc with little around it.
_CELLS_A_REACH: Final = 3.0
_KM_A_DEGREE: Final = 111.0
_LEVEL: Final = 1 << 48
_LINE: Final = 1 << 24
EVERY_POINT: Final = (POINTS * _LEVEL, (POINTS + 1) * _LEVEL - 1)
"""The run of all cells of points."""


def unit_vector(latitude: float, longitude: float) -> tuple[float, float, float]:
    """A place as a point of the unit sphere."""
    phi, theta = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)


def square_chord(km: float) -> float:
    """The squared straight distance, on the unit sphere, of two points so many km apart."""
    angle = km / EARTH_RADIUS_KM
    return COVERS_ALL if angle >= math.pi else (2 * math.sin(angle / 2)) ** 2


def level_of(reach_km: float) -> int:
    """The first level whose longest reach holds this one."""
    return next((level for level, longest in enumerate(LONGEST_REACH_KM) if reach_km <= longest), EVERYWHERE)


def area_cell(number: int) -> int:
    """The key of an administrative area."""
    return AREAS * _LEVEL + number


@compiled
def _degrees(level):  # type: ignore[no-untyped-def]
    return LONGEST_REACH_KM[level] / _CELLS_A_REACH / _KM_A_DEGREE


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
    """The key of the cell of a level in which a point lies."""
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
    # The disc may be a little wider at the other edge of the line, towards the pole.
    return math.degrees(math.acos(cosine)) * math.cos(phi) / math.cos(math.radians(farthest)) + 1e-6


@compiled
def cells_within(level, latitude, longitude, km, centre, out, count):  # type: ignore[no-untyped-def]
    """Write runs of cells (first key, last key, centre) in which a point within `km` can lie; returns their number."""
    if level == EVERYWHERE:
        out[count, 0] = out[count, 1] = level * _LEVEL
        out[count, 2] = centre
        return count + 1
    spread = math.degrees(km / EARTH_RADIUS_KM) + 1e-6
    for line in range(_line(level, latitude - spread), _line(level, latitude + spread) + 1):
        if count == out.shape[0]:
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
def cells_of_point(latitude, longitude, centre, out, count):  # type: ignore[no-untyped-def]
    """The runs, on every level, of the rows whose zone may reach a point."""
    for level in range(EVERYWHERE + 1):
        longest = 0.0 if level == EVERYWHERE else LONGEST_REACH_KM[level]
        count = cells_within(level, latitude, longitude, longest, centre, out, count)
    return count


@compiled
def rows_of_cells(cells, starts, asked, runs):  # type: ignore[no-untyped-def]
    """From runs of cells to runs of rows (first, last + 1, centre), the empty ones left out; returns their number."""
    count = 0
    for number in range(asked.shape[0]):
        begin = np.searchsorted(cells, asked[number, 0])
        end = np.searchsorted(cells, asked[number, 1], side="right")
        if starts[begin] < starts[end]:
            runs[count, 0], runs[count, 1], runs[count, 2] = starts[begin], starts[end], asked[number, 2]
            count += 1
    return count


def room_for_runs(number: int) -> Rows:
    """Room for so many runs."""
    return np.zeros((number, 3), dtype=np.int64)
