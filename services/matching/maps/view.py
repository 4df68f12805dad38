"""The places of an answer as the page lists and draws them, numbered alike."""

from collections.abc import Sequence
from typing import Any

from services.matching.maps.places import PlaceFound
from shared.territory.drawing import Pin, km_between
from shared.territory.outlines import centre_of
from shared.web.pages import Req, ngettext
from shared.web.picturing import Picture, pictured

WIDTH, HEIGHT = 720, 760
LEAST_KM = 40
MIDDLE = "31555"
FURTHEST_KM = 120
"""What lies further from the middle of Toulouse is listed, and does not make the first view of the map wider."""


def numbered(request: Req, places: Sequence[PlaceFound]) -> list[dict[str, Any]]:
    """Each place with its number, and what its pin says to somebody who does not see it."""
    rows = []
    for number, place in enumerate(places, start=1):
        held = len(place.posted)
        label = ngettext(request, "{place} : {num} annonce", "{place} : {num} annonces", held)
        said = f"{number}, {label.format(place=place.name, num=held)}"
        rows.append({"number": number, "place": place, "kind": place.kind, "label": said})
    return rows


def map_of(places: Sequence[PlaceFound]) -> Picture:
    """The picture under the live map; the first place of the list is drawn last, on top."""
    pins = [pin(number, place) for number, place in enumerate(places, start=1)]
    return pictured(pins=[each for each in pins if each], width=WIDTH, height=HEIGHT, least_km=LEAST_KM)


def pin(number: int, place: PlaceFound) -> Pin | None:
    """The numbered square of a place; None off our maps."""
    if place.spot is None:
        return None
    near = km_between(place.spot, centre_of(MIDDLE) or place.spot) <= FURTHEST_KM
    return Pin(place.code, str(number), place.kind, frames=near)
