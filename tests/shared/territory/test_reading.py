"""What people write for a place or an area, and what it means; what is not clear is asked, not guessed."""

import pytest

from shared.territory.gazetteer import Ambiguous, resolve, zone_of
from shared.territory.place import WHOLE_COUNTRY, Area, Place, Radius, describe, distance_km

pytestmark = pytest.mark.usefixtures("small")


def place(text: str) -> Place:
    found = resolve(text)
    assert isinstance(found, Place), f"{text!r} gives {found!r}"
    return found


def asked(text: str) -> list[str]:
    found = resolve(text)
    assert isinstance(found, Ambiguous), f"{text!r} gives {found!r}"
    return [each.short_name for each in found.candidates]


@pytest.mark.parametrize(
    "text",
    [
        "Toulouse",
        "toulouse ",
        "TOULOUSE",
        "31100",
        "31100 Toulouse",
        "Toulouse 31100",
        "Toulouse (31100)",
        "Toulouse (31)",
        "Toulouse 31",
        "Toulouse, Haute-Garonne",
        "Toulouse, Occitanie",
        "Toulouse, France",
        "31100 Toulouse, France",
        "31057 Toulouse Cedex 9",
        "Toulouse CEDEX",
    ],
)
def test_toulouse_is_written_in_many_ways(text: str) -> None:
    assert place(text).short_name == "Toulouse (31)"


def test_a_written_postcode_is_kept_and_a_cedex_is_not() -> None:
    assert place("31400 Toulouse").postcode == "31400"
    assert place("31057 Toulouse Cedex 9").postcode is None


@pytest.mark.parametrize(
    "text",
    [
        "Montaudran",
        "montaudran",
        "Montaudran (Toulouse)",
        "Montaudran, Toulouse",
        "31400 Montaudran",
        "Montaudran (31)",
    ],
)
def test_a_neighbourhood_has_coordinates_of_its_own(text: str) -> None:
    found = place(text)
    assert found.short_name == "Montaudran, Toulouse (31)"
    assert found.exactness == "commune"
    assert 3 < distance_km(found, place("Toulouse")) < 8


@pytest.mark.parametrize(
    "name",
    ["Lalande", "Reynerie", "Bagatelle", "Les Izards", "Izards", "Fondeyre", "Bonnefoy", "Bellefontaine", "Jolimont"],
)
def test_the_neighbourhoods_of_the_stories_are_known(name: str) -> None:
    assert place(name).commune_name == "Toulouse"


def test_a_neighbourhood_outweighs_a_village_and_not_a_town() -> None:
    assert place("Lalande").short_name == "Lalande, Toulouse (31)"
    assert place("Lalande (89)").short_name == "Lalande (89)"
    assert asked("Saint-Cyprien") == ["Saint-Cyprien, Toulouse (31)", "Saint-Cyprien (66)"]


def test_saint_jean_is_the_commune() -> None:
    assert place("Saint-Jean").commune_code == "31488"


def test_a_commune_s_department_or_postcode_tells_it_from_a_neighbourhood() -> None:
    assert place("Saint-Michel (31)").commune_name == "Saint-Michel"
    assert place("31220 Saint-Michel").commune_name == "Saint-Michel"
    assert place("31400 Saint-Michel").short_name == "Saint-Michel, Toulouse (31)"
    assert place("Saint-Michel (Toulouse)").label == "Saint-Michel"


def test_a_neighbourhood_is_not_where_its_postcode_is_not() -> None:
    assert resolve("31670 Montaudran") is None


def test_a_department_tells_namesakes_apart() -> None:
    assert place("Fenouillet (31)").commune_code == "31182"
    assert place("Fenouillet (66)").commune_code == "66077"
    assert place("Castres (02)").commune_code == "02140"
    assert resolve("Toulouse (66)") is None


def test_a_far_larger_namesake_is_meant() -> None:
    assert place("Castres").commune_code == "81065"
    assert place("Fenouillet").commune_code == "31182"


def test_comparable_namesakes_are_asked() -> None:
    assert asked("Valence") == ["Valence (26)", "Valence (82)"]
    assert asked("Saint-Denis") == ["Saint-Denis (974)", "Saint-Denis (93)"]


def test_a_preferred_department_settles_namesakes_only() -> None:
    assert isinstance(found := resolve("Valence", prefer_department="82"), Place)
    assert found.commune_code == "82186"
    assert isinstance(found := resolve("Castres (81)", prefer_department="02"), Place)
    assert found.commune_code == "81065"
    assert isinstance(resolve("Valence", prefer_department="31"), Ambiguous)


def test_a_postcode_with_several_communes_is_asked() -> None:
    assert asked("31150") == ["Bruguières (31)", "Fenouillet (31)"]
    assert place("31150 Fenouillet").commune_code == "31182"
    assert place("31150 fenouillet").postcode == "31150"


def test_an_address_keeps_its_words_and_stands_at_its_commune() -> None:
    for text in ("12 rue Bayard, 31000 Toulouse", "12 rue Bayard 31000 Toulouse", "12 rue Bayard, Toulouse"):
        found = place(text)
        assert (found.commune_name, found.label, found.exactness) == ("Toulouse", "12 rue Bayard", "commune")
    assert place("3 place Carnot, Paris").short_name == "3 place Carnot, Paris (75)"


def test_a_business_park_beside_a_postcode_is_placed_by_the_postcode() -> None:
    found = place("31670 Parc technologique du canal")
    assert (found.commune_name, found.label) == ("Labège", "Parc technologique du canal")


@pytest.mark.parametrize(
    "text", ["31100 Lyon", "31400 Castres", "", "  ", ",", "31", "99999", "Atlantis", "Paris (31)"]
)
def test_what_names_nothing_or_contradicts_itself_is_no_place(text: str) -> None:
    assert resolve(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("20000 Ajaccio", "2A004"),
        ("Ajaccio (2A)", "2A004"),
        ("Bastia 2b", "2B033"),
        ("20200", "2B033"),
        ("97400 Saint-Denis", "97411"),
        ("Saint-Denis (974)", "97411"),
        ("97133", "97701"),
        ("98800 Nouméa", "98818"),
        ("Saint-Denis, La Réunion", "97411"),
    ],
)
def test_corsica_and_overseas_are_read(text: str, code: str) -> None:
    assert place(text).commune_code == code


def test_former_communes_and_arrondissements_are_read() -> None:
    assert place("Arbignieu").short_name == "Arbignieu, Arboys en Bugey (01)"
    assert place("Paris 11e").commune_code == "75056"
    assert place("75011 Paris").postcode == "75011"


def area(text: str) -> str:
    found = zone_of(text)
    assert isinstance(found, Area), f"{text!r} gives {found!r}"
    return f"{found.kind} {found.code}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Toulouse Métropole", "epci 243100518"),
        ("toulouse metropole", "epci 243100518"),
        ("Sicoval", "epci 243100633"),
        ("Le Sicoval", "epci 243100633"),
        ("Communauté d'agglomération du Sicoval", "epci 243100633"),
        ("Haute-Garonne", "department 31"),
        ("la Haute-Garonne", "department 31"),
        ("Haute-Garonne (31)", "department 31"),
        ("département de la Haute-Garonne", "department 31"),
        ("31", "department 31"),
        ("2a", "department 2A"),
        ("974", "department 974"),
        ("Occitanie", "region 76"),
        ("région Occitanie", "region 76"),
        ("Occitanie region", "region 76"),
        ("PACA", "region 93"),
        ("Corse", "region 94"),
        ("Launaguet", "commune 31282"),
        ("31140 Launaguet", "commune 31282"),
        ("Fenouillet (66)", "commune 66077"),
        ("Aube", "department 10"),
        ("Aube (61)", "commune 61003"),
        ("commune de Vienne", "commune 38544"),
        ("Vienne (86)", "department 86"),
    ],
)
def test_an_area_is_read_by_its_name(text: str, meant: str) -> None:
    assert area(text) == meant


@pytest.mark.parametrize("text", ["France entière", "France", "toute la France", "all of France"])
def test_the_whole_country_is_read(text: str) -> None:
    assert zone_of(text) == WHOLE_COUNTRY


def test_the_same_ground_under_two_names_is_not_asked() -> None:
    assert area("Paris") == "department 75"
    assert area("Guadeloupe") == "department 971"


def test_areas_of_comparable_size_are_asked() -> None:
    found = zone_of("Vienne")
    assert isinstance(found, Ambiguous)
    assert [describe(each) for each in found.candidates] == ["Vienne (86)", "Vienne (38)"]


@pytest.mark.parametrize(
    ("text", "km", "label"),
    [
        ("30 km autour de Launaguet", 30, "Launaguet"),
        ("30km autour de launaguet", 30, "Launaguet"),
        ("7,5 km autour du Fousseret", 7.5, "Le Fousseret"),
        ("10 km autour de L'Union", 10, "L'Union"),
        ("20 kilomètres autour d'Ajaccio", 20, "Ajaccio"),
        ("20 km autour d\N{RIGHT SINGLE QUOTATION MARK}Ajaccio", 20, "Ajaccio"),
        ("dans un rayon de 50 km autour de Muret", 50, "Muret"),
        ("à 15 km de Muret", 15, "Muret"),
        ("30 km around Launaguet", 30, "Launaguet"),
        ("within 30 km of Launaguet", 30, "Launaguet"),
        ("5 km autour de Montaudran", 5, "Montaudran"),
        ("5 km autour de 31670", 5, "Labège"),
    ],
)
def test_a_radius_is_read(text: str, km: float, label: str) -> None:
    found = zone_of(text)
    assert isinstance(found, Radius)
    assert (found.km, found.label) == (km, label)


def test_a_radius_around_an_approximate_place_says_so() -> None:
    found = zone_of("15 km autour de Labège")
    assert isinstance(found, Radius)
    assert found.is_approximate


def test_a_radius_around_namesakes_is_asked_with_names_that_differ() -> None:
    found = zone_of("10 km autour d'Aucamville")
    assert isinstance(found, Ambiguous)
    assert [describe(each) for each in found.candidates] == [
        "10 km autour d'Aucamville (31)",
        "10 km autour d'Aucamville (82)",
    ]
    settled = zone_of("10 km autour d'Aucamville", prefer_department="31")
    assert isinstance(settled, Radius)
    assert settled.label == "Aucamville"


def test_a_preferred_department_settles_communes_and_never_hides_a_larger_area() -> None:
    assert isinstance(found := zone_of("Valence", prefer_department="82"), Area)
    assert found.code == "82186"
    assert isinstance(zone_of("Vienne", prefer_department="38"), Ambiguous)


@pytest.mark.parametrize(
    "text",
    ["", "Montaudran", "0 km autour de Muret", "99999 km autour de Muret", "10 km autour d'Atlantis", "999", "km"],
)
def test_what_is_no_area_is_none(text: str) -> None:
    assert zone_of(text) is None


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_described_is_read_back(language: str) -> None:
    for text in ("30 km autour de Launaguet", "7,5 km autour du Fousseret", "Occitanie", "31", "Sicoval", "Launaguet"):
        zone = zone_of(text)
        assert isinstance(zone, Area | Radius)
        assert zone_of(describe(zone, language)) == zone  # type: ignore[arg-type]
