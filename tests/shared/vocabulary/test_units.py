"""Units and periods: read by any usual name, converted inside one dimension only."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vocabulary import (
    PERIODS,
    UNITS,
    Unit,
    UnitsIncompatible,
    UnitUnknown,
    base_unit,
    convert,
    normalise,
    per_month,
    period_name,
    unit,
)

amounts = st.decimals(min_value=0, max_value=10**6, places=3)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("t", "t"),
        ("Tonnes", "t"),
        ("kg", "kg"),
        ("kilos", "kg"),
        ("m²", "m2"),
        ("mètres carrés", "m2"),
        ("m3", "m3"),
        ("heures", "hour"),
        ("jours", "day"),
        ("days", "day"),
        ("repas", "meal"),
        ("€", "eur"),
        ("k€", "keur"),
        ("unités", "unit"),
        ("pièces", "unit"),
    ],
)
def test_a_unit_is_known_by_its_usual_names(written: str, expected: str) -> None:
    assert unit(written).id == expected


@pytest.mark.parametrize("written", ["", "parsec", "1 kg"])
def test_an_unknown_unit_is_refused(written: str) -> None:
    with pytest.raises(UnitUnknown):
        unit(written)


def test_no_name_means_two_units() -> None:
    owners: dict[str, str] = {}
    for entry in UNITS:
        for written in (entry.id, entry.symbol, *entry.fr, *entry.en, *entry.aliases):
            assert owners.setdefault(written, entry.id) == entry.id
            assert unit(written) is entry


def test_quantities_come_to_their_base_unit() -> None:
    assert normalise(6, "t") == (Decimal(6000), "kg")
    assert normalise(Decimal("1.5"), "k€") == (Decimal(1500), "eur")
    assert normalise(20, "jours") == (Decimal(140), "hour")
    assert normalise(3, "m2") == (Decimal(3), "m2")


def test_each_dimension_has_one_base() -> None:
    for dimension in {entry.dimension for entry in UNITS}:
        assert [entry for entry in UNITS if entry.dimension == dimension and entry.factor == 1] == [
            base_unit(dimension)
        ]


def test_weights_do_not_become_money() -> None:
    with pytest.raises(UnitsIncompatible):
        convert(1, "kg", "eur")


@given(amounts, st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_conversion_there_and_back_changes_nothing(amount: Decimal, one: Unit, other: Unit) -> None:
    if one.dimension == other.dimension:
        there = convert(amount, one.id, other.id)
        assert convert(there, other.id, one.id) == pytest.approx(amount)
        assert normalise(there, other.id).amount == pytest.approx(normalise(amount, one.id).amount)


def test_names_have_their_plural_in_both_languages() -> None:
    assert unit("t").name("fr", plural=True) == "tonnes"
    assert unit("meal").name("fr", plural=True) == "repas"
    assert unit("meal").name("en", plural=True) == "meals"
    assert unit("m2").name("fr", plural=True) == "mètres carrés"
    assert unit("person").name("en", plural=True) == "people"


def test_rates_come_to_a_month() -> None:
    assert per_month(12, "year") == pytest.approx(Decimal(1))
    assert per_month(80, "month") == 80
    assert per_month(7, "week") == per_month(1, "day") == Decimal("30.4375")
    assert per_month(5, "once") is None


def test_periods_have_names() -> None:
    assert period_name("week") == "par semaine"
    assert period_name("week", "en") == "a week"
    assert set(PERIODS) == {"once", "day", "week", "month", "year"}
