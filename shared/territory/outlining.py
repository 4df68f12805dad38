"""Build the outlines that maps draw: fine around our territories, coarse for the rest of the mainland.

`python -m shared.territory.outlining` writes TopoJSON for browsers, and where on the map each commune stands.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from shared.territory.lookups import UnknownCommune, commune, department
from shared.territory.outline_source import (
    ATTRIBUTION,
    EDITION,
    FOLDER,
    LICENCE,
    PACKAGE,
    VERSION,
    OutlinesMissing,
    Point,
    Ring,
    commune_outlines,
    wheel_in,
)
from shared.territory.outlines import CENTRES_FILE, OUTLINES_FILE
from shared.territory.place import department_of
from shared.territory.tables import BUILT_FILE, DEGREE, Commune, tables
from shared.territory.territories import territories
from shared.territory.topology import (
    Arc,
    Shape,
    Topology,
    area,
    deltas,
    geometry,
    merged,
    middle,
    neighbours,
    shifted,
)

FINE, COARSE = 20, 150
"""How far a border may be off, in ten-thousandths of a degree: 200 m near us, 1.5 km elsewhere."""
STEP = 5
"""What is written is rounded to this many ten-thousandths: 55 m, half of what a pixel of a map of our land covers."""
OVERSEAS = "97"
MEMBER = "boucle"
CODE = ("outline_source.py", "outlining.py", "topology.py", "territories.toml")


def assemble(outlines: dict[str, list[Ring]]) -> tuple[dict[str, Any], dict[str, Point]]:
    """The TopoJSON, and the middle of each commune of France that has an outline."""
    around = merged(
        (department_of(code), ring) for code, rings in outlines.items() if code < OVERSEAS for ring in rings
    )
    near = close_departments(neighbours(around))
    fine = Topology(
        merged((code, ring) for code, rings in outlines.items() if department_of(code) in near for ring in rings),
        tolerance=FINE,
    )
    coarse = Topology(around, tolerance=COARSE)
    centres = {code: middle(max(rings, key=lambda ring: abs(area(ring)))) for code, rings in outlines.items()}
    return _written(fine, coarse, near), centres


def close_departments(next_to: dict[str, set[str]]) -> set[str]:
    """The departments of our territories, and those around them."""
    epcis = {code for each in territories() for code in each.epcis}
    own = {department_of(code) for each in territories() for code in each.communes}
    built = tables().built
    for code, number in zip(built.codes, built.epcis, strict=True):
        if number >= 0 and built.epci_rows[number][0] in epcis:
            own.add(department_of(code))
    return own.union(*(next_to[code] for code in own))


def _written(fine: Topology, coarse: Topology, near: set[str]) -> dict[str, Any]:
    """Communes of `near` and departments of the rest; their common border is drawn once, by the communes."""
    first = len(fine.arcs)
    communes = [_drawn(commune(code), shape) for code, shape in sorted(fine.shapes.items())]
    departments = [
        geometry(shifted(shape, first), code, department=code, region=_region(code))
        for code, shape in sorted(coarse.shapes.items())
        if code not in near
    ]
    twice = [number + first for number, owners in coarse.sides.items() if owners & near and owners - near]
    return _topology([*fine.arcs, *coarse.arcs], {"communes": communes, "departments": departments}, twice)


def _drawn(found: Commune | None, shape: Shape) -> dict[str, Any]:
    if found is None:
        raise UnknownCommune("of an outline")
    return geometry(
        shape,
        found.code,
        name=found.name,
        epci=found.epci.code if found.epci else None,
        department=found.department.code,
        region=found.department.region_code,
        people=found.population,
    )


def _region(code: str) -> str:
    found = department(code)
    return found.region_code if found else ""


def _topology(arcs: list[Arc], objects: dict[str, list[dict[str, Any]]], twice: list[int]) -> dict[str, Any]:
    """Only the arcs that something draws, in the order in which they are drawn."""
    drawn = {n if n >= 0 else ~n: None for found in objects.values() for each in found for n in _flat(each["arcs"])}
    places = {number: place for place, number in enumerate(drawn)}
    rounded = [_rounded(arcs[number]) for number in drawn]
    origin = (min(x for arc in rounded for x, _ in arc), min(y for arc in rounded for _, y in arc))
    scale = STEP / DEGREE
    return {
        "type": "Topology",
        MEMBER: {
            **{"package": f"{PACKAGE} {VERSION}", "edition": EDITION, "source": ATTRIBUTION, "licence": LICENCE},
            "twice": sorted(places[number] for number in twice),
        },
        "transform": {"scale": [scale, scale], "translate": [round(each * scale, 4) for each in origin]},
        "objects": {
            name: {"type": "GeometryCollection", "geometries": [_placed(each, places) for each in found]}
            for name, found in objects.items()
        },
        "arcs": [deltas(arc, origin) for arc in rounded],
    }


def _rounded(arc: Arc) -> Arc:
    """Without the points that fall on the one before; an arc keeps two."""
    points = [(round(x / STEP), round(y / STEP)) for x, y in arc]
    kept = [point for before, point in zip([None, *points], points, strict=False) if point != before]
    return tuple(kept if len(kept) > 1 else (points[0], points[-1]))


def _flat(shape: Shape) -> list[int]:
    return [n for polygon in shape for ring in polygon for n in ring]


def _placed(each: dict[str, Any], places: dict[int, int]) -> dict[str, Any]:
    arcs = [[[places[n] if n >= 0 else ~places[~n] for n in ring] for ring in polygon] for polygon in each["arcs"]]
    return {**each, "arcs": arcs}


def fingerprint() -> str:
    """What the built files depend on: if any of it changed, they are built again."""
    own = b"".join((Path(__file__).with_name(name)).read_bytes() for name in CODE)
    return hashlib.sha256(own + VERSION.encode() + BUILT_FILE.read_bytes()).hexdigest()[:16]


def is_current() -> bool:
    """Whether both files were built from what is installed now."""
    try:
        return bool(json.loads(CENTRES_FILE.read_bytes())["of"] == fingerprint()) and OUTLINES_FILE.exists()
    except (FileNotFoundError, ValueError, KeyError):
        return False


def write(path: Path, what: Any) -> None:
    """Replace the file in one step: a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(msgspec.json.encode(what))
    unfinished.replace(path)


@click.command(help="Build the outlines of maps from the locked wheel; does nothing when they are current.")
@click.option("--wheels", type=click.Path(path_type=Path), default=FOLDER, help="The folder that holds the wheel.")
@click.option("--force", is_flag=True, help="Build even when the files are current.")
def main(wheels: Path, *, force: bool) -> None:
    if not force and is_current():
        click.echo("The outlines are current.")
        return
    try:
        topology, centres = assemble(dict(commune_outlines(wheel_in(wheels))))
    except OutlinesMissing as missing:
        sys.exit(str(missing))
    write(OUTLINES_FILE, topology)
    write(CENTRES_FILE, {"of": fingerprint(), "centres": centres})
    communes = len(topology["objects"]["communes"]["geometries"])
    click.echo(f"{communes:,} communes drawn, {len(centres):,} placed: {OUTLINES_FILE.stat().st_size / 1000:,.0f} kB")


if __name__ == "__main__":
    main()
