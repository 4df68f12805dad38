"""Exact look-ups in the built list: a commune, an EPCI, a department, a region, and the place of a commune."""

from shared.territory.names import fold, without_article
from shared.territory.place import Exactness, Place
from shared.territory.tables import Commune, Department, Epci, Region, former_key, tables


class UnknownCommune(LookupError):
    """No present or former commune has this INSEE code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"No commune has the INSEE code {code!r}")


def commune(code: str) -> Commune | None:
    """By INSEE code; a merged commune or an arrondissement gives today's commune."""
    row = tables().rows_by_code.get(code)
    return None if row is None else tables().commune(row)


def communes_named(name: str) -> list[Commune]:
    """Every commune of that name, accents, case and article apart, most populated first.

    Where the article tells communes apart it counts: « Le Pin » is not « Pin », but « Fousseret » is « Le Fousseret ».
    """
    key = fold(name)
    rows = tables().rows_by_name.get(without_article(key), [])
    same_article = [row for row in rows if tables().built.keys[row] == key]
    return [tables().commune(row) for row in same_article or rows]


def communes_of_postcode(postcode: str) -> list[Commune]:
    """Every commune that a postcode serves, most populated first."""
    return [tables().commune(row) for row in tables().rows_by_postcode.get(postcode, [])]


def former_communes_named(name: str) -> list[tuple[str, Commune]]:
    """Merged communes and arrondissements of that name, each with today's commune."""
    found = tables().former_by_name.get(former_key(name), [])
    return [(former, tables().commune(row)) for former, row in found]


def epci(code: str) -> Epci | None:
    """By SIREN."""
    return tables().epcis.get(code)


def department(code: str) -> Department | None:
    """By INSEE code: `31`, `2A`, `971`."""
    return tables().departments.get(code.upper())


def region(code: str) -> Region | None:
    """By INSEE code: `76` is Occitanie."""
    return tables().regions.get(code)


def place_of(
    commune_code: str,
    *,
    postcode: str | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    label: str | None = None,
) -> Place:
    """The place of a commune; given coordinates make it an address. UnknownCommune when the code is no commune's."""
    found = commune(commune_code)
    if found is None:
        raise UnknownCommune(commune_code)
    if latitude is None or longitude is None:
        return place_in(found, postcode=postcode, label=label)
    return place_in(found, (latitude, longitude), postcode=postcode, label=label, exactness="address")


def place_in(
    found: Commune,
    point: tuple[float, float] | None = None,
    *,
    postcode: str | None = None,
    label: str | None = None,
    exactness: Exactness = "commune",
) -> Place:
    """A place in a commune: at the point with its exactness, else wherever the list has the commune."""
    latitude, longitude = point or (found.latitude, found.longitude)
    return Place(
        commune_code=found.code,
        commune_name=found.name,
        postcode=postcode or (found.postcodes[0] if len(found.postcodes) == 1 else None),
        epci_code=found.epci.code if found.epci else None,
        epci_name=found.epci.name if found.epci else None,
        department_code=found.department.code,
        region_code=found.department.region_code,
        latitude=latitude,
        longitude=longitude,
        exactness=exactness if point else found.exactness,
        label=label,
    )
