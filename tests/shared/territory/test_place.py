"""Distance, coverage, gap and wording: rules on places and areas, without any data file."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.territory.place import (
    WHOLE_COUNTRY,
    Area,
    Place,
    Radius,
    Zone,
    covers,
    department_of,
    describe,
    distance_km,
    gap_km,
    radius_around,
)

LAUNAGUET = Place(
    commune_code="31282",
    commune_name="Launaguet",
    postcode="31140",
    epci_code="243100518",
    epci_name="Toulouse Métropole",
    department_code="31",
    region_code="76",
    latitude=43.674,
    longitude=1.457,
    exactness="commune",
)
BESSIERES = LAUNAGUET.model_copy(
    update={
        "commune_code": "31066",
        "commune_name": "Bessières",
        "postcode": "31660",
        "epci_code": "243100773",
        "epci_name": "CC Val'Aïgo",
        "latitude": 43.8,
        "longitude": 1.606,
    }
)
OUESSANT = LAUNAGUET.model_copy(
    update={
        "commune_code": "29155",
        "commune_name": "Ouessant",
        "epci_code": None,
        "epci_name": None,
        "department_code": "29",
        "region_code": "53",
    }
)


def at(latitude: float, longitude: float) -> Place:
    return LAUNAGUET.model_copy(update={"latitude": latitude, "longitude": longitude})


points = st.builds(at, st.floats(-90, 90), st.floats(-180, 180))


def test_paris_is_589_km_from_toulouse() -> None:
    assert distance_km(at(48.8566, 2.3522), at(43.6045, 1.4440)) == pytest.approx(588.2, abs=1)


def test_one_degree_of_latitude_is_111_km() -> None:
    assert distance_km(at(43, 1), at(44, 1)) == pytest.approx(111.195, abs=0.01)


def test_the_date_line_is_no_wall() -> None:
    assert distance_km(at(-13, 179.9), at(-13, -179.9)) == pytest.approx(21.7, abs=0.1)


@given(points, points)
def test_distance_is_symmetric_and_never_above_half_the_earth(a: Place, b: Place) -> None:
    distance = distance_km(a, b)
    assert distance == pytest.approx(distance_km(b, a), abs=1e-9)
    assert 0 <= distance <= math.pi * 6371.0089


@given(points)
def test_nothing_is_away_from_itself(a: Place) -> None:
    assert distance_km(a, a) == 0


@given(points, points, points)
def test_a_detour_is_never_shorter(a: Place, b: Place, c: Place) -> None:
    assert distance_km(a, c) <= distance_km(a, b) + distance_km(b, c) + 1e-3


@pytest.mark.parametrize(
    ("zone", "covered"),
    [
        (Area(kind="commune", code="31282", name="Launaguet"), True),
        (Area(kind="commune", code="31066", name="Bessières"), False),
        (Area(kind="epci", code="243100518", name="Toulouse Métropole"), True),
        (Area(kind="epci", code="243100773", name="CC Val'Aïgo"), False),
        (Area(kind="department", code="31", name="Haute-Garonne"), True),
        (Area(kind="department", code="82", name="Tarn-et-Garonne"), False),
        (Area(kind="region", code="76", name="Occitanie"), True),
        (Area(kind="region", code="75", name="Nouvelle-Aquitaine"), False),
        (WHOLE_COUNTRY, True),
    ],
)
def test_an_administrative_area_covers_by_code(zone: Area, *, covered: bool) -> None:
    assert covers(zone, LAUNAGUET) is covered
    assert gap_km(zone, LAUNAGUET) is None


def test_department_31_is_not_region_31() -> None:
    somewhere = LAUNAGUET.model_copy(update={"department_code": "76", "region_code": "28"})
    assert not covers(Area(kind="region", code="76", name="Occitanie"), somewhere)
    assert covers(Area(kind="department", code="76", name="Seine-Maritime"), somewhere)


def test_a_place_outside_any_epci_is_in_no_epci() -> None:
    assert not covers(Area(kind="epci", code="243100518", name="Toulouse Métropole"), OUESSANT)
    assert covers(WHOLE_COUNTRY, OUESSANT)


def test_a_radius_says_how_far_it_falls_short() -> None:
    zone = radius_around(LAUNAGUET, 14)
    assert not covers(zone, BESSIERES)
    gap = gap_km(zone, BESSIERES)
    assert gap == pytest.approx(distance_km(LAUNAGUET, BESSIERES) - 14)
    assert gap is not None
    assert gap > 4


def test_the_edge_of_a_radius_is_inside() -> None:
    exactly = radius_around(LAUNAGUET, distance_km(LAUNAGUET, BESSIERES))
    assert covers(exactly, BESSIERES)
    assert gap_km(exactly, BESSIERES) == 0


@given(points, st.floats(0.1, 20_000))
def test_a_radius_covers_exactly_where_no_km_is_missing(place: Place, km: float) -> None:
    zone = radius_around(LAUNAGUET, km)
    assert covers(zone, place) is (gap_km(zone, place) == 0)


@pytest.mark.parametrize(
    ("zone", "french", "english"),
    [
        (radius_around(LAUNAGUET, 30), "30 km autour de Launaguet", "30 km around Launaguet"),
        (radius_around(LAUNAGUET, 7.5), "7,5 km autour de Launaguet", "7.5 km around Launaguet"),
        (Area(kind="commune", code="31282", name="Launaguet"), "Launaguet (31)", "Launaguet (31)"),
        (Area(kind="commune", code="97411", name="Saint-Denis"), "Saint-Denis (974)", "Saint-Denis (974)"),
        (Area(kind="epci", code="243100518", name="Toulouse Métropole"), "Toulouse Métropole", "Toulouse Métropole"),
        (Area(kind="department", code="2A", name="Corse-du-Sud"), "Corse-du-Sud (2A)", "Corse-du-Sud (2A)"),
        (Area(kind="region", code="76", name="Occitanie"), "région Occitanie", "Occitanie region"),
        (WHOLE_COUNTRY, "toute la France", "all of France"),
    ],
)
def test_an_area_is_described_in_both_languages(zone: Area | Radius, french: str, english: str) -> None:
    assert describe(zone, "fr") == french
    assert describe(zone, "en") == english


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Aucamville", "d'Aucamville"),
        ("Évreux", "d'Évreux"),
        ("Le Fousseret", "du Fousseret"),
        ("Les Lilas", "des Lilas"),
        ("La Salvetat", "de La Salvetat"),
        ("L'Union", "de L'Union"),
        ("Houilles", "de Houilles"),
    ],
)
def test_french_contracts_before_a_name(name: str, said: str) -> None:
    zone = Radius(latitude=43, longitude=1, km=5, label=name)
    assert describe(zone) == f"5 km autour {said}"


@pytest.mark.parametrize(
    ("code", "department"),
    [("31555", "31"), ("2A004", "2A"), ("2B033", "2B"), ("97105", "971"), ("97611", "976"), ("98818", "988")],
)
def test_a_commune_code_holds_its_department(code: str, department: str) -> None:
    assert department_of(code) == department


@pytest.mark.parametrize(
    ("kind", "code"),
    [("commune", "2C004"), ("commune", "243100518"), ("epci", "31555"), ("department", "2C"), ("country", "DE")],
)
def test_an_area_refuses_a_code_of_another_kind(kind: str, code: str) -> None:
    with pytest.raises(ValidationError):
        Area.model_validate({"kind": kind, "code": code, "name": "?"})


@pytest.mark.parametrize("km", [0, -1, 20_001, math.nan, math.inf])
def test_a_radius_has_a_possible_length(km: float) -> None:
    with pytest.raises(ValidationError):
        Radius(latitude=43, longitude=1, km=km, label="?")


def test_coordinates_stay_on_the_globe() -> None:
    with pytest.raises(ValidationError):
        Place.model_validate(LAUNAGUET.model_dump() | {"latitude": 91})


def test_places_and_zones_travel_in_json() -> None:
    zones: TypeAdapter[Area | Radius] = TypeAdapter(Zone)
    for zone in (WHOLE_COUNTRY, Area(kind="region", code="76", name="Occitanie"), radius_around(LAUNAGUET, 30)):
        assert zones.validate_json(zones.dump_json(zone)) == zone
    assert Place.model_validate_json(OUESSANT.model_dump_json()) == OUESSANT


def test_a_newer_writer_may_add_a_field() -> None:
    assert Place.model_validate(LAUNAGUET.model_dump() | {"altitude": 150}) == LAUNAGUET


def test_a_place_cannot_be_changed_and_can_be_a_key() -> None:
    with pytest.raises(ValidationError):
        LAUNAGUET.latitude = 0
    assert len({LAUNAGUET, LAUNAGUET.model_copy()}) == 1


@pytest.mark.parametrize(
    ("exactness", "approximate"), [("address", False), ("commune", False), ("epci", True), ("department", True)]
)
def test_a_place_at_a_centre_says_that_it_is_approximate(exactness: str, *, approximate: bool) -> None:
    place = LAUNAGUET.model_copy(update={"exactness": exactness})
    assert place.is_approximate is approximate
    assert radius_around(place, 10).is_approximate is approximate


def test_a_radius_takes_the_label_that_the_person_gave() -> None:
    montaudran = LAUNAGUET.model_copy(update={"label": "Montaudran", "commune_name": "Toulouse"})
    assert radius_around(montaudran, 5).label == "Montaudran"
    assert montaudran.short_name == "Montaudran, Toulouse (31)"
