"""Read what people write for an area: « 30 km autour de Launaguet », « Toulouse Métropole », « Haute-Garonne »."""

import re
from collections.abc import Iterator

from shared.territory.names import fold, without_article, without_epci_words
from shared.territory.place import WHOLE_COUNTRY, Area, AreaKind, Place, Radius, department_of, radius_around
from shared.territory.reading import Ambiguous, Weighed, decide, read, resolve
from shared.territory.tables import tables

MOST_KM = 20_000

_RADIUS = re.compile(
    r"^(?:(?:à|a|dans|within|un|rayon|de|radius|of)\s+)*(?P<km>\d{1,5}(?:[.,]\d{1,3})?)\s*(?:km|kilom[èe]tres?)\s+"
    r"(?:autour\s+|around\s+|from\s+|of\s+)?(?P<article>du\s|des\s|de\s|d['\u2019])?\s*(?P<centre>.+)$",
    re.IGNORECASE,
)
_ARTICLES = {"du": "Le ", "des": "Les "}
_KIND_BEFORE = re.compile(
    r"^(?:toute?\s+)?(?:la\s+|le\s+)?(?P<kind>région|region|département|departement|commune)"
    r"\s+(?:de\s+la\s+|de\s+l['\u2019]\s*|de\s+|du\s+|des\s+|d['\u2019]\s*)?(?P<name>\S.*)$",
    re.IGNORECASE,
)
_REGION_AFTER = re.compile(r"^(?P<name>.*\S)\s+region$", re.IGNORECASE)
_WITH_CODE = re.compile(r"^(?P<name>.*?)\s*\(?(?P<code>\d{2}|2[AB]|9[78]\d)\)?$", re.IGNORECASE)
_WHOLE_COUNTRY = {
    *("france", "la france", "france entiere", "toute la france", "toute france", "national", "territoire national"),
    *("all of france", "whole of france", "all france", "whole country"),
}
_SHORT_REGIONS = {"paca": "93", "idf": "11", "aura": "84"}


def zone_of(
    text: str, *, prefer_department: str | None = None
) -> Area | Radius | Ambiguous[Area] | Ambiguous[Radius] | None:
    """The area a text names; None when it names none. A neighbourhood is no area of its own: a radius around it is.

    `prefer_department` settles communes that several departments have, as in `resolve`.
    """
    text = text.strip(" .,;")
    if fold(text) in _WHOLE_COUNTRY:
        return WHOLE_COUNTRY
    if found := _RADIUS.match(text):
        article = _ARTICLES.get((found["article"] or "").strip().casefold(), "")
        centre = resolve(article + found["centre"], prefer_department=prefer_department)
        return _radius(text, centre, float(found["km"].replace(",", ".")))
    areas = _areas(text)
    preferred = [each for each in areas if _is_commune_of(each.value, prefer_department)]
    return decide(text, [each for each in areas if each.value.kind != "commune"] + preferred if preferred else areas)


def _is_commune_of(area: Area, department: str | None) -> bool:
    return area.kind == "commune" and department_of(area.code) == department


def _radius(text: str, centre: Place | Ambiguous[Place] | None, km: float) -> Radius | Ambiguous[Radius] | None:
    if not 0 < km <= MOST_KM:
        return None
    match centre:
        case Place() as place:
            return radius_around(place, km)
        case Ambiguous(candidates=places):
            return Ambiguous(text, tuple(_told_apart(place, km) for place in places))
        case _:
            return None


def _told_apart(place: Place, km: float) -> Radius:
    return radius_around(place, km).model_copy(update={"label": place.short_name})


def _areas(text: str) -> list[Weighed[Area]]:
    kind, name = _kind_and_name(text)
    found = [each for each in _every_kind(name) if kind in (None, each.value.kind)]
    if not found and kind is None:
        found = list(_named("epci", without_epci_words(fold(name))))
    return _without_same_people(found)


def _kind_and_name(text: str) -> tuple[AreaKind | None, str]:
    if found := _KIND_BEFORE.match(text):
        kinds: dict[str, AreaKind] = {"region": "region", "departement": "department", "commune": "commune"}
        return kinds[fold(found["kind"])], found["name"]
    if found := _REGION_AFTER.match(text):
        return "region", found["name"]
    return None, text


def _every_kind(name: str) -> Iterator[Weighed[Area]]:
    yield from _departments(name)
    yield from _regions(name)
    yield from _named("epci", name)
    for place, population in read(name):
        if place.label is None:
            yield Weighed(Area(kind="commune", code=place.commune_code, name=place.commune_name), population)


def _departments(name: str) -> Iterator[Weighed[Area]]:
    """By name, by code, or both, which must agree."""
    found = _WITH_CODE.match(name)
    if not found:
        return _named("department", name)
    department = tables().departments.get(found["code"].upper())
    if department and _key(found["name"]) in ("", _key(department.name)):
        return iter([_weighed("department", department.code, department.name)])
    return iter(())


def _regions(name: str) -> Iterator[Weighed[Area]]:
    region = tables().regions.get(_SHORT_REGIONS.get(_key(name), ""))
    return iter([_weighed("region", region.code, region.name)]) if region else _named("region", name)


def _named(kind: AreaKind, name: str) -> Iterator[Weighed[Area]]:
    return (_weighed(kind, code, official) for code, official in tables().areas_by_name.get((kind, _key(name)), ()))


def _key(name: str) -> str:
    return without_article(fold(name))


def _weighed(kind: AreaKind, code: str, name: str) -> Weighed[Area]:
    return Weighed(Area(kind=kind, code=code, name=name), tables().people[f"{kind} {code}"])


def _without_same_people(areas: list[Weighed[Area]]) -> list[Weighed[Area]]:
    """Paris is a commune and a department, La Réunion a department and a region: the same ground, asked once."""
    seen: dict[tuple[str, int], Weighed[Area]] = {}
    for area in areas:
        seen.setdefault((_key(area.value.name), area.population), area)
    return list(seen.values())
