"""Catalog alone resolves places: what a person types becomes a commune with coordinates, or a question."""

from services.catalog.organisations.errors import PlaceAmbiguous, PlaceUnknown
from shared.territory import gazetteer
from shared.territory.place import Place


def resolved_place(text: str) -> Place:
    """The place a person named; raises `PlaceUnknown` or `PlaceAmbiguous` with the choices."""
    found = gazetteer.resolve(text)
    if isinstance(found, Place):
        return found
    if found is None:
        raise PlaceUnknown
    choices = (f"{place.commune_name} ({place.postcode or place.department_code})" for place in found.candidates[:5])
    raise PlaceAmbiguous(choices=", ".join(choices))
