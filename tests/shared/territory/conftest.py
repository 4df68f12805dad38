"""A list of forty communes with enough namesakes, islands and postcodes for every rule, and the real built one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.territory import tables as tables_module
from shared.territory.build import assemble, is_current, write
from shared.territory.handmade import exact_centres
from shared.territory.locating import Point, Town
from shared.territory.sources import PACKAGE_FOLDER, OfficialList, Row, french_towns, official_list
from shared.territory.tables import BUILT_FILE, Tables

PROJECT = Path(__file__).parents[3]

# code, name, department, region, postcodes, population, EPCI
COMMUNES = """
31555 | Toulouse | 31 | 76 | 31000 31100 31200 31300 31400 31500 | 514819 | 243100518
31282 | Launaguet | 31 | 76 | 31140 | 9173 | 243100518
31022 | Aucamville | 31 | 76 | 31140 | 9623 | 243100518
82005 | Aucamville | 82 | 76 | 82600 | 1350 |
31182 | Fenouillet | 31 | 76 | 31150 | 5784 | 243100518
66077 | Fenouillet | 66 | 76 | 66220 | 90 |
31091 | Bruguières | 31 | 76 | 31150 | 6202 | 243100518
31488 | Saint-Jean | 31 | 76 | 31240 | 11261 | 243100518
31505 | Saint-Michel | 31 | 76 | 31220 | 306 |
31561 | L'Union | 31 | 76 | 31240 | 12638 | 243100518
31506 | Saint-Orens-de-Gameville | 31 | 76 | 31650 | 14646 | 243100518
31193 | Le Fousseret | 31 | 76 | 31430 | 1900 |
31254 | Labège | 31 | 76 | 31670 | 4500 | 243100633
31395 | Muret | 31 | 76 | 31600 | 25000 |
66171 | Saint-Cyprien | 66 | 76 | 66750 | 12068 |
89210 | Lalande | 89 | 27 | 89130 | 130 |
81065 | Castres | 81 | 76 | 81100 | 41000 |
02140 | Castres | 02 | 32 | 02680 | 220 |
26362 | Valence | 26 | 84 | 26000 | 65000 |
82186 | Valence | 82 | 76 | 82400 | 5200 |
2A004 | Ajaccio | 2A | 94 | 20000 20090 | 75000 |
2B033 | Bastia | 2B | 94 | 20200 20600 | 49000 |
97411 | Saint-Denis | 974 | 04 | 97400 97417 | 155634 |
93066 | Saint-Denis | 93 | 11 | 93200 93210 | 150000 |
97105 | Basse-Terre | 971 | 01 | 97100 | 9700 |
97701 | Saint-Barthélemy | 977 | 977 | 97133 | 10660 |
98412 | Archipel des Kerguelen | 984 | 984 | | 0 |
98818 | Nouméa | 988 | 988 | 98800 | 94000 |
29155 | Ouessant | 29 | 53 | 29242 | 860 |
75056 | Paris | 75 | 11 | 75001 75002 75011 | 2100000 |
38544 | Vienne | 38 | 84 | 38200 | 30000 |
86194 | Poitiers | 86 | 75 | 86000 | 90000 |
47222 | La Réunion | 47 | 75 | 47700 | 500 |
10387 | Troyes | 10 | 44 | 10000 | 61000 |
61003 | Aube | 61 | 28 | 61270 | 1400 |
61322 | Le Pin-la-Garenne | 61 | 28 | 61400 | 600 |
79210 | Le Pin | 79 | 75 | 79140 | 1100 |
70410 | Pin | 70 | 27 | 70150 | 700 |
01015 | Arboys en Bugey | 01 | 84 | 01300 | 640 |
69123 | Lyon | 69 | 84 | 69001 69002 | 520000 |
"""
FORMER = [
    {"code": "75111", "nom": "Paris 11e Arrondissement", "type": "arrondissement-municipal", "commune": "75056"},
    {"code": "01016", "nom": "Arbignieu", "type": "commune-deleguee", "chefLieu": "01015"},
    {"code": "99999", "nom": "Gone", "type": "commune-associee", "chefLieu": "99998"},
]
EPCIS = {"243100518": "Toulouse Métropole", "243100633": "CA du Sicoval"}
DEPARTMENTS = {
    "Ain": "01 84", "Aisne": "02 32", "Aube": "10 44", "Drôme": "26 84", "Finistère": "29 53", "Corse-du-Sud": "2A 94",
    "Haute-Corse": "2B 94", "Haute-Garonne": "31 76", "Isère": "38 84", "Lot-et-Garonne": "47 75", "Orne": "61 28",
    "Pyrénées-Orientales": "66 76", "Rhône": "69 84", "Haute-Saône": "70 27", "Paris": "75 11", "Deux-Sèvres": "79 75",
    "Tarn": "81 76", "Tarn-et-Garonne": "82 76", "Vienne": "86 75", "Yonne": "89 27", "Seine-Saint-Denis": "93 11",
    "Guadeloupe": "971 01", "La Réunion": "974 04", "Saint-Barthélemy": "977 977",
    "Terres australes et antarctiques françaises": "984 984", "Nouvelle-Calédonie": "988 988",
}  # fmt: skip
REGIONS = {
    "01": "Guadeloupe", "04": "La Réunion", "11": "Île-de-France", "27": "Bourgogne-Franche-Comté", "28": "Normandie",
    "32": "Hauts-de-France", "44": "Grand Est", "53": "Bretagne", "75": "Nouvelle-Aquitaine", "76": "Occitanie",
    "84": "Auvergne-Rhône-Alpes", "93": "Provence-Alpes-Côte d'Azur", "94": "Corse", "977": "Saint-Barthélemy",
    "984": "Terres australes et antarctiques françaises", "988": "Nouvelle-Calédonie",
}  # fmt: skip

TOWNS = [
    Town("Castres", (), "76", 41_382, Point(43.6054, 2.2446)),
    Town("Ajaccio", (), "94", 68_587, Point(41.9273, 8.7346)),
    Town("Nouméa", (), "988", 93_060, Point(-22.2763, 166.4572)),
    Town("Saint-Denis", (), "974", 190_047, Point(-20.8823, 55.4504)),
    Town("Paris", (), "11", 2_138_551, Point(48.8534, 2.3488)),
]
ELSEWHERE = Point(46.5, 2.5)  # for the departments in which this small list has no town


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The forty communes, built."""
    official = small_list()
    with_town = {"31", "81", "2A", "988", "974", "75", "984", "977"}
    elsewhere = {row["code"]: ELSEWHERE for row in official.communes if row.get("departement", "31") not in with_town}
    path = tmp_path_factory.mktemp("territory") / "gazetteer.json"
    write(assemble(official, TOWNS, elsewhere | exact_centres()), path)
    return path


@pytest.fixture
def small(small_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    """The gazetteer reads the forty communes."""
    yield from _reading(small_file, monkeypatch)


@pytest.fixture(scope="session")
def real_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The list of this installation, built here when it is not current."""
    if is_current(BUILT_FILE, PACKAGE_FOLDER):
        return BUILT_FILE
    if not PACKAGE_FOLDER.exists():
        pytest.skip("the State's list of communes is not installed (npm ci)")
    path = tmp_path_factory.mktemp("territory") / "real.json"
    write(assemble(official_list(), french_towns(), exact_centres()), path)
    return path


@pytest.fixture
def real(real_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    """The gazetteer reads the whole of France."""
    yield from _reading(real_file, monkeypatch)


@pytest.fixture(scope="session")
def reference_folder() -> Path:
    """Official vocabularies to check against, beside the project."""
    folder = PROJECT / os.environ.get("BOUCLE_DATA_DIR", "../shared/data") / "reference"
    if not (folder / "communes_2026.csv").exists():
        pytest.skip("BOUCLE_DATA_DIR has no reference/communes_2026.csv to check the gazetteer against")
    return folder


def _reading(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    monkeypatch.setattr(tables_module, "BUILT_FILE", path)
    tables_module.tables.cache_clear()
    yield tables_module.tables()
    tables_module.tables.cache_clear()


def small_list() -> OfficialList:
    """The package's rows; every EPCI member is one of the communes above."""
    rows = [[cell.strip() for cell in line.split("|")] for line in COMMUNES.strip().splitlines()]
    members: dict[str, list[Row]] = {code: [] for code in EPCIS}
    for row in rows:
        if row[6]:
            members[row[6]].append({"code": row[0]})
    return OfficialList(
        version="0.0.1",
        communes=[_commune(row) for row in rows] + FORMER,
        epcis=[{"code": code, "nom": name, "membres": members[code]} for code, name in EPCIS.items()],
        departments=[
            {"code": codes.split()[0], "nom": name, "region": codes.split()[1]} for name, codes in DEPARTMENTS.items()
        ],
        regions=[{"code": code, "nom": name} for code, name in REGIONS.items()],
    )


def _commune(row: list[str]) -> Row:
    code, name, department, region, postcodes, population, _ = row
    commune: Row = {"code": code, "nom": name, "departement": department, "region": region, "type": "commune-actuelle"}
    if postcodes:
        commune["codesPostaux"] = postcodes.split()
    if population != "0":
        commune["population"] = int(population)
    return commune
