"""Columns that several lists have, and how they are read: places as communes, no address, no hidden name."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from services.catalog.opendata.masking import masked
from services.catalog.opendata.models import Described
from shared.events.facts import plain
from shared.territory import lookups

Read = Callable[[Any], Any]


def free(name: str) -> Read:
    """A text of somebody's own words."""
    return lambda row: masked(getattr(row, name))


def number(name: str) -> Read:
    """An amount as it was said: 80, not 80.000."""

    def read(row: Any) -> Any:
        value = getattr(row, name)
        return None if value is None else plain(value)

    return read


def of_place(name: str) -> Read:
    """A part of the row's own place."""
    return lambda row: (row.place_data or {}).get(name)


def of_home(name: str) -> Read:
    """A part of the place of the row's organisation."""
    return lambda row: (row.organisation.place_data or {}).get(name)


def _centre(axis: str, place: Read) -> Read:
    """The commune's centre, however exactly the place is known."""

    def read(row: Any) -> Any:
        commune = lookups.commune(place(row) or "")
        return None if commune is None else getattr(commune, axis)

    return read


def unless_hidden(read: Read) -> Read:
    """Whose need it is; None where its author hides. A tender is public: hiding does not apply to it."""
    return lambda need: None if need.author_hidden and not need.public_tender else read(need)


ID = Described("id", "uuid", "Identifiant, qui ne change pas", attrgetter("id"))
ORIGIN = Described(
    "origin",
    "code",
    "D'où vient la ligne : member (saisie), import, demonstration ou synthetic (inventées)",
    attrgetter("origin"),
)
SAID = (
    Described("title", "text", "Titre", free("title")),
    Described("description", "text", "Description ; adresses e-mail et téléphones retirés", free("description")),
    Described("categories", "codes", "Catégories du vocabulaire de Boucle", attrgetter("categories")),
    Described("ewc", "codes", "Codes de la liste européenne des déchets, six chiffres", attrgetter("ewc")),
)
# The same of what is no material.
WRITTEN = SAID[:-1]
PUBLISHED = Described("published_at", "moment", "Moment de la publication, UTC", attrgetter("published_at"))
STARTS = Described("starts_on", "date", "Premier jour", attrgetter("starts_on"))
ENDS = Described("ends_on", "date", "Dernier jour", attrgetter("ends_on"))
RADIUS = Described("radius_km", "integer", "Distance au plus, à vol d'oiseau", attrgetter("radius_km"), unit="km")
KINDS = Described(
    "supplier_kinds", "codes", "Structures à qui c'est destiné ; vide : toutes", attrgetter("supplier_kinds")
)
RECEIPT = Described("receipt_wanted", "boolean", "Vrai si un reçu fiscal est attendu", attrgetter("receipt_wanted"))
PERMITS = Described("permits", "codes", "Autorisations demandées", attrgetter("permits"))
CPV = Described("cpv", "codes", "Codes CPV, huit chiffres", attrgetter("cpv"))


QUANTITY = (
    Described(
        "quantity_value",
        "decimal",
        "Quantité ; d'un gisement, le bas de la fourchette ; d'une activité, sa capacité",
        number("quantity_value"),
        unit="quantity_unit",
    ),
    Described("quantity_unit", "code", "Unité de la quantité", attrgetter("quantity_unit")),
    Described(
        "quantity_period", "code", "Rythme de la quantité : once, day, week, month, year", attrgetter("quantity_period")
    ),
)
MINIMUM = Described("minimum_value", "decimal", "Plus petite part utile", number("minimum_value"), unit="quantity_unit")


def placed(part: Callable[[str], Read]) -> tuple[Described, ...]:
    """Where it is, as exactly as its commune."""
    code = part("commune_code")
    return (
        Described("commune_code", "code", "Commune, code INSEE", code),
        Described("commune_name", "text", "Commune", part("commune_name")),
        Described("department_code", "code", "Département, code INSEE", part("department_code")),
        Described("region_code", "code", "Région, code INSEE", part("region_code")),
        Described(
            "latitude", "decimal", "Latitude du centre de la commune, WGS 84", _centre("latitude", code), unit="°"
        ),
        Described(
            "longitude", "decimal", "Longitude du centre de la commune, WGS 84", _centre("longitude", code), unit="°"
        ),
    )


def whose(of: Callable[[Read], Read] = lambda read: read) -> tuple[Described, ...]:
    """Who posted it."""
    return (
        Described(
            "organisation_id", "uuid", "Structure ; vide quand elle cache son nom", of(attrgetter("organisation_id"))
        ),
        Described(
            "organisation_name",
            "text",
            "Nom de la structure ; vide quand elle le cache",
            of(attrgetter("organisation.name")),
        ),
    )
