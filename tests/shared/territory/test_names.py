"""Two spellings of one place name are the same name; two places are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.territory.names import fold, without_article, without_epci_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("L'Île-d'Yeu", "l ile d yeu"),
        ("St-Jean", "Saint Jean"),
        ("STE LIVRADE", "Sainte-Livrade"),
        ("Œuilly", "oeuilly"),
        ("Saint-Orens\N{RIGHT SINGLE QUOTATION MARK} de Gameville", "saint orens de gameville"),
        ("ÉVREUX", "evreux"),
        ("E\N{COMBINING ACUTE ACCENT}vreux", "Évreux"),
    ],
)
def test_spellings_of_one_name_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_a_name_that_only_begins_like_an_abbreviation_is_left_alone() -> None:
    assert fold("Stenay") == "stenay"


@pytest.mark.parametrize(
    ("folded", "bare"),
    [("l union", "union"), ("le fousseret", "fousseret"), ("les lilas", "lilas"), ("lescar", "lescar"), ("le", "le")],
)
def test_only_a_leading_article_is_dropped(folded: str, bare: str) -> None:
    assert without_article(folded) == bare


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("CA du Sicoval", "sicoval"),
        ("Communauté de communes du Frontonnais", "frontonnais"),
        ("CC de la Dombes", "dombes"),
        ("CC Le Grand Ouest Toulousain", "grand ouest toulousain"),
        ("Toulouse Métropole", "toulouse metropole"),
        ("Cadours", "cadours"),
    ],
)
def test_an_epci_is_known_without_its_kind(name: str, short: str) -> None:
    assert without_epci_words(fold(name)) == short


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
