"""What the search box finds first: by words, by the kind of thing, by category; never by what a title denies."""

import pytest

from services.matching.ranking.finding import described, meanings, meanings_sought, score, sought


def likeness(query: str, title: str, **more: str) -> float:
    return score(sought(query), described(title, **more))


@pytest.mark.parametrize(
    ("query", "wanted", "other"),
    [
        ("assiettes", "Vaisselle d'occasion", "Réparation de vélos"),
        ("marteau", "Outils à main pour bricoler", "Outils électriques"),
        ("canapé", "Meubles rembourrés", "Meubles de jardin"),
        ("vieux canapés", "Canapés", "Tables"),
        ("poussette", "Articles de puériculture", "Jouets"),
    ],
)
def test_a_thing_finds_whoever_names_its_kind(query: str, wanted: str, other: str) -> None:
    assert likeness(query, wanted) > likeness(query, other)


def test_whoever_names_the_kind_comes_before_whoever_names_another_thing_of_it() -> None:
    """INVARIANT: bowls are tableware, but whoever offers bowls has no plates."""
    assert likeness("assiette", "Vaisselle") > 1.5 * likeness("assiette", "Bols") > 0


def test_what_a_title_denies_is_not_found() -> None:
    assert likeness("piles", "Jouets sans piles") < likeness("piles", "Jouets à piles")
    assert "w:repar" not in " ".join(described("Meubles - pas de réparation"))


def test_a_title_that_says_only_that_comes_before_one_that_says_more() -> None:
    assert likeness("palettes", "Palettes") > likeness("palettes", "Palettes, caisses, bennes et transport")


def test_a_slip_of_one_letter_still_finds() -> None:
    assert likeness("fourchete", "Vaisselle") > 0
    assert likeness("perceusse", "Outils électriques") > 0


def test_a_description_counts_less_than_a_title() -> None:
    said, told = likeness("ferronnerie", "Ferronnerie"), likeness("ferronnerie", "Atelier", description="ferronnerie")
    assert said > told > 0


def test_nothing_in_common_is_nothing() -> None:
    assert likeness("hélicoptère", "Palettes en bois") == 0


def test_what_is_sought_meets_what_is_kept_by_its_meaning() -> None:
    assert meanings_sought(sought("assiettes")) & meanings(described("Vaisselle en lots"))
    assert not meanings_sought(sought("assiettes")) & meanings(described("Tonte de pelouse"))
