"""INVARIANT: sums of entries are the sums of what was confirmed, to the last decimal."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.impact.factors import factor_for, factors, read_factors
from services.catalog.impact.facts import Amount, ExchangeFacts, SideFacts
from services.catalog.impact.reckoning import RULES, HourPrice, Method, Reckoned, reckon, weight_of
from shared.events.agreements import Nature
from shared.events.facts import Level
from shared.events.impact import POINTS, ExchangeKind, Measure
from shared.events.takings import Basis
from shared.phrases.impact import MEASURES, METHODS
from shared.phrases.impact import RULES as RULE_WORDS
from shared.vocabulary import category

DAY = date(2026, 12, 1)
KG_PER = {"kg": Decimal(1), "g": Decimal("0.001"), "t": Decimal(1000)}
ESS = SideFacts(is_ess=True, kinds=("association", "ACI"), epci_code="243100518")
FIRM = SideFacts(epci_code="243100518")
HOUR = HourPrice(Decimal(26), "a list", "insertion_hour/2024-01-01")
VALUES = st.decimals(min_value="0.001", max_value="99999999999", places=3)


def a_taking(value: Decimal, unit: str, level: Level = Level.REUSE, *categories: str) -> ExchangeFacts:
    return ExchangeFacts(
        kind=ExchangeKind.TAKING, confirmed_on=DAY, holder=FIRM, partner=ESS, categories=categories or ("wood",),
        counted=Amount(value=value, unit=unit), basis=Basis.MEASURED, level=level,
    )  # fmt: skip


def an_agreement(
    cents: int, nature: Nature = Nature.ORDER, lines: Sequence[Amount] = (), partner: SideFacts = ESS
) -> ExchangeFacts:
    return ExchangeFacts(
        kind=ExchangeKind.AGREEMENT, confirmed_on=DAY, holder=FIRM, partner=partner, nature=nature,
        total_cents=cents, lines=tuple(lines), categories=("catering",),
    )  # fmt: skip


def figures(facts: ExchangeFacts) -> dict[Measure, Reckoned]:
    found = reckon(facts, factors(), HOUR)
    assert len({each.measure for each in found}) == len(found), "a measure counts once an exchange"
    return {each.measure: each for each in found}


def total(found: Sequence[dict[Measure, Reckoned]], measure: Measure) -> Decimal:
    return sum((each[measure].value or Decimal(0) for each in found if measure in each), Decimal(0))


@given(st.lists(st.tuples(VALUES, st.sampled_from(sorted(KG_PER))), max_size=8))
def test_the_sum_of_entries_is_the_sum_of_what_was_confirmed(confirmed: list[tuple[Decimal, str]]) -> None:
    found = [figures(a_taking(value, unit)) for value, unit in confirmed]
    kilograms = sum((value * KG_PER[unit] for value, unit in confirmed), Decimal(0))
    assert total(found, Measure.MASS) == kilograms
    assert total(found, Measure.CO2E) == kilograms * Decimal("0.122")
    assert total(found, Measure.ENVIRONMENT) == len(confirmed)


@given(st.lists(st.integers(-10_000_000_00, 10_000_000_00), max_size=8))
def test_the_sum_of_money_is_what_was_signed_to_the_social_economy(cents: list[int]) -> None:
    found = [figures(an_agreement(each)) for each in cents]
    assert total(found, Measure.MONEY) == sum(each for each in cents if each > 0)
    assert all(Measure.MASS not in each and Measure.CO2E not in each for each in found)


@given(VALUES, st.sampled_from(Level), st.sampled_from(["wood", "glass", "furniture", "food-waste", "plastics"]))
def test_what_is_avoided_lies_between_its_bounds(value: Decimal, level: Level, key: str) -> None:
    for factor in (each for each in factors() if each.key == key and each.level is level):
        assert value * factor.low <= value * factor.value <= value * factor.high


class TestWeight:
    @pytest.mark.parametrize(
        ("value", "unit", "categories", "kg", "method"),
        [
            ("2.5", "t", ("wood",), "2500", Method.WEIGHED),
            ("500", "g", (), "0.5", Method.WEIGHED),
            ("2", "m3", ("wood",), "600", Method.BY_VOLUME),
            ("10", "unit", ("wooden-pallets",), "220", Method.BY_PIECE),
            ("1", "dozen", ("wooden-pallets",), "264", Method.BY_PIECE),
            ("2", "m3", ("wood", "wooden-pallets"), None, Method.NO_WEIGHT),
            ("3", "m2", ("wood",), None, Method.NO_WEIGHT),
            ("3", "m3", (), None, Method.NO_WEIGHT),
            ("3", "brassée", ("wood",), None, Method.NO_WEIGHT),
        ],
    )
    def test_by_unit_then_by_the_vocabulary_else_not(
        self, value: str, unit: str, categories: tuple[str, ...], kg: str | None, method: Method
    ) -> None:
        assert category("wood").density == 300
        assert weight_of(Amount(value=Decimal(value), unit=unit), categories) == (Decimal(kg) if kg else None, method)

    def test_what_a_volume_weighs_is_an_estimate_however_well_it_was_counted(self) -> None:
        assert figures(a_taking(Decimal(2), "m3"))[Measure.MASS].basis is Basis.ESTIMATED

    def test_what_animals_eat_is_prevention_and_no_recycling(self) -> None:
        eaten, fed, composted = (
            figures(a_taking(Decimal(1), "t", level, "food-surplus"))
            for level in (Level.REUSE, Level.ANIMALS, Level.RECYCLING)
        )
        assert fed[Measure.MASS].level is Level.ANIMALS
        assert fed[Measure.CO2E].value == eaten[Measure.CO2E].value != composted[Measure.CO2E].value
        assert fed[Measure.CO2E].source_version.startswith("food-waste/animals/")

    def test_without_a_weight_or_a_factor_nothing_is_made_up(self) -> None:
        assert Measure.CO2E not in figures(a_taking(Decimal(2), "m2"))
        assert Measure.CO2E not in figures(a_taking(Decimal(2), "t", Level.RECYCLING))
        assert Measure.CO2E not in figures(a_taking(Decimal(2), "t", Level.REUSE, "wood", "glass"))


class TestAgreements:
    def test_hours_are_those_of_a_partnership_and_days_have_seven(self) -> None:
        lines = [Amount(value=Decimal(2), unit="day"), Amount(value=Decimal(3), unit="hour")]
        lines.append(Amount(value=Decimal(9), unit="bureau"))
        assert figures(an_agreement(0, Nature.PARTNERSHIP, lines))[Measure.HOURS].value == 17
        assert Measure.HOURS not in figures(an_agreement(100, Nature.ORDER, lines))

    def test_inclusion_hours_are_an_estimate_for_inclusion_alone(self) -> None:
        found = figures(an_agreement(260_000))[Measure.INSERTION]
        assert (found.value, found.basis, found.source_version) == (Decimal(100), Basis.ESTIMATED, HOUR.version)
        assert Measure.INSERTION not in figures(an_agreement(260_000, partner=SideFacts(is_ess=True, kinds=("ESAT",))))
        assert Measure.INSERTION not in {each.measure for each in reckon(an_agreement(260_000), factors(), None)}

    def test_money_to_others_is_no_money_to_the_social_economy(self) -> None:
        assert {Measure.MONEY, Measure.JOBS}.isdisjoint(figures(an_agreement(100, partner=FIRM)))
        assert Measure.MONEY not in figures(an_agreement(-100))

    def test_the_eight_points_have_a_rule_each_and_its_words(self) -> None:
        assert len(POINTS) == 8
        assert set(RULES) == set(POINTS) == {Measure(each) for each in RULE_WORDS}
        assert {Measure(each) for each in MEASURES} == set(Measure)
        assert {Method(each) for each in METHODS} == set(Method)
        found = figures(an_agreement(100))
        assert set(POINTS) & set(found) == {Measure.JOBS, Measure.SERVICES, Measure.DEMOCRACY, Measure.EQUALITY}


class TestFactors:
    def test_each_line_has_a_source_a_version_and_a_range(self) -> None:
        for each in factors():
            assert each.low <= each.value <= each.high
            assert "ADEME" in each.source
            assert each.version
            assert each.method in (Method.MAKING, Method.TREATMENT)
        lines = [(each.key, each.level, each.valid_from, each.version) for each in factors()]
        assert len(set(lines)) == len(lines)

    def test_the_latest_that_had_begun_holds_and_of_one_day_the_last_version(self) -> None:
        old = factor_for(factors(), "wood", Level.REUSE, on=DAY)
        assert old is not None
        later = old._replace(valid_from=date(2027, 1, 1), version="2027-01")
        mended = old._replace(version="2026-12")
        lines = (*factors(), later, mended)
        assert factor_for(lines, "wood", Level.REUSE, on=DAY) == mended
        assert factor_for(lines, "wood", Level.REUSE, on=date(2027, 1, 1)) == later
        assert factor_for(lines, "wood", Level.REUSE, on=date(2019, 12, 31)) is None
        assert factor_for(lines, None, Level.REUSE, on=DAY) is None

    def test_a_line_names_its_levels(self) -> None:
        line = '[[factor]]\nkey="x"\nlevels=["reuse","recovery"]\nmethod="making"\nvalue="1"\nlow="1"\nhigh="1"\n'
        found = read_factors(f'{line}source="s"\nversion="v"\nvalid_from=2026-01-01\n')
        assert [each.level for each in found] == [Level.REUSE, Level.RECOVERY]
