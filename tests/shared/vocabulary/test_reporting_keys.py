"""Lines of public buyers' reports and keys of emission factors: closed lists, sourced, and named by categories."""

from __future__ import annotations

import csv
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from shared.vocabulary import TREATMENTS, agec_lines, agec_source, categories, category, factor_source, factors

ROOM = Path(os.environ.get("BOUCLE_DATA_DIR", "../shared/data")) / "reference"
EVERY = list(categories().values())


def test_the_annex_has_seventeen_lines() -> None:
    assert [line.number for line in agec_lines().values()] == list(range(1, 18))
    for key, line in agec_lines().items():
        assert line.id == key
        assert line.name_fr
        assert line.name("en") == line.name_en != line.name()


def test_only_lines_that_were_read_have_shares() -> None:
    assert [line.id for line in agec_lines().values() if line.shares and not line.checked] == []
    assert [(share.year, share.reuse, share.recycled) for share in agec_lines()["textiles"].shares] == [
        (2024, 8, 20),
        (2030, 15, 30),
    ]


def test_the_lines_say_where_they_come_from() -> None:
    assert "2024-134" in agec_source().text
    assert agec_source().in_force_on == date(2024, 7, 1)
    assert agec_source().read_on > agec_source().in_force_on


def test_every_line_is_met_by_a_category_and_names_are_lines() -> None:
    named = {entry.agec for entry in EVERY if entry.agec}
    assert named == agec_lines().keys()
    assert {entry.kind for entry in EVERY if entry.agec} <= {"product", "material"}


def test_every_key_is_used_and_names_are_keys() -> None:
    assert {entry.factor for entry in EVERY if entry.factor} == factors().keys()


def test_a_child_takes_line_and_key_unless_it_says_none() -> None:
    assert category("desks").agec == "furniture"
    assert category("street-furniture").agec == "street-furniture"
    assert category("uniforms").agec == "textiles"
    assert category("protective-equipment").agec is None
    assert category("kitchen-waste").factor == "food-waste"
    assert category("grass-leaves").factor == "green-waste"
    assert category("manure").factor is None


def test_factors_have_a_unit_a_source_and_no_made_up_value() -> None:
    assert factor_source().unit == "kgCO2e/kg"
    assert "ADEME" in factor_source().text
    assert not factors()["textiles"].values
    for factor in factors().values():
        assert factor.name() == factor.name_fr
        assert factor.name("en") == factor.name_en
        assert set(factor.values) <= set(TREATMENTS)
        assert all(value.named and value.kg_co2e_per_kg > 0 for value in factor.values.values())


@pytest.mark.data
@pytest.mark.skipif(not ROOM.is_dir(), reason=f"the official lists are not at hand: no {ROOM}")
def test_every_value_is_the_lists() -> None:
    with (ROOM / "ademe_waste_treatment_factors.csv").open(encoding="utf-8") as lines:
        listed = {(row["base_carbone_name"], Decimal(row["value"])) for row in csv.DictReader(lines)}
    told = {(value.named, value.kg_co2e_per_kg) for factor in factors().values() for value in factor.values.values()}
    assert len(told) > 15
    assert told <= listed
