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


def place_words(place: Place | None) -> str:
    """The place as people name it: its label with the commune, or the commune."""
    if place is None:
        return ""
    return (
        f"{place.label}, {place.commune_name}"
        if place.label and place.label != place.commune_name
        else place.commune_name
    )


def place_input(place: Place | None) -> str:
    """The text that reads back as exactly this place."""
    if place is None:
        return ""
    return place.label or f"{place.postcode or ''} {place.commune_name}".strip()
