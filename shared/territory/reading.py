"""Read what people write for a place: « 31100 Toulouse », « Montaudran », « Fenouillet (31) », an address.

A name that several places share is not guessed, unless one of them is at least DOMINANCE times more populated than
every other: « Castres » is the town of 41,000, not the village of 200; « Valence » is asked.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from shared.territory.handmade import Neighbourhood, neighbourhoods_by_name
from shared.territory.lookups import commune as commune_by_code
from shared.territory.lookups import communes_named, communes_of_postcode, former_communes_named, place_in
from shared.territory.names import fold, without_article
from shared.territory.place import Place
from shared.territory.tables import Commune, tables

T = TypeVar("T")

DOMINANCE = 20
NEIGHBOURHOOD_WEIGHT = 20_000  # about the size of one in Toulouse: it outweighs a village of the same name elsewhere
MOST_CANDIDATES = 12

_CEDEX = re.compile(r"\bcedex\b(?:\s*\d{1,2}\b)?", re.IGNORECASE)
_FRANCE = re.compile(r"[\s,(]+france\)?$", re.IGNORECASE)
_POSTCODE = re.compile(r"(?<!\d)(\d{5})(?!\d)")
_QUALIFIED = re.compile(r"^(?P<name>.+?)\s*(?:\((?P<inside>[^()]+)\)|,\s*(?P<after>[^,()]+))$")
_TRAILING_CODE = re.compile(r"^(?P<name>.*\D)\s+(?P<code>\d{2}|2[AB]|9[78]\d)$", re.IGNORECASE)
_CORSICA = frozenset({"2A", "2B"})


@dataclass(frozen=True, slots=True)
class Ambiguous(Generic[T]):
    """Several readings of one text; `candidates` are offered to the person, most populated first, twelve at most."""

    text: str
    candidates: tuple[T, ...]


class Weighed(NamedTuple, Generic[T]):
    """A reading, and how many people live there."""

    value: T
    population: int


class Written(NamedTuple):
    """The parts of a written place: `part` is an address or a neighbourhood inside the commune that is named."""

    name: str
    part: str | None = None
    postcode: str | None = None
    departments: frozenset[str] | None = None

    def excludes(self, commune: Commune) -> bool:
        """Whether what is written beside the name says that it is not this commune."""
        if self.postcode in commune.postcodes:
            return False
        return self.departments is not None and commune.department.code not in self.departments


def resolve(text: str, *, prefer_department: str | None = None) -> Place | Ambiguous[Place] | None:
    """The place a text names; None when it names none, or contradicts itself (« 31100 Lyon »).

    `prefer_department` settles names that several departments have, and nothing else.
    """
    candidates = read(text)
    preferred = [each for each in candidates if each.value.department_code == prefer_department]
    return decide(text, preferred or candidates)


def decide(text: str, candidates: Iterable[Weighed[T]]) -> T | Ambiguous[T] | None:
    """The only candidate, or the dominant one, or the question."""
    ranked = sorted(candidates, key=lambda each: -each.population)
    if not ranked:
        return None
    if len(ranked) == 1 or ranked[0].population >= DOMINANCE * max(1, ranked[1].population):
        return ranked[0].value
    return Ambiguous(text, tuple(each.value for each in ranked[:MOST_CANDIDATES]))


def read(text: str) -> list[Weighed[Place]]:
    """Every place the text can mean."""
    written = parse(text)
    if not fold(written.name):
        return _places(communes_of_postcode(written.postcode), written) if written.postcode else []
    return _communes_and_neighbourhoods(written) or _former(written) or _by_postcode(written)


def _communes_and_neighbourhoods(written: Written) -> list[Weighed[Place]]:
    """Beside a postcode or a department the best fit alone; a bare name means all that have it."""
    named = [commune for commune in communes_named(written.name) if not written.excludes(commune)]
    served = [commune for commune in named if written.postcode in commune.postcodes]
    if written.postcode:
        return _places(served, written) or _neighbourhood(written) or _places(named, written)
    if written.departments:
        return _places(named, written) or _neighbourhood(written)
    return _places(named, written) + _neighbourhood(written)


def parse(text: str) -> Written:
    """Split a text into its parts: postcode or department, name, and what stands before them."""
    text = _FRANCE.sub("", _CEDEX.sub("", text)).strip(" ,;-")
    if found := _POSTCODE.search(text):
        before, after = text[: found.start()].strip(" ,;()-"), text[found.end() :].strip(" ,;()-")
        part = before if after and before else None
        return Written(after or before, part, postcode=found[1], departments=_departments_of_postcode(found[1]))
    if (found := _TRAILING_CODE.match(text)) and found["code"].upper() in tables().departments:
        return Written(found["name"], departments=frozenset({found["code"].upper()}))
    if found := _QUALIFIED.match(text):
        name, qualifier = found["name"], found["inside"] or found["after"]
        departments = departments_of(qualifier)
        if departments and (_is_known(name) or not communes_named(qualifier)):
            return Written(name, departments=departments)
        return Written(qualifier, part=name)
    return Written(text)


def departments_of(qualifier: str) -> frozenset[str]:
    """The departments meant by a code, a department's name or a region's name; empty when it is none of them."""
    if (code := qualifier.strip().upper()) in tables().departments:
        return frozenset({code})
    name = without_article(fold(qualifier))
    regions = {region.code for region in tables().regions.values() if without_article(fold(region.name)) == name}
    return frozenset(
        department.code
        for department in tables().departments.values()
        if without_article(fold(department.name)) == name or department.region_code in regions
    )


def _departments_of_postcode(postcode: str) -> frozenset[str]:
    if postcode.startswith("20"):
        return _CORSICA
    return frozenset({postcode[:3] if postcode[:2] in ("97", "98") else postcode[:2]})


def _is_known(name: str) -> bool:
    return bool(communes_named(name) or neighbourhood_named(name) or former_communes_named(name))


def neighbourhood_named(name: str | None) -> Neighbourhood | None:
    """The neighbourhood of our table by that name."""
    return neighbourhoods_by_name().get(without_article(fold(name or "")))


def _places(communes: Sequence[Commune], written: Written) -> list[Weighed[Place]]:
    return [Weighed(_place(commune, written), commune.population) for commune in communes]


def _place(commune: Commune, written: Written) -> Place:
    postcode = written.postcode if written.postcode in commune.postcodes else None
    inside = neighbourhood_named(written.part)
    if inside and inside.commune_code == commune.code:
        return place_in(commune, inside.point, postcode=postcode, label=inside.name)
    return place_in(commune, postcode=postcode, label=written.part)


def _neighbourhood(written: Written) -> list[Weighed[Place]]:
    found = neighbourhood_named(written.name)
    commune = found and commune_by_code(found.commune_code)
    if not found or not commune or written.excludes(commune):
        return []
    if written.postcode and written.postcode not in commune.postcodes:
        return []
    label = f"{written.part}, {found.name}" if written.part else found.name
    place = place_in(commune, found.point, postcode=written.postcode, label=label)
    return [Weighed(place, NEIGHBOURHOOD_WEIGHT)]


def _former(written: Written) -> list[Weighed[Place]]:
    """Merged communes and arrondissements: today's commune, labelled with the former name."""
    found = [pair for pair in former_communes_named(written.name) if not written.excludes(pair[1])]
    return [Weighed(_place(commune, written._replace(part=name)), 1) for name, commune in found]


def _by_postcode(written: Written) -> list[Weighed[Place]]:
    """A name that nobody knows, a business park for example, beside a postcode: the postcode's communes."""
    if not written.postcode or _is_known(written.name):
        return []
    label = f"{written.part}, {written.name}" if written.part else written.name
    return _places(communes_of_postcode(written.postcode), written._replace(part=label))
