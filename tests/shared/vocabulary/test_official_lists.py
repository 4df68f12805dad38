"""Checks every code of the vocabulary against the official lists, where the reading room's folder is at hand."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from shared.vocabulary import categories, printed_code
from shared.vocabulary.waste_codes import known_waste_codes

ROOM = Path(os.environ.get("BOUCLE_DATA_DIR", "../shared/data")) / "reference"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not ROOM.is_dir(), reason=f"the official lists are not at hand: no {ROOM}"),
]


def _column(file: str, column: str) -> list[str]:
    with (ROOM / file).open(encoding="utf-8") as lines:
        return [row[column] for row in csv.DictReader(lines)]


def test_the_list_of_waste_is_the_official_one_with_its_stars() -> None:
    codes = _column("ewc_fr_en.csv", "code")
    stars = [flag == "1" for flag in _column("ewc_fr_en.csv", "hazardous")]
    assert dict(known_waste_codes()) == dict(zip(codes, stars, strict=True))


@pytest.mark.parametrize(
    ("scheme", "file", "column"),
    [("cpv", "cpv_2008_fr_en_es.csv", "code"), ("naf", "naf_rev2_fr_nace_en.csv", "naf")],
)
def test_every_prefix_begins_an_official_code(scheme: str, file: str, column: str) -> None:
    prefixes = {code[:length] for code in _column(file, column) for length in range(2, len(code) + 1)}
    assert len(prefixes) > 1_000
    strays = [
        (entry.id, code) for entry in categories().values() for code in getattr(entry, scheme) if code not in prefixes
    ]
    assert strays == []


def test_a_prefix_with_the_zeros_that_fill_it_up_is_an_official_code() -> None:
    """What the forms propose is typed into public notices as it stands."""
    official = set(_column("cpv_2008_fr_en_es.csv", "code"))
    proposed = {printed_code(code, "cpv") for entry in categories().values() for code in entry.cpv}
    assert proposed - official == set()


def test_most_divisions_of_public_purchases_lead_to_a_category() -> None:
    divisions = {code[:2] for code in _column("cpv_2008_fr_en_es.csv", "code")}
    reached = {code[:2] for entry in categories().values() for code in entry.cpv}
    # Left out on purpose: mining, defence and administration, oil and gas, water as a commodity.
    assert divisions - reached <= {"14", "41", "75", "76"}


def test_every_group_of_works_and_services_leads_to_a_category() -> None:
    codes = _column("cpv_2008_fr_en_es.csv", "code")
    groups = {code[:3] for code in codes if code[:2] >= "45" and code[2] != "0"}
    reached = {code[:3] for entry in categories().values() for code in entry.cpv}
    # Left out on purpose: space flights, oil fields and what lies under the sea, embassies.
    assert groups - reached <= {"605", "762", "765", "989"}
