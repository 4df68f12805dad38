"""Who may eat what, by categories and waste codes."""

import pytest

from shared.vocabulary import is_fed, is_food, is_kept_cold, is_kitchen_waste, is_never_eaten_as_waste


@pytest.mark.parametrize(
    ("category", "people", "animals"),
    [
        ("food-surplus", True, True),
        ("cheese", True, True),
        ("unsold-bread", True, True),
        ("brewing-residues", False, True),
        ("bran-milling-residues", False, True),
        ("manure", False, False),
        ("compost", False, False),
        ("wood", False, False),
    ],
)
def test_a_category_and_what_is_below_it_feeds_people_animals_or_nobody(
    category: str, people: bool, animals: bool
) -> None:
    assert (is_food([category]), is_fed([category])) == (people, animals)


@pytest.mark.parametrize(
    ("categories", "ewc", "never"),
    [
        (["kitchen-waste"], [], True),
        (["canteen-leftovers"], [], True),
        (["used-frying-oil"], [], True),
        (["prepared-meals"], [], True),
        (["food-surplus"], [], False),
        (["food-surplus"], ["20 01 08"], True),
        (["food-surplus", "kitchen-waste"], [], True),
        ([], ["200125"], True),
        ([], ["02 03 04"], False),
        (["wood"], [], False),
    ],
)
def test_kitchen_waste_is_known_by_its_category_or_its_code(categories: list[str], ewc: list[str], never: bool) -> None:
    assert is_kitchen_waste(categories, ewc) is never


@pytest.mark.parametrize(
    ("categories", "ewc", "never"),
    [
        (["vegetables"], [], True),
        (["unsold-bread"], [], True),
        (["kitchen-waste"], [], True),
        (["used-frying-oil"], [], True),
        ([], ["02 03 04"], True),
        ([], ["020601"], True),
        (["brewing-residues"], [], False),
        (["wood"], ["15 01 03"], False),
    ],
)
def test_waste_that_people_never_eat_is_known_by_its_category_or_its_code(
    categories: list[str], ewc: list[str], never: bool
) -> None:
    assert is_never_eaten_as_waste(categories, ewc) is never


def test_what_spoils_is_kept_cold() -> None:
    assert is_kept_cold(["cheese"])
    assert not is_kept_cold(["dry-groceries"])
