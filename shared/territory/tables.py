"""The built list of communes in memory: the file's format, its indexes, and the error when it has not been built."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

import msgspec

from shared.territory.names import fold, without_article, without_epci_words
from shared.territory.place import AreaKind, Exactness

BUILT_FILE: Final = Path(__file__).parent / "built" / "gazetteer.json"
BUILD_COMMAND: Final = "python -m shared.territory.build"
FORMAT: Final = 1
DEGREE: Final = 10_000  # coordinates are whole ten-thousandths of a degree in the file: 11 m
EXACTNESS_LETTERS: Final[dict[str, Exactness]] = {"c": "commune", "e": "epci", "d": "department"}


class GazetteerNotBuilt(RuntimeError):
    """The list of communes is missing or of another format; the message says which command builds it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"The list of communes {why} ({path}). Build it with: {BUILD_COMMAND}")


class BuiltFile(msgspec.Struct, forbid_unknown_fields=True):
    """Columns, one entry per commune, most populated first; `epcis` and `departments` are row numbers, -1 is none."""

    format: int
    sources: dict[str, str]
    region_rows: list[tuple[str, str]]
    department_rows: list[tuple[str, str, str]]
    epci_rows: list[tuple[str, str]]
    codes: list[str]
    names: list[str]
    keys: list[str]
    postcodes: list[str]
    populations: list[int]
    epcis: list[int]
    departments: list[int]
    latitudes: list[int]
    longitudes: list[int]
    exactness: str
    former: list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Region:
    """A region, or an overseas collectivity in its place."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Department:
    """A department, or an overseas collectivity in its place."""

    code: str
    name: str
    region_code: str


@dataclass(frozen=True, slots=True)
class Epci:
    """An intercommunality with its own taxes, by SIREN."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Commune:
    """A present commune; coordinates are as good as `exactness` says."""

    code: str
    name: str
    postcodes: tuple[str, ...]
    population: int
    epci: Epci | None
    department: Department
    latitude: float
    longitude: float
    exactness: Exactness


class Tables:
    """Indexes over the file; communes are row numbers inside, objects only when handed out."""

    def __init__(self, built: BuiltFile) -> None:
        self.built = built
        self.regions = {code: Region(code, name) for code, name in built.region_rows}
        self.departments = {row[0]: Department(*row) for row in built.department_rows}
        self.epcis = {code: Epci(code, name) for code, name in built.epci_rows}

    def commune(self, row: int) -> Commune:
        """The commune of one row."""
        built = self.built
        epci = built.epcis[row]
        return Commune(
            code=built.codes[row],
            name=built.names[row],
            postcodes=tuple(built.postcodes[row].split()),
            population=built.populations[row],
            epci=self.epcis[built.epci_rows[epci][0]] if epci >= 0 else None,
            department=self.departments[built.department_rows[built.departments[row]][0]],
            latitude=built.latitudes[row] / DEGREE,
            longitude=built.longitudes[row] / DEGREE,
            exactness=EXACTNESS_LETTERS[built.exactness[row]],
        )

    @cached_property
    def rows_by_code(self) -> dict[str, int]:
        """Rows by INSEE code; a former commune or an arrondissement leads to the commune it belongs to."""
        former = {code: row for code, _, row in self.built.former}
        return former | {code: row for row, code in enumerate(self.built.codes)}

    @cached_property
    def rows_by_name(self) -> dict[str, list[int]]:
        """Rows by folded name without its article, most populated first."""
        index: dict[str, list[int]] = defaultdict(list)
        for row, key in enumerate(self.built.keys):
            index[without_article(key)].append(row)
        return dict(index)

    @cached_property
    def former_by_name(self) -> dict[str, list[tuple[str, int]]]:
        """Former communes and arrondissements: (name, row) by `former_key`."""
        index: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for _, name, row in self.built.former:
            index[former_key(name)].append((name, row))
        return dict(index)

    @cached_property
    def areas_by_name(self) -> dict[tuple[AreaKind, str], list[tuple[str, str]]]:
        """(code, name) of regions, departments and EPCI by kind and folded name; an EPCI also without « CC du »."""
        index: dict[tuple[AreaKind, str], list[tuple[str, str]]] = defaultdict(list)
        for region in self.regions.values():
            index["region", without_article(fold(region.name))].append((region.code, region.name))
        for department in self.departments.values():
            index["department", without_article(fold(department.name))].append((department.code, department.name))
        for epci in self.epcis.values():
            folded = fold(epci.name)
            for key in {without_article(folded), without_epci_words(folded)}:
                index["epci", key].append((epci.code, epci.name))
        return dict(index)

    @cached_property
    def rows_by_postcode(self) -> dict[str, list[int]]:
        """Rows by postcode, most populated first."""
        index: dict[str, list[int]] = defaultdict(list)
        for row, postcodes in enumerate(self.built.postcodes):
            for postcode in postcodes.split():
                index[postcode].append(row)
        return dict(index)

    @cached_property
    def name_lines(self) -> "Lines":
        """All folded names for prefix search."""
        return Lines(self.built.keys)

    @cached_property
    def codes_of_rows(self) -> list[str]:
        """Per row its department's code and its postcodes, each after a space, for « begins with » on any of them."""
        departments = [row[0].casefold() for row in self.built.department_rows]
        columns = zip(self.built.departments, self.built.postcodes, strict=True)
        return [f" {departments[department]} {postcodes}" for department, postcodes in columns]

    @cached_property
    def code_lines(self) -> "Lines":
        """The same, to search all rows."""
        return Lines(self.codes_of_rows)

    @cached_property
    def people(self) -> Counter[str]:
        """Inhabitants of every EPCI, department and region, by `<kind> <code>`."""
        people = Counter[str]()
        built = self.built
        for population, epci, number in zip(built.populations, built.epcis, built.departments, strict=True):
            department, _, region = built.department_rows[number]
            people[f"department {department}"] += population
            people[f"region {region}"] += population
            if epci >= 0:
                people[f"epci {built.epci_rows[epci][0]}"] += population
        return people


def former_key(name: str) -> str:
    """« Paris 11e Arrondissement » is also written « Paris 11e »."""
    return without_article(fold(name)).removesuffix(" arrondissement")


class Lines:
    """Lines of one text searched with the C speed of `str.find`: 35,000 names in well under a millisecond."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._text = "\n" + "\n".join(lines) + "\n"
        self._starts = []
        position = 0
        for line in lines:
            self._starts.append(position)
            position += len(line) + 1

    def matching(self, part: str) -> Iterator[int]:
        """Numbers of the lines that hold `part`, in order, each once; a leading newline means "at its beginning"."""
        position = self._text.find(part)
        while position >= 0:
            number = bisect_right(self._starts, position) - 1
            yield number
            next_line = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._text)
            position = self._text.find(part, next_line)


def load(path: Path) -> Tables:
    """Read a built file; GazetteerNotBuilt when it is missing, unreadable or of another format."""
    try:
        built = msgspec.json.decode(path.read_bytes(), type=BuiltFile)
    except FileNotFoundError:
        raise GazetteerNotBuilt(path, "has not been built") from None
    except msgspec.DecodeError as error:
        raise GazetteerNotBuilt(path, f"cannot be read: {error}") from error
    if built.format != FORMAT:
        raise GazetteerNotBuilt(path, f"has format {built.format} instead of {FORMAT}")
    return Tables(built)


@cache
def tables() -> Tables:
    """The built file of this installation, read on first use and kept."""
    return load(BUILT_FILE)
