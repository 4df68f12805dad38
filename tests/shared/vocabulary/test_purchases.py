"""CPV groups in the words of buyers, and kinds of everyday things: the files, and what a text finds in them."""

import csv
import os
import tomllib
from pathlib import Path
from time import process_time

import pytest

from shared.vocabulary import things
from shared.vocabulary.purchases import FILE, groups

LIST = Path(os.environ.get("BOUCLE_DATA_DIR", "../shared/data")) / "reference" / "cpv_2008_fr_en_es.csv"


def first(text: str, language: str = "fr", limit: int = 3) -> list[str]:
    return [each.code for each in groups(text, language, limit)]


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("Nettoyage des locaux et des vitres", "fr", "909"),
        ("Prestations de restauration scolaire", "fr", "555"),
        ("Collecte et traitement des ordures ménagères", "fr", "905"),
        ("Entretien des espaces verts", "fr", "773"),
        ("Acquisition de mobilier de bureau", "fr", "391"),
        ("Assurance flotte automobile", "fr", "665"),
        ("Office cleaning and window cleaning", "en", "909"),
        ("School transport services", "en", "601"),
        ("Supply of laptops and monitors", "en", "302"),
    ],
)
def test_a_title_finds_its_group_among_the_first_three(text: str, language: str, code: str) -> None:
    assert code in first(text, language)


def test_no_group_is_named_twice_and_the_likeliest_is_first() -> None:
    found = groups("Travaux de plomberie et de chauffage dans une école", limit=10)
    assert len({each.code for each in found}) == len(found)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert found[0].score == 1.0


def test_a_text_that_says_nothing_finds_nothing() -> None:
    assert groups("xyzzy") == []


def test_groups_come_at_once() -> None:
    first("Travaux")
    started = process_time()
    for _ in range(20):
        first("Maintenance et exploitation des installations de chauffage des bâtiments communaux", limit=10)
    # Of the processor's time: how long it was lent to others says nothing.
    assert (process_time() - started) / 20 < 0.05


def test_every_group_has_french_and_english_words() -> None:
    for code, told in tomllib.loads(FILE.read_text(encoding="utf-8")).items():
        assert len(code) == 3, code
        assert told["fr"], code
        assert told["en"], code


@pytest.mark.data
@pytest.mark.skipif(not LIST.is_file(), reason="BOUCLE_DATA_DIR has no official list to compare with")
def test_every_group_is_one_of_the_official_list() -> None:
    with LIST.open(encoding="utf-8", newline="") as file:
        official = {row["code"][:3] for row in csv.DictReader(file)}
    ours = set(tomllib.loads(FILE.read_text(encoding="utf-8")))
    assert ours <= official


def test_a_kind_is_told_from_its_things() -> None:
    kind, thing = things.kinds("vaisselle"), things.kinds("assiette")
    shared = {each[1:] for each in kind if each[0] == things.KIND} & {
        each[1:] for each in thing if each[0] == things.THING
    }
    assert shared
    assert not any(each[0] == things.KIND for each in thing)


def test_an_unknown_thing_is_known_by_its_first_word_to_whoever_seeks() -> None:
    whole, sought = things.kinds("pince à zigouillette"), things.kinds_sought("pince à zigouillette")
    assert sum(sought.values()) > sum(whole.values())
