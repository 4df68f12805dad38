"""Who goes first, and what waste asks for: pure rules, with the words of their refusals."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.flows.models import Flow
from services.catalog.takings.errors import (
    CarrierReceiptMissing,
    HazardousPermitMissing,
    TrackingSlipMissing,
    TreatmentPermitMissing,
    WantedPermitMissing,
)
from services.catalog.takings.models import held_until
from services.catalog.takings.papers import Papers, refuse_without_permits, refuse_without_references
from services.catalog.takings.priority import OPEN_TO_ALL, Life, opens_at, steps
from shared.events.facts import LegalStatus, Level, Permit, Quantity
from shared.events.takings import Transport
from tests.services.catalog.test_offers_states import a_flow

BEGINS = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TWENTY_DAYS = Life(BEGINS, BEGINS + timedelta(days=20), 50)
ON = date(2026, 12, 1)
TREATS = Permit(code="waste_treatment", expires_on=ON)
HAZARDOUS, CARRIES = Permit(code="hazardous"), Permit(code="waste_transport")


def days_until_open(life: Life, *wanted: str, level: Level, is_ess: bool) -> float:
    return (opens_at(life, wanted, level=level, is_ess=is_ess) - life.begins_at) / timedelta(days=1)


@pytest.mark.parametrize(
    ("level", "is_ess", "days"),
    [
        (Level.REUSE, True, 0),
        (Level.REUSE, False, 2.5),
        (Level.PREPARATION, True, 5),
        (Level.PREPARATION, False, 7.5),
        (Level.RECYCLING, True, 10),
        (Level.RECOVERY, False, 10),
    ],
)
def test_better_treatments_go_first_and_in_each_the_social_economy(level: Level, is_ess: bool, days: float) -> None:
    assert days_until_open(TWENTY_DAYS, level=level, is_ess=is_ess) == days


def test_the_window_is_shared_among_the_treatments_that_the_holder_wants() -> None:
    assert days_until_open(TWENTY_DAYS, "preparation", "recycling", level=Level.PREPARATION, is_ess=True) == 0
    assert days_until_open(TWENTY_DAYS, "preparation", "recycling", level=Level.PREPARATION, is_ess=False) == 5


def test_where_no_better_treatment_is_wanted_nobody_waits() -> None:
    assert days_until_open(TWENTY_DAYS, "recycling", level=Level.RECYCLING, is_ess=False) == 0


@pytest.mark.parametrize(("hours", "opens"), [(72, 0), (71, 0), (80, 8), (200, 100)])
def test_with_less_than_72_hours_to_live_it_is_open_to_all(hours: int, opens: int) -> None:
    life = Life(BEGINS, BEGINS + timedelta(hours=hours), 50)
    assert life.open_to_all_at == BEGINS + timedelta(hours=opens)


@given(
    hours=st.integers(1, 24 * 60),
    percent=st.integers(0, 90),
    wanted=st.lists(st.sampled_from([level.value for level in Level]), unique=True),
)
def test_everybody_comes_in_the_end_and_never_before_somebody_better(
    hours: int, percent: int, wanted: list[str]
) -> None:
    life = Life(BEGINS, BEGINS + timedelta(hours=hours), percent)
    levels = [level for level in Level if not wanted or level.value in wanted]
    moments = [opens_at(life, wanted, level=level, is_ess=is_ess) for level in levels for is_ess in (True, False)]
    assert moments == sorted(moments)
    assert moments[0] == BEGINS
    assert moments[-1] <= max(BEGINS, life.ends_at - OPEN_TO_ALL)
    assert [step.since for step in steps(life, wanted)] == sorted(step.since for step in steps(life, wanted))


@pytest.mark.parametrize(("hours", "kept"), [(400, 48), (192, 48), (191, 47.75), (4, 1)])
def test_an_option_keeps_a_quarter_of_what_is_left_and_48_hours_at_most(hours: int, kept: float) -> None:
    assert held_until(BEGINS, BEGINS + timedelta(hours=hours)) == BEGINS + timedelta(hours=kept)


def waste(*codes: str, **said: Any) -> Flow:
    flow: Flow = a_flow("published")
    flow.legal_status, flow.ewc = LegalStatus.WASTE, list(codes) or ["150103"]
    for name, value in said.items():
        setattr(flow, name, value)
    return flow


@pytest.mark.parametrize(
    ("codes", "permits", "refused"),
    [
        (["150103"], [], TreatmentPermitMissing),
        (["150103"], [Permit(code="waste_treatment", expires_on=date(2026, 11, 30))], TreatmentPermitMissing),
        (["150103"], [TREATS], None),
        (["160213*"], [TREATS], HazardousPermitMissing),
        (["160213*"], [TREATS, HAZARDOUS], None),
    ],
)
def test_waste_goes_to_whoever_may_have_it_that_day(
    codes: list[str], permits: Sequence[Permit], refused: type[Exception] | None
) -> None:
    if refused is None:
        refuse_without_permits(waste(*codes), Papers(permits), ON)
    else:
        with pytest.raises(refused):
            refuse_without_permits(waste(*codes), Papers(permits), ON)


def test_what_is_no_waste_asks_for_what_its_holder_asks_alone() -> None:
    flow = a_flow("published")
    refuse_without_permits(flow, Papers([]), ON)
    flow.permits = ["food_hygiene"]
    with pytest.raises(WantedPermitMissing):
        refuse_without_permits(flow, Papers([TREATS]), ON)


@pytest.mark.parametrize(
    ("load", "transport", "receipt", "permits", "is_refused"),
    [
        ("0.5", Transport.OWN, "", [], False),
        ("0.501", Transport.OWN, "", [], True),
        ("0.501", Transport.OWN, "R-1", [], False),
        ("0.501", Transport.OWN, "", [CARRIES], False),
        ("0.501", Transport.CARRIER, "", [CARRIES], True),
        ("0.501", Transport.CARRIER, "R-1", [], False),
        ("0.501", Transport.HOLDER, "", [], False),
    ],
)
def test_above_500_kg_whoever_carries_waste_shows_a_receipt(
    load: str, transport: Transport, receipt: str, permits: Sequence[Permit], is_refused: bool
) -> None:
    papers = Papers(permits, receipt)
    said: dict[str, Any] = {"transport": transport, "on": ON, "receipt_above": Decimal("500.0000")}
    part = Quantity(value=Decimal(load), unit="t")
    if not is_refused:
        refuse_without_references(waste(), part, papers, **said)
        return
    with pytest.raises(CarrierReceiptMissing, match="500 kg") as refusal:
        refuse_without_references(waste(), part, papers, **said)
    assert refusal.value.field == "carrier_receipt"


def test_hazardous_waste_travels_with_its_slip_however_little() -> None:
    said: dict[str, Any] = {"transport": Transport.OWN, "on": ON, "receipt_above": Decimal(100)}
    part = Quantity(value=Decimal(1), unit="kg")
    with pytest.raises(TrackingSlipMissing):
        refuse_without_references(waste("160213*"), part, Papers([]), **said)
    refuse_without_references(waste("160213*"), part, Papers([], tracking_slip="BSD-1"), **said)


def test_a_load_that_is_counted_is_not_refused_for_its_mass() -> None:
    said: dict[str, Any] = {"transport": Transport.OWN, "on": ON, "receipt_above": Decimal(500)}
    refuse_without_references(waste(), Quantity(value=Decimal(900), unit="unit"), Papers([]), **said)
