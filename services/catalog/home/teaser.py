"""The home page's small map: how many needs and flows are open in each commune."""

from collections import Counter

from shared.territory.drawing import Pin, km_between
from shared.territory.outlines import centre_of
from shared.web.picturing import Picture, pictured

WIDTH, HEIGHT, LEAST_KM = 720, 520, 50
MIDDLE, FURTHEST_KM = "31555", 45
"""The picture shows the surroundings of Toulouse; what lies further is on the whole map."""


def teaser(asked: Counter[str], given: Counter[str]) -> Picture | None:
    """A square per commune with its count, brick where there is only matter; None while nothing is open near us."""
    middle = centre_of(MIDDLE)
    pins = []
    for code in sorted(asked | given, key=lambda code: (asked + given)[code]):
        spot = centre_of(code)
        if spot is not None and middle is not None and km_between(spot, middle) <= FURTHEST_KM:
            pins.append(_pin(code, asked[code], given[code]))
    return pictured(pins=pins, width=WIDTH, height=HEIGHT, least_km=LEAST_KM) if pins else None


def _pin(code: str, asked: int, given: int) -> Pin:
    kind = "mixed" if asked and given else "flow" if given else "need"
    return Pin(code, str(asked + given), kind)
