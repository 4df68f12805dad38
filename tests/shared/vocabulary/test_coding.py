"""Codes for what is typed: of the categories a text speaks of, and those that go on from a beginning."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vocabulary import (
    EWC,
    CodeScheme,
    ancestors,
    categories,
    category,
    code_beginning,
    codes_of,
    is_waste_code,
    printed_code,
    suggest_codes,
)

SCHEMES: tuple[CodeScheme, ...] = get_args(CodeScheme)


def printed(text: str, scheme: CodeScheme, language: str = "fr") -> list[str]:
    return [each.printed for each in suggest_codes(text, scheme, language)]


@pytest.mark.parametrize(
    ("text", "scheme", "language", "expected"),
    [
        ("palettes en bois cassées", "ewc", "fr", "15 01 03"),
        ("paletes cassee", "ewc", "fr", "15 01 03"),
        ("broken pallets", "ewc", "en", "15 01 03"),
        ("drêches de brasserie", "ewc", "fr", "02 07 04"),
        ("tubes néons", "ewc", "fr", "20 01 21*"),
        ("nettoyage de bureaux", "cpv", "fr", "90919200"),
        ("office cleaning", "cpv", "en", "90919200"),
        ("traiteur pour séminaire", "cpv", "fr", "55520000"),
        ("nettoyage de bureaux", "naf", "fr", "81.21"),
        ("réparer des palettes", "naf", "fr", "16.24"),
    ],
)
def test_words_lead_to_the_code_of_what_they_speak_of(
    text: str, scheme: CodeScheme, language: str, expected: str
) -> None:
    assert expected in printed(text, scheme, language)[:3]


def test_the_surest_category_brings_its_principal_code_first() -> None:
    (first, *_) = suggest_codes("palettes en bois", "ewc")
    assert (first.code, first.printed) == ("150103", "15 01 03")
    assert first.category is not None
    assert "150103" in first.category.ewc


@pytest.mark.parametrize(
    ("text", "scheme"), [("15 01", "ewc"), ("1501", "ewc"), ("15.01.0", "ewc"), ("9091", "cpv"), ("16.2", "naf")]
)
def test_the_beginning_of_a_code_gives_those_that_go_on_from_it(text: str, scheme: CodeScheme) -> None:
    digits = code_beginning(text)
    found = printed(text, scheme)
    assert len(found) > 2
    assert found == sorted(found)
    assert all(code_beginning(each).startswith(digits) for each in found)


def test_a_waste_code_that_no_category_holds_is_found_too_after_those_that_one_does() -> None:
    held = {code for entry in categories().values() for code in entry.ewc}
    subchapter = "1912"
    found = suggest_codes(subchapter, "ewc", limit=50)
    assert {each.code for each in found} > {code for code in held if code.startswith(subchapter)}
    named = [each.category is not None for each in found]
    assert named == sorted(named, reverse=True)
    assert True in named
    assert False in named


def test_what_is_no_beginning_of_a_code_is_read_as_words() -> None:
    assert [code_beginning(each) for each in ("80 repas", "palettes", "", "-", "15 01 03; 20")] == [""] * 5
    assert printed("zzzz", "ewc") == []
    assert printed("", "cpv") == []


def test_a_category_without_codes_takes_those_above_it_and_trusts_them_less() -> None:
    bare = next(
        entry for entry in categories().values() if entry.parent and not entry.cpv and category(entry.parent).cpv
    )
    found = codes_of([bare.id], "cpv")
    assert found
    assert {each.category.id for each in found if each.category} <= set(ancestors(bare.id))
    assert found[0].score < 1


def test_no_code_is_told_twice() -> None:
    for scheme in SCHEMES:
        for entry in categories().values():
            found = [each.printed for each in codes_of([entry.id, *ancestors(entry.id)], scheme, limit=100)]
            assert len(found) == len(set(found)), entry.id


def test_a_printed_code_is_one_that_the_forms_take() -> None:
    for entry in categories().values():
        assert all(is_waste_code(printed_code(code, "ewc")) for code in entry.ewc)
        assert all(len(printed_code(code, "cpv")) == 8 for code in entry.cpv)
    assert printed_code("200121", "ewc") == str(EWC.parse("20 01 21*")) == "20 01 21*"
    assert (printed_code("16", "naf"), printed_code("1624Z", "naf")) == ("16", "16.24Z")


@given(st.text(max_size=40), st.sampled_from(SCHEMES), st.sampled_from(["fr", "en"]))
def test_whatever_is_typed_the_answer_is_short_and_in_order(text: str, scheme: CodeScheme, language: str) -> None:
    found = suggest_codes(text, scheme, language, limit=4)
    assert len(found) <= 4
    assert all(0 <= each.score <= 1 for each in found)
    if not code_beginning(text):
        assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
