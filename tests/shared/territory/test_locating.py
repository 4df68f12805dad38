"""The rule that gives a commune its coordinates: which names are trusted, and what the others take."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.territory.locating import (
    Located,
    OfficialCommune,
    Point,
    Town,
    kilometres,
    locate,
    populations_agree,
)

CENTRE = Point(43.6, 1.4)
NEAR = Point(43.61, 1.42)
FAR = Point(44.9, 4.4)  # same region, 270 km away
NUMBERS = count()


def commune(name: str, population: int = 1_000, **changes: str | None) -> OfficialCommune:
    fields = {"scope": "76", "department": "31", "epci": "E1"} | changes
    return OfficialCommune(f"31{next(NUMBERS):03}", name, population=population, **fields)  # type: ignore[arg-type]


def town(name: str, point: Point = NEAR, population: int = 1_000, *, other_names: tuple[str, ...] = ()) -> Town:
    return Town(name, other_names, "76", population, point)


def neighbours(*, department: str = "31", epci: str = "E1") -> tuple[list[OfficialCommune], list[Town]]:
    """Nine communes that nobody doubts, within 14 km of the centre."""
    offsets = [(north / 10, east / 10) for north in (-1, 0, 1) for east in (-1, 0, 1)]
    names = [f"Sure {department} {number}" for number in range(9)]
    points = [Point(CENTRE.latitude + north, CENTRE.longitude + east) for north, east in offsets]
    communes = [commune(name, department=department, epci=epci) for name in names]
    return communes, [town(name, point) for name, point in zip(names, points, strict=True)]


def located(asked: OfficialCommune, *towns: Town, others: tuple[OfficialCommune, ...] = ()) -> Located:
    around, known = neighbours()
    return locate([asked, *others, *around], [*known, *towns], exact={}, lone={})[asked.code]


def test_an_unambiguous_name_is_trusted() -> None:
    assert located(commune("Muret"), town("Muret", Point(43.55, 1.35))) == Located(Point(43.55, 1.35), "commune")


def test_accents_and_hyphens_do_not_hide_a_name() -> None:
    assert located(commune("Drémil-Lafage"), town("Dremil Lafage")).exactness == "commune"


def test_a_town_of_unknown_population_is_trusted_where_it_is_alone() -> None:
    assert located(commune("Muret"), town("Muret", population=0)).exactness == "commune"


@pytest.mark.parametrize("population", [1, 399, 1_701, 30_000])
def test_a_namesake_of_another_size_is_not_trusted(population: int) -> None:
    assert located(commune("Muret", 1_000), town("Muret", population=population)).exactness == "epci"


def test_an_unambiguous_name_far_from_its_department_is_not_trusted() -> None:
    assert located(commune("Beaumont"), town("Beaumont", FAR)).exactness == "epci"


def test_a_name_without_an_epci_to_judge_by_still_needs_to_be_near_its_department() -> None:
    assert located(commune("Beaumont", epci=None), town("Beaumont", FAR)).exactness == "department"


def test_a_town_of_another_region_is_no_candidate() -> None:
    elsewhere = town("Muret")._replace(scope="84")
    assert located(commune("Muret"), elsewhere).exactness == "epci"


def test_of_two_namesakes_the_one_near_the_department_is_taken() -> None:
    assert located(commune("Lavalette"), town("Lavalette"), town("Lavalette", FAR)) == Located(NEAR, "commune")


def test_two_namesakes_near_the_department_leave_the_epci() -> None:
    nearby = Point(43.62, 1.43)
    assert located(commune("Lavalette"), town("Lavalette"), town("Lavalette", nearby)).exactness == "epci"


def test_two_communes_that_claim_one_town_both_leave_it() -> None:
    other = commune("Lavalette")
    assert located(commune("Lavalette"), town("Lavalette"), others=(other,)).exactness == "epci"


def test_an_ambiguous_name_needs_a_known_population() -> None:
    candidates = town("Lavalette", population=0), town("Lavalette", FAR)
    assert located(commune("Lavalette"), *candidates).exactness == "epci"


def test_another_name_of_a_town_is_read_near_the_department() -> None:
    dunkirk = town("Dunkirk", other_names=("Dunkerque",))
    assert located(commune("Dunkerque"), dunkirk).exactness == "commune"


def test_a_town_already_given_is_not_given_twice() -> None:
    muret = town("Muret", Point(43.55, 1.35), other_names=("Lamasquère",))
    result = located(commune("Lamasquère"), muret, others=(commune("Muret"),))
    assert result.exactness == "epci"


def test_a_commune_far_outside_its_epci_is_taken_back() -> None:
    """Inside its wide department, with the right population, but 60 km from an EPCI of nine close communes."""
    around, known = neighbours()
    wide, wide_towns = neighbours(epci="E2")
    wide = [each._replace(name=f"W {each.name}") for each in wide]
    spread = [
        each._replace(name=f"W {each.name}", point=Point(43.6 + (index - 4) / 5, 1.4))
        for index, each in enumerate(wide_towns)
    ]
    stray = commune("Beaumont")
    towns = [*known, *spread, town("Beaumont", Point(44.15, 1.4))]
    result = locate([stray, *around, *wide], towns, exact={}, lone={})
    assert kilometres(result[wide[0].code].point, CENTRE) > 80, "the department does reach that far"
    assert result[stray.code].exactness == "epci"


def test_without_a_trusted_name_the_epci_s_centre_is_taken() -> None:
    assert located(commune("Nowhere")) == Located(CENTRE, "epci")


def test_without_a_located_epci_the_department_s_centre_is_taken() -> None:
    assert located(commune("Nowhere", epci=None)) == Located(CENTRE, "department")
    assert located(commune("Nowhere", epci="E9")) == Located(CENTRE, "department")


def test_a_department_without_any_town_has_a_centre_of_ours() -> None:
    alone = commune("Kerguelen", scope="984", department="984", epci=None)
    lone = {"984": Point(-49.35, 70.22)}
    assert locate([alone], [], exact={}, lone=lone)[alone.code] == Located(lone["984"], "department")


def test_our_own_table_wins_over_every_rule() -> None:
    asked = commune("Muret")
    around, known = neighbours()
    exact = {asked.code: FAR}
    result = locate([asked, *around], [*known, town("Muret")], exact=exact, lone={})
    assert result[asked.code] == Located(FAR, "commune")


@pytest.mark.parametrize(("people", "agree"), [(400, True), (1_700, True), (399, False), (1_701, False), (0, False)])
def test_populations_agree_within_bounds(people: int, *, agree: bool) -> None:
    assert populations_agree(town("A", population=people), commune("A", 1_000)) is agree


def test_an_uninhabited_commune_agrees_with_no_town() -> None:
    assert not populations_agree(town("A", population=0), commune("A", 0))
    assert not populations_agree(town("A", population=600), commune("A", 0))


@given(st.permutations(range(9)))
def test_the_order_of_the_lists_does_not_matter(order: list[int]) -> None:
    around, known = neighbours()
    shuffled = [around[index] for index in order], [known[index] for index in reversed(order)]
    assert locate(*shuffled, exact={}, lone={}) == locate(around, known, exact={}, lone={})
