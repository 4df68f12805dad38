"""Text analysis: plurals, elisions, accents and capitals never matter; stop words and bare numbers say nothing."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vocabulary import categories, expand, fold, stems, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("palette", "palettes"),
        ("un canapé", "des canapés"),
        ("bureau", "bureaux"),
        ("cheval", "chevaux"),
        ("le métal", "les métaux"),
        ("un travail", "des travaux"),
        ("matériau", "matériaux"),
        ("chou", "choux"),
        ("pneu", "pneus"),
        ("bocal en verre", "bocaux en verre"),
        ("journal", "journaux"),
        ("vélo électrique", "vélos électriques"),
        ("drêche", "dreches"),
        ("DÉCHETS VERTS", "déchet vert"),
        ("l'atelier", "ateliers"),
        ("l’emballage", "emballages"),
        ("d'insertion", "insertion"),
        ("jusqu'à l'école", "écoles"),
        ("qu'une œuvre", "oeuvres"),
        ("main-d'œuvre", "main d oeuvre"),
        ("bâtiment", "batiments"),
        ("repas à façon", "repas facon"),
    ],
)
def test_plurals_elisions_accents_and_capitals_do_not_matter(one: str, other: str) -> None:
    assert stems(one) == stems(other) != []


@pytest.mark.parametrize(("one", "other"), [("verre", "vert"), ("bois", "boisson"), ("mois", "moi"), ("peau", "pot")])
def test_different_things_keep_different_stems(one: str, other: str) -> None:
    assert stems(one) != stems(other)


def test_the_plural_of_every_word_of_the_vocabulary_has_its_stem() -> None:
    nouns = {
        word for entry in categories().values() for phrase in (entry.name_fr, *entry.synonyms) for word in words(phrase)
    }
    one = sorted(word for word in nouns if len(word) > 3 and word.isalpha() and word[-1] not in "sxz" and stems(word))
    assert len(one) > 1_000
    assert [word for word in one if stems(word) != stems(word + ("x" if word.endswith("eau") else "s"))] == []


def test_words_that_say_nothing_are_left_out() -> None:
    assert stems("de la, avec les 12 et à 2026 !") == []
    assert stems("the of and with 12", "en") == []
    assert stems("") == []


def test_order_and_repeats_are_kept() -> None:
    assert stems("bois, carton, bois") == ["bois", "carton", "bois"]


def test_english_has_its_own_stems() -> None:
    assert stems("cleaning of offices", "en") == stems("Cleaning office", "en")


def test_folding_keeps_signs_and_spaces() -> None:
    assert fold("Élagage d’arbres – 15 m²") == "elagage d'arbres – 15 m2"
    assert fold("ŒUVRE ǅ Ελ") == "oeuvre dz ελ"


def test_every_synonym_says_something() -> None:
    for entry in categories().values():
        assert all(stems(phrase) for phrase in (entry.name_fr, *entry.synonyms)), entry.id
        assert all(stems(phrase, "en") for phrase in (entry.name_en, *entry.synonyms_en)), entry.id


def test_a_category_expands_to_the_stems_of_all_its_names() -> None:
    expanded = expand(["sofas"])
    assert {*stems("clic-clac"), *stems("canapé"), *stems("divan")} <= expanded
    assert expand(["sofas", "bricks"]) == expanded | expand(["bricks"])
    assert expand([]) == set()


@given(st.text())
def test_any_text_can_be_analysed_and_accents_never_matter(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert stems(fold(text)) == stems(text)
    assert all(word == fold(word) for word in words(text))


def test_threads_give_the_same_stems() -> None:
    texts = [phrase for entry in categories().values() for phrase in entry.phrases()]
    alone = [stems(text) for text in texts]
    found: list[list[list[str]]] = []
    threads = [threading.Thread(target=lambda: found.append([stems(text) for text in texts])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 4


def test_ten_thousand_short_texts_a_second() -> None:
    texts = [entry.name_fr + " " + " ".join(entry.synonyms[:3]) for entry in categories().values()]
    # Of the processor, so that a busy machine does not count.
    start = time.process_time()
    for text in texts:
        stems(text)
    assert len(texts) / (time.process_time() - start) > 10_000
