"""Every code that travels has a name in both languages."""

import pytest

from shared.events.catalog import Ending
from shared.events.facts import LegalStatus, Level, NeedKind, Origin, Period
from shared.phrases import names

TABLES = {name: table for name, table in vars(names).items() if name.isupper() and isinstance(table, dict)}


@pytest.mark.parametrize(
    ("codes", "table"),
    [
        (NeedKind, names.NEED_KINDS),
        (LegalStatus, names.LEGAL_STATUSES),
        (Level, names.LEVELS),
        (Period, names.PERIODS),
        (Origin, names.ORIGINS),
        (Ending, names.OUTCOMES),
    ],
)
def test_every_code_of_the_events_has_a_name_and_no_name_is_without_code(codes: type, table: names.Names) -> None:
    assert {str(code) for code in codes} == set(table)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", TABLES)
def test_names_are_distinct_and_there_in_both_languages(name: str) -> None:
    for language in ("fr", "en"):
        said = [text for _, text in names.options(TABLES[name], language)]
        assert all(said)
        assert len(set(said)) == len(said)


def test_the_supplier_kinds_of_the_reference_platform_are_all_there() -> None:
    assert {"EI", "AI", "ACI", "ETTI", "GEIQ", "EITI", "EA", "EATT", "ESAT", "SEP"} == set(names.INCLUSION_KINDS)


def test_an_unknown_code_stands_for_itself() -> None:
    assert names.named(names.LEVELS, "composting") == "composting"


def test_a_dense_line_uses_the_acronym() -> None:
    assert names.short_supplier_kind("ESAT") == "ESAT"
    assert names.short_supplier_kind("scop", "en") == "Workers' cooperative"
