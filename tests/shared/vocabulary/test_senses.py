"""Words of several meanings: a second word or the category decides, alone they decide nothing."""

import pytest

from services.matching.ranking.words import weigh
from shared.vocabulary import SURE, categories, root_of, suggest
from shared.vocabulary.senses import _senses, sense_of, told_apart
from shared.vocabulary.things import kinds


def roots(text: str) -> set[str]:
    return {root_of(found.category.id) for found in suggest(text, limit=3)}


@pytest.mark.parametrize(
    ("text", "meant", "not_meant"),
    [
        ("Buffet pour 80 personnes", "catering", "furniture"),
        ("Buffet en chêne avec tiroirs", "furniture", "catering"),
        ("Vieux canapé convertible", "furniture", "catering"),
    ],
)
def test_a_second_word_decides_what_is_suggested(text: str, meant: str, not_meant: str) -> None:
    assert meant in roots(text)
    assert not_meant not in roots(text)


def test_alone_such_a_word_is_never_sure() -> None:
    found = suggest("buffet")
    assert {"catering", "furniture"} <= {root_of(each.category.id) for each in found}
    assert all(each.score < SURE for each in found)


def test_the_ranking_keeps_two_meanings_apart() -> None:
    """INVARIANT: a buffet of eighty people shares no word with a cupboard."""
    meal = weigh("Buffet pour 80 personnes", "salé et sucré")
    cupboard = weigh("Buffet ancien en bois", "", synonyms_of=("home-furniture",))
    assert not {stem for stem in meal.keys() & cupboard.keys() if stem.startswith("buffet")}


def test_the_category_decides_where_no_word_does() -> None:
    assert weigh("Buffet", "", meant=("event-catering",)).keys() & {"buffet~0"} == {"buffet~0"}
    assert "buffet~0" not in weigh("Buffet", "", meant=("home-furniture",))


def test_undecided_it_counts_half_in_each_sense() -> None:
    undecided, decided = weigh("Buffet", ""), weigh("Buffet", "", meant=("event-catering",))
    assert {"buffet~0", "buffet~1"} <= undecided.keys()
    assert undecided["buffet~0"] == pytest.approx(decided["buffet~0"] / 2, abs=0.001)


def test_a_meal_is_no_thing() -> None:
    assert kinds("buffet bas") != {}
    assert kinds("buffet pour 80 personnes") == {}


def test_a_word_of_one_meaning_is_left_alone() -> None:
    assert told_apart("palet", ()) == ["palet"]
    assert sense_of("palet", ()) is None


def test_every_sense_names_roots_that_exist_and_is_one_of_several() -> None:
    known = {root_of(each) for each in categories()}
    for stem, senses in _senses().items():
        assert all(sense.roots and sense.beside for sense in senses), stem
        assert len(senses) > 1, stem
        assert {root for sense in senses for root in sense.roots} <= known, stem
