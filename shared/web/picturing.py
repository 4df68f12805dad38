"""Maps as pictures of their own: an address that says all that is drawn, and the colours of both themes.

The address holds what the page shows anyway, areas and communes: a picture needs nobody's permission and is kept for
ever.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

from shared.refusal import Refusal
from shared.territory.drawing import Drawing, Pin, Zone, drawn, shown_centre
from shared.territory.outlines import outlines
from shared.territory.place import WHOLE_COUNTRY, Area, Radius

PICTURE_PATH: Final = "/matching/map/picture.svg"
MOST_ZONES, MOST_PINS, MOST_SIDE = 20, 80, 1200
KINDS: Final = ("flow", "need", "offer", "mixed")
# tokens.css has these; a picture stands alone and cannot ask it.
PALETTES: Final[dict[str, dict[str, str]]] = {
    "light": {
        **{"land": "#eee6da", "border": "#fffdf9", "ink": "#1a2230", "area": "#a9cbe3", "ring": "#1e5480"},
        **{"flow": "#a63d26", "flow_ink": "#fff9f4", "need": "#1e5480", "need_ink": "#f6fafd"},
        **{"offer": "#fffdf9", "offer_ink": "#1a2230", "mixed": "#1a2230", "mixed_ink": "#fffdf9"},
    },
    "dark": {
        **{"land": "#243041", "border": "#18212e", "ink": "#f1ece4", "area": "#34577a", "ring": "#a5cdeb"},
        **{"flow": "#f0a084", "flow_ink": "#2b0d05", "need": "#a5cdeb", "need_ink": "#0a1c2b"},
        **{"offer": "#18212e", "offer_ink": "#f1ece4", "mixed": "#f1ece4", "mixed_ink": "#18212e"},
    },
}


class PictureUnreadable(Refusal):
    """The address of a picture says nothing that can be drawn."""

    status = 400
    sentence = "Cette carte n'existe pas."


class Picture(NamedTuple):
    """A map with the address of its picture, without theme and size, which the template adds."""

    drawing: Drawing
    address: str


def pictured(
    zones: Sequence[Zone] = (), pins: Sequence[Pin] = (), *, width: int = 720, height: int = 540, least_km: int = 24
) -> Picture:
    """The map of areas and pins; areas that lie off our maps are only in `drawing.missing`."""
    asked = [
        ("v", outlines().version),
        ("s", f"{width}x{height}"),
        ("k", str(least_km)),
        *(("z", _zone_words(zone)) for zone in zones),
        *(("p", f"{pin.commune},{pin.text},{pin.kind},{int(pin.frames)}") for pin in pins),
    ]
    drawing = drawn(zones, pins, width=width, height=height, least_km=least_km)
    return Picture(drawing, f"{PICTURE_PATH}?{urlencode(asked, safe=',')}")


def asked_for(size: str, least: str, zones: Iterable[str], pins: Iterable[str]) -> Drawing:
    """The drawing an address asks for; raises `PictureUnreadable`."""
    try:
        width, height, least_km = (int(each) for each in (*size.split("x"), least))
        read_zones, read_pins = [_zone(each) for each in zones], [_pin(each) for each in pins]
    except ValueError:
        raise PictureUnreadable from None
    sizes_fit = all(0 < side <= MOST_SIDE for side in (width, height)) and 0 < least_km <= 1_000
    if not sizes_fit or len(read_zones) > MOST_ZONES or len(read_pins) > MOST_PINS:
        raise PictureUnreadable
    return drawn(read_zones, read_pins, width=width, height=height, least_km=least_km)


def _zone_words(zone: Zone) -> str:
    if isinstance(zone, Radius):
        spot = shown_centre(zone)
        return f"radius,{spot.latitude:.4f},{spot.longitude:.4f},{zone.km:g}"
    return f"{zone.kind},{zone.code}"


def _zone(words: str) -> Zone:
    kind, _, rest = words.partition(",")
    if kind == "radius":
        latitude, longitude, km = (float(each) for each in rest.split(","))
        return Radius(latitude=latitude, longitude=longitude, km=km, label="")
    if kind == "country":
        return WHOLE_COUNTRY
    # pydantic refuses an unknown kind or a code that is none: its error is a ValueError
    return Area.model_validate({"kind": kind, "code": rest, "name": ""})


def _pin(words: str) -> Pin:
    commune, text, kind, frames = words.split(",")
    if kind not in KINDS or len(text) > 4 or not text.isdigit():
        raise ValueError(words)
    return Pin(commune, text, kind, frames=frames == "1")
