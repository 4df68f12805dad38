"""Official codes: what they lead to, how much two of them share, and the European list of waste."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vocabulary import (
    EWC,
    CodeScheme,
    WasteCodeUnknown,
    by_cpv,
    by_ewc,
    by_naf,
    categories,
    code_overlap,
    is_hazardous,
    is_waste_code,
)

digits = st.text("0123456789", min_size=2, max_size=8)


@pytest.mark.parametrize(
    ("code", "expected"),
    [("81.21Z", "office-cleaning"), ("8121Z", "cleaning"), ("56.21Z", "event-catering"), ("9601B", "laundry")],
)
def test_a_naf_code_leads_to_its_trades(code: str, expected: str) -> None:
    assert expected in [entry.id for entry in by_naf(code)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("90919200-4", "office-cleaning"),
        ("90910000", "cleaning"),
        ("77314100", "lawn-mowing"),
        ("55520000", "event-catering"),
        ("79620000", "temporary-work"),
        ("39130000", "office-furniture"),
    ],
)
def test_a_cpv_code_leads_to_what_is_bought(code: str, expected: str) -> None:
    assert expected in [entry.id for entry in by_cpv(code)]


def test_the_longest_prefix_comes_first() -> None:
    found = [entry.id for entry in by_cpv("90919200")]
    assert found[0] == "office-cleaning"
    assert found.index("office-cleaning") < found.index("cleaning") < found.index("waste-services")
    assert found.count("office-cleaning") == 1


def test_a_code_of_nothing_leads_nowhere() -> None:
    assert by_naf("9900Z") == []
    assert by_cpv("") == []
    assert by_ewc("999999") == []


def test_a_waste_code_leads_to_its_materials() -> None:
    assert "wooden-pallets" in [entry.id for entry in by_ewc("15 01 03")]
    assert "screens" in [entry.id for entry in by_ewc("16 02 13*")]
    assert all("150103" in entry.ewc for entry in by_ewc("150103"))


def test_a_waste_code_nobody_holds_leads_to_its_subchapter() -> None:
    assert not [entry for entry in categories().values() if "170603" in entry.ewc]
    assert {"insulation", "asbestos"} <= {entry.id for entry in by_ewc("17 06 03*")}


@pytest.mark.parametrize(
    ("a", "b", "scheme", "expected"),
    [
        ("15 01 03", "150103", "ewc", 1.0),
        ("150103", "150101", "ewc", 0.6),
        ("150103", "150203", "ewc", 0.2),
        ("150103", "170103", "ewc", 0.0),
        ("90911200-8", "90911200", "cpv", 1.0),
        ("90911200", "90911300", "cpv", 0.85),
        ("90910000", "90911200", "cpv", 0.7),
        ("90910000", "90920000", "cpv", 0.5),
        ("90910000", "90500000", "cpv", 0.25),
        ("90910000", "91910000", "cpv", 0.0),
        ("81.21Z", "8121Z", "naf", 1.0),
        ("4399A", "4399C", "naf", 0.85),
        ("8121Z", "8122Z", "naf", 0.55),
        ("8121Z", "8130Z", "naf", 0.25),
        ("8121Z", "5621Z", "naf", 0.0),
        ("", "5621Z", "naf", 0.0),
    ],
)
def test_two_codes_share_their_prefix(a: str, b: str, scheme: CodeScheme, expected: float) -> None:
    assert code_overlap(a, b, scheme) == expected


@given(digits, digits, st.sampled_from(["ewc", "cpv", "naf"]))
def test_overlap_is_symmetric_and_bounded(a: str, b: str, scheme: CodeScheme) -> None:
    assert code_overlap(a, b, scheme) == code_overlap(b, a, scheme)
    assert 0 <= code_overlap(a, b, scheme) <= 1
    assert code_overlap(a, a, scheme) == 1


def test_a_waste_code_is_read_in_any_usual_form() -> None:
    assert {str(EWC.parse(form)) for form in ("150103", "15 01 03", " 15.01.03 ")} == {"15 01 03"}
    assert str(EWC.parse("160213")) == str(EWC.parse("16 02 13*")) == "16 02 13*"
    assert EWC.parse("160213").hazardous
    assert is_hazardous("17 02 04")
    assert not is_hazardous("20 02 01")


@pytest.mark.parametrize("written", ["", "15", "1501", "150199", "15 01 03*", "999999", "15-01-03", "wood", "15010 3"])
def test_what_is_no_waste_code_is_refused(written: str) -> None:
    assert not is_waste_code(written)
    with pytest.raises(WasteCodeUnknown):
        EWC.parse(written)
