"""The area of an offer as a map shows it, saved or still being typed; the lines of the form stay what counts."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from services.catalog.offers.zones import read_zones, zones_around
from shared.refusal import Refusal
from shared.territory.drawing import shown_centre
from shared.territory.place import Language, Place, Radius, Zone, describe
from shared.web.pages import Req, gettext
from shared.web.picturing import pictured
from shared.web.visit import visit_of

MOST_LINES = 20
WIDTH, HEIGHT = 720, 480


def area_of(request: Req, zones: Sequence[Zone], lines: Sequence[str] = ()) -> dict[str, Any]:
    """The picture of an area, in words and for the live map; `outside` names what no map of ours holds.

    `lines` are what was typed for each zone, so that a click can take its line away.
    """
    language: Language = "en" if visit_of(request).language == "en" else "fr"
    picture = pictured(zones, width=WIDTH, height=HEIGHT)
    return {
        "map": picture,
        "words": ", ".join(describe(zone, language) for zone in zones),
        "outside": [describe(zone, language) for zone in picture.drawing.missing],
        "zones": [_for_the_map(zone, line) for zone, line in zip_longest(zones, lines)],
        "wrong": [],
    }


def area_typed(request: Req, text: str, *, near: Place | None, known: Sequence[Zone] = ()) -> dict[str, Any]:
    """The same of lines that somebody is typing: what reads is drawn, what does not is said."""
    zones: list[Zone] = []
    read: list[str] = []
    wrong: list[str] = []
    for line in list(dict.fromkeys(filter(None, map(str.strip, text.splitlines()))))[:MOST_LINES]:
        try:
            zones += read_zones([line], near=near, known=known)
            read.append(line)
        except Refusal as refusal:
            wrong.append(gettext(request, refusal.sentence).format(**refusal.values))
    usual = zones_around(near) if near and not zones and not wrong else []
    return area_of(request, zones or usual, read) | {"wrong": wrong}


def _for_the_map(zone: Zone, line: str | None) -> dict[str, Any]:
    if isinstance(zone, Radius):
        return {"kind": zone.kind, "at": list(shown_centre(zone)), "km": zone.km}
    return {"kind": zone.kind, "code": zone.code, "line": line or ""}
