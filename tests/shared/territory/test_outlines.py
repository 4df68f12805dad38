"""The built outlines say what the list of communes says, and the pictures drawn of them show no more than they may."""

import math
import re
from pathlib import Path

import pytest

from deploy.embedded.data_folder import PROJECT
from shared.territory import gazetteer, outline_source
from shared.territory.drawing import Pin, drawn, km_between, shown_centre
from shared.territory.outlines import Outlines, Spot, centre_of, outlines
from shared.territory.outlining import is_current
from shared.territory.place import WHOLE_COUNTRY, Area, Place, radius_around
from shared.territory.territories import territories

MOST_BYTES = 230_000
METROPOLE = Area(kind="epci", code="243100518", name="Toulouse Métropole")


def point(name: str) -> Place:
    found = gazetteer.resolve(name)
    assert isinstance(found, Place)
    return found


def test_the_outlines_are_current_and_of_the_locked_package() -> None:
    assert is_current()
    lock = (PROJECT / "requirements-outlines.lock").read_text()
    assert lock.startswith(f"{outline_source.PACKAGE}=={outline_source.VERSION} ")
    assert outlines().file.boucle.edition == outline_source.EDITION
    with pytest.raises(outline_source.OutlinesMissing, match="make setup"):
        outline_source.wheel_in(Path("/nowhere"))


def test_every_commune_of_our_territories_is_drawn_with_its_neighbours() -> None:
    drawn_epcis = {each.properties.epci for each in outlines().communes.values()}
    assert {code for each in territories() for code in each.epcis} <= drawn_epcis
    assert len(list(outlines().members(METROPOLE))) == 37
    departments = {each.properties.department for each in outlines().communes.values()}
    assert departments == {"31", "09", "11", "32", "65", "81", "82"}
    assert not departments & outlines().departments.keys()
    for code, each in outlines().communes.items():
        found = gazetteer.commune(code)
        assert found is not None
        assert found.name == each.properties.name


def test_browsers_fetch_them_in_one_small_file() -> None:
    assert len(outlines().packed) < MOST_BYTES
    assert Outlines(outlines().body).version == outlines().version
    assert Outlines(outlines().body + b" ").version != outlines().version


def test_a_commune_holds_its_own_middle() -> None:
    toulouse = centre_of("31555")
    assert toulouse is not None
    assert km_between(toulouse, Spot(1.4437, 43.6043)) < 5
    for name, code in (("Toulouse", "31555"), ("Muret", "31395"), ("Launaguet", "31282")):
        place = point(name)
        holder = outlines().holder(Spot(place.longitude, place.latitude))
        assert holder is not None
        assert holder.id == code
    assert outlines().holder(Spot(2.35, 48.85)) is None


def test_communes_together_have_one_outline() -> None:
    rings = outlines().merged(outlines().members(METROPOLE))
    assert len(rings) == 1
    points = outlines().points(rings[0])
    assert points[0] == points[-1]


def test_a_radius_is_a_circle_of_its_kilometres_that_the_picture_holds() -> None:
    zone = radius_around(point("Launaguet"), 30)
    picture = drawn([zone])
    ((x, y, radius),) = picture.rings
    assert radius == round(30 * picture.frame.scale)
    assert 0 < x - radius < x + radius < picture.frame.width
    assert 0 < y - radius < y + radius < picture.frame.height
    west, south, east, north = picture.box
    assert west < zone.longitude < east
    assert south < zone.latitude < north


def test_an_address_is_shown_as_its_commune() -> None:
    """INVARIANT: no picture tells more of a place than its commune."""
    address = gazetteer.place_of("31282", latitude=43.6731, longitude=1.4583, label="12 rue des Lilas")
    assert address.exactness == "address"
    assert shown_centre(radius_around(address, 20)) == centre_of("31282")
    far = gazetteer.place_of("33063", latitude=44.8412, longitude=-0.5733, label="1 quai de Bacalan")
    shown = shown_centre(radius_around(far, 20))
    assert shown != (far.longitude, far.latitude)
    assert km_between(shown, Spot(far.longitude, far.latitude)) > 0.1


@pytest.mark.parametrize(
    ("zone", "levels"),
    [
        ("Muret", ["commune", "epci", "department"]),
        ("Haute-Garonne", ["epci", "department"]),
        ("Occitanie", ["department"]),
    ],
)
def test_a_wide_picture_leaves_small_borders_out(zone: str, levels: list[str]) -> None:
    area = gazetteer.zone_of(zone)
    assert isinstance(area, Area)
    picture = drawn([area])
    assert sorted(picture.borders) == sorted(levels)
    assert re.fullmatch(r"(M-?\d+ -?\d+l[-\d ]+z)+", picture.areas)
    assert sum(map(len, picture.borders.values())) < 40_000


def test_what_no_map_of_ours_holds_is_named() -> None:
    brest = Area(kind="commune", code="29019", name="Brest")
    assert drawn([brest]).missing == [brest]
    gironde = Area(kind="department", code="33", name="Gironde")
    assert drawn([gironde, WHOLE_COUNTRY]).missing == []


def test_pins_stand_where_their_commune_is_and_hide_no_name() -> None:
    picture = drawn(pins=[Pin("31395", "1", "need"), Pin("75056", "2", "flow", frames=False)], least_km=40)
    assert math.isclose(picture.frame.km, 40, rel_tol=0.01)
    (x, y, _), _ = picture.pins
    assert (x, y) == (picture.frame.width // 2, picture.frame.height // 2)
    assert "Muret" not in [name for _, name_y, name, _ in picture.names if abs(name_y - y) < 10]
    assert drawn(pins=[Pin("97502", "1", "need")]).pins == []
