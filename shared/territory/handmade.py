"""Our own small tables: town centres trusted before any gazetteer, neighbourhoods, lone overseas centres."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

from shared.territory.locating import Point
from shared.territory.names import fold, without_article

FOLDER = Path(__file__).parent
EXACT_CENTRES = FOLDER / "exact_centres.csv"
NEIGHBOURHOODS = FOLDER / "neighbourhoods.csv"

# Departments in which the gazetteer of coordinates has no town that joins: their main settlement, or the island.
LONE_CENTRES = {
    "977": Point(17.90, -62.83),
    "978": Point(18.07, -63.05),
    "984": Point(-49.35, 70.22),
    "986": Point(-13.28, -176.18),
    "989": Point(10.30, -109.22),
}


class Neighbourhood(NamedTuple):
    """A part of a commune that people name as if it were a place of its own."""

    name: str
    commune_code: str
    point: Point


def exact_centres() -> dict[str, Point]:
    """Town centres by commune code."""
    return {row["code"]: _point(row) for row in rows(EXACT_CENTRES)}


@cache
def neighbourhoods() -> tuple[Neighbourhood, ...]:
    """All neighbourhoods, by name."""
    return tuple(Neighbourhood(row["name"], row["commune_code"], _point(row)) for row in rows(NEIGHBOURHOODS))


@cache
def neighbourhoods_by_name() -> dict[str, Neighbourhood]:
    """By folded name without its article; a name stands once in the table."""
    return {without_article(fold(each.name)): each for each in neighbourhoods()}


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file of ours, without its comment lines."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _point(row: dict[str, str]) -> Point:
    return Point(float(row["latitude"]), float(row["longitude"]))
