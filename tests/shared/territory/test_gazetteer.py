"""Look-ups, search and the built file's own rules, on the small list."""

from pathlib import Path

import pytest

from shared.territory import gazetteer, tables
from shared.territory.gazetteer import GazetteerNotBuilt, UnknownCommune
from shared.territory.place import distance_km
from shared.territory.territories import territories, territory_of

pytestmark = pytest.mark.usefixtures("small")


def texts(typed: str, limit: int = 8) -> list[str]:
    return [suggestion.text for suggestion in gazetteer.search(typed, limit)]


def test_a_commune_has_everything_that_is_known_of_it() -> None:
    toulouse = gazetteer.commune("31555")
    assert toulouse is not None
    assert toulouse.name == "Toulouse"
    assert toulouse.postcodes[0] == "31000"
    assert toulouse.population == 514_819
    assert toulouse.epci == gazetteer.epci("243100518")
    assert toulouse.department == gazetteer.department("31")
    assert toulouse.exactness == "commune"
    region = gazetteer.region(toulouse.department.region_code)
    assert region is not None
    assert region.name == "Occitanie"


@pytest.mark.parametrize("code", ["31999", "", "toulouse", "99999"])
def test_an_unknown_code_is_no_commune(code: str) -> None:
    assert gazetteer.commune(code) is None
    with pytest.raises(UnknownCommune):
        gazetteer.place_of(code)


@pytest.mark.parametrize(("former", "today"), [("75111", "75056"), ("01016", "01015")])
def test_a_former_code_leads_to_today_s_commune(former: str, today: str) -> None:
    assert gazetteer.place_of(former).commune_code == today


@pytest.mark.parametrize(
    ("code", "department", "region"),
    [
        ("2A004", "2A", "94"),
        ("2B033", "2B", "94"),
        ("97411", "974", "04"),
        ("98818", "988", "988"),
        ("97701", "977", "977"),
    ],
)
def test_corsica_and_overseas_have_their_own_departments(code: str, department: str, region: str) -> None:
    place = gazetteer.place_of(code)
    assert (place.department_code, place.region_code) == (department, region)


def test_a_commune_without_inhabitants_or_postcode_is_still_a_place() -> None:
    kerguelen = gazetteer.place_of("98412")
    assert kerguelen.postcode is None
    assert kerguelen.epci_code is None
    assert kerguelen.exactness == "department"
    assert kerguelen.is_approximate


def test_a_department_is_found_in_any_case() -> None:
    assert gazetteer.department("2a") == gazetteer.department("2A")
    assert gazetteer.department("00") is None
    assert gazetteer.epci("000000000") is None
    assert gazetteer.region("99") is None


def test_a_place_takes_the_only_postcode_and_leaves_a_choice_open() -> None:
    assert gazetteer.place_of("31282").postcode == "31140"
    assert gazetteer.place_of("31555").postcode is None
    assert gazetteer.place_of("31555", postcode="31400").postcode == "31400"


def test_given_coordinates_make_an_address() -> None:
    place = gazetteer.place_of("31555", latitude=43.61, longitude=1.45, label="1 rue Bayard")
    assert place.exactness == "address"
    assert (place.latitude, place.longitude, place.label) == (43.61, 1.45, "1 rue Bayard")
    assert gazetteer.place_of("31555", latitude=43.61).exactness == "commune"


def test_a_place_without_own_coordinates_says_what_it_stands_for() -> None:
    assert gazetteer.place_of("31254").exactness == "department"
    assert gazetteer.place_of("31182").exactness == "commune"


def test_communes_of_one_name_come_with_the_most_populated_first() -> None:
    assert [each.code for each in gazetteer.communes_named("castres")] == ["81065", "02140"]
    assert gazetteer.communes_named("Atlantis") == []


def test_an_article_may_be_left_out_but_tells_communes_apart() -> None:
    assert [each.code for each in gazetteer.communes_named("Fousseret")] == ["31193"]
    assert [each.code for each in gazetteer.communes_named("Le Pin")] == ["79210"]
    assert [each.code for each in gazetteer.communes_named("Pin")] == ["70410"]


def test_a_postcode_gives_all_its_communes() -> None:
    assert [each.name for each in gazetteer.communes_of_postcode("31150")] == ["Bruguières", "Fenouillet"]
    assert gazetteer.communes_of_postcode("99999") == []


def test_search_completes_the_beginning_of_a_name() -> None:
    assert texts("toul") == ["Toulouse (31)"]
    assert texts("TOUL") == ["Toulouse (31)"]


def test_search_ranks_by_population_after_the_very_name() -> None:
    assert texts("saint") == [
        "Saint-Agne (Toulouse)",
        "Saint-Aubin (Toulouse)",
        "Saint-Cyprien (Toulouse)",
        "Saint-Denis (974)",
        "Saint-Denis (93)",
        "Saint-Orens-de-Gameville (31)",
        "Saint-Cyprien (66)",
        "Saint-Jean (31)",
    ]
    assert texts("le pin") == ["Le Pin (79)", "Le Pin-la-Garenne (61)"]


def test_search_finds_a_word_inside_a_name() -> None:
    assert texts("gamev") == ["Saint-Orens-de-Gameville (31)"]
    assert texts("union") == ["L'Union (31)"]


def test_search_reads_abbreviations_and_accents() -> None:
    assert texts("st-orens") == ["Saint-Orens-de-Gameville (31)"]
    assert texts("bruguieres") == texts("Bruguières") == ["Bruguières (31)"]


def test_search_reads_postcodes_alone_and_beside_a_name() -> None:
    assert texts("31150") == ["31150 Bruguières", "31150 Fenouillet"]
    assert texts("31150 fen") == texts("fen 31150") == ["31150 Fenouillet"]
    assert texts("314") == ["31400 Toulouse", "31430 Le Fousseret"]


def test_search_reads_departments_beside_a_name() -> None:
    assert texts("fenouillet 66") == texts("Fenouillet (66") == ["Fenouillet (66)"]
    assert texts("2a") == ["Ajaccio (2A)"]
    assert texts("basse 971") == ["Basse-Terre (971)"]


def test_search_knows_neighbourhoods() -> None:
    assert texts("montau") == ["Montaudran (Toulouse)"]
    assert texts("izards") == texts("les iz") == ["Les Izards (Toulouse)"]


@pytest.mark.parametrize("typed", ["", " ", "?", "zzzz", "99999", "toulouse 66"])
def test_search_finds_nothing_for_nothing(typed: str) -> None:
    assert texts(typed) == []


def test_search_gives_no_more_than_asked_and_nothing_twice() -> None:
    assert len(texts("s", 3)) == 3
    assert texts("s", 0) == []
    everything = texts("a", 100)
    assert len(everything) == len(set(everything))


def test_a_missing_list_says_which_command_builds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BUILT_FILE", tmp_path / "absent.json")
    tables.tables.cache_clear()
    with pytest.raises(GazetteerNotBuilt, match=r"has not been built.*python -m shared\.territory\.build"):
        gazetteer.resolve("Toulouse")


@pytest.mark.parametrize("content", [b"", b"{}", b"not json"])
def test_an_unreadable_list_says_so(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(GazetteerNotBuilt, match="cannot be read"):
        tables.load(path)


def test_a_list_of_another_format_is_refused(small_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_bytes(small_file.read_bytes().replace(b'{"format":1', b'{"format":0', 1))
    with pytest.raises(GazetteerNotBuilt, match="has format 0 instead of 1"):
        tables.load(path)


def test_coordinates_survive_the_file() -> None:
    castres = gazetteer.place_of("81065")
    there = castres.model_copy(update={"latitude": 43.6054, "longitude": 2.2446})
    assert distance_km(castres, there) < 0.02


def test_the_metropolis_is_in_both_territories_and_the_sicoval_in_one() -> None:
    assert territory_of(gazetteer.place_of("31182")) == {"toulouse-metropole", "decoset"}
    assert territory_of(gazetteer.place_of("31254")) == {"decoset"}
    assert territory_of(gazetteer.place_of("31395")) == set()
    assert territory_of(gazetteer.place_of("29155")) == set()


def test_a_commune_may_join_or_leave_a_territory_beside_its_epci() -> None:
    decoset = next(each for each in territories() if each.code == "decoset")
    fenouillet, muret = gazetteer.place_of("31182"), gazetteer.place_of("31395")
    changed = decoset.model_copy(update={"communes": frozenset({"31395"}), "without": frozenset({"31182"})})
    assert decoset.holds(fenouillet)
    assert not changed.holds(fenouillet)
    assert changed.holds(muret)
