"""INVARIANT: nothing counts that not both sides have said, and what both said within ten percent always does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.catalog.takings.errors import FigureImplausible
from services.catalog.takings.figures import Figure, agree, counting
from services.catalog.takings.models import REMINDED_AFTER, PickUp, State, Taking
from shared.events.facts import Level
from shared.events.takings import (
    Basis,
    Side,
    TakingConfirmed,
    TakingDisputed,
    TakingDone,
    TakingState,
    TakingUnconfirmed,
    Transport,
)
from shared.refusal import Refusal
from tests.services.catalog.test_offers_states import a_flow, an_organisation

BEGINS = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
# Close enough to each other that agreement, its edge and dispute all come.
VALUES = st.sampled_from([Decimal(value) for value in ("8", "9", "9.999", "10", "10.001", "11")])
ENDED = (State.CONFIRMED, State.MISSED)


def a_figure(value: Decimal | str, basis: Basis = Basis.MEASURED, at: datetime = BEGINS) -> Figure:
    return Figure(value=Decimal(value), basis=basis, said_at=at)


def a_taking() -> Taking:
    flow, taker = a_flow("published"), an_organisation()
    taking = Taking(id=uuid4(), lot_id=uuid4(), flow_id=flow.id, flow=flow, version=0, reminded=0)
    taking.organisation_id, taking.organisation = flow.organisation_id, flow.organisation
    taking.taker_id, taking.taker = taker.id, taker
    taking.quantity_value, taking.quantity_unit, taking.level = Decimal(10), "t", Level.REUSE
    taking.make(PickUp(Transport.OWN, BEGINS, BEGINS + timedelta(hours=2), "", ""), BEGINS - timedelta(days=1))
    return taking


class ACollection(RuleBasedStateMachine):
    """Two sides who say, correct, accept and take back, in any order, while time passes and the timer comes."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.taking = BEGINS - timedelta(hours=1), a_taking()
        self.told: list[TakingState] = []
        self.said: dict[Side, Decimal] = {}

    def attempt(self, step: Callable[[], list[TakingState]]) -> bool:
        """False when the rules refuse, and then nothing may have changed."""
        before = (self.taking.state, self.taking.holder_said, self.taking.taker_said, self.taking.version)
        try:
            told = step()
        except Refusal:
            assert before == (self.taking.state, self.taking.holder_said, self.taking.taker_said, self.taking.version)
            return False
        self.told += told
        return True

    @rule(side=st.sampled_from(Side), value=VALUES, basis=st.sampled_from(Basis))
    def say(self, side: Side, value: Decimal, basis: Basis) -> None:
        if self.attempt(lambda: self.taking.say_done(side, a_figure(value, basis, self.now), self.now)):
            self.said[side] = value

    @rule(side=st.sampled_from(Side), value=VALUES)
    def accept(self, side: Side, value: Decimal) -> None:
        if self.attempt(lambda: self.taking.accept(side, value, self.now)):
            assert self.said[side.other] == value
            self.said[side] = value
            assert self.taking.state is State.CONFIRMED

    @rule(side=st.sampled_from(Side))
    def miss(self, side: Side) -> None:
        if self.attempt(lambda: [self.taking.miss(side, self.now)]):
            assert side.other not in self.said
            self.said = {}

    @rule(hours=st.integers(1, 60))
    def let_time_pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def let_the_timer_come(self) -> None:
        if self.taking.due_at is not None and self.taking.due_at <= self.now:
            assert self.taking.state is State.MADE
            self.told.append(self.taking.remind(self.now))

    @invariant()
    def counts_what_both_said(self) -> None:
        both = len(self.said) == len(Side)
        assert (self.taking.state is State.CONFIRMED) <= both
        if self.taking.state is State.DISPUTED:
            assert both
        if self.taking.counted:
            assert self.taking.counted.value in self.said.values()
            assert abs(self.said[Side.HOLDER] - self.said[Side.TAKER]) <= max(self.said.values()) / 10

    @invariant()
    def tells_each_version_once_and_what_became_of_it(self) -> None:
        versions = [event.version for event in self.told]
        assert versions == sorted(set(versions))
        confirmed = [event for event in self.told if isinstance(event, TakingConfirmed)]
        assert len(confirmed) == (self.taking.state is State.CONFIRMED)
        if self.taking.state is State.DISPUTED:
            assert isinstance(self.told[-1], TakingDisputed)

    @invariant()
    def reminds_twice_at_most_and_never_of_what_ended(self) -> None:
        assert sum(isinstance(event, TakingUnconfirmed) for event in self.told) <= len(REMINDED_AFTER)
        if self.taking.state in ENDED:
            assert self.taking.due_at is None


TestACollection = ACollection.TestCase
TestACollection.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


@given(one=st.decimals("0.001", "1000", places=3), other=st.decimals("0.001", "1000", places=3))
def test_who_speaks_first_changes_nothing(one: Decimal, other: Decimal) -> None:
    assert agree(a_figure(one), a_figure(other)) == agree(a_figure(other), a_figure(one))
    assert agree(a_figure(one), a_figure(one))


@pytest.mark.parametrize(
    ("larger", "smaller", "agreed"),
    [("10", "9", True), ("10", "8.999", False), ("0.010", "0.009", True), ("1000", "899.999", False)],
)
def test_the_edge_is_exact(larger: str, smaller: str, agreed: bool) -> None:
    assert agree(a_figure(larger), a_figure(smaller)) is agreed


@pytest.mark.parametrize(
    ("holder", "taker", "counts"),
    [
        (("10", Basis.MEASURED), ("9.5", Basis.ESTIMATED), (Side.HOLDER, "10")),
        (("9.5", Basis.ESTIMATED), ("10", Basis.MEASURED), (Side.TAKER, "10")),
        (("10", Basis.MEASURED), ("9.5", Basis.MEASURED), (Side.TAKER, "9.5")),
        (("9.5", Basis.ESTIMATED), ("10", Basis.ESTIMATED), (Side.HOLDER, "9.5")),
    ],
)
def test_measured_goes_before_estimated_then_the_smaller(
    holder: tuple[str, Basis], taker: tuple[str, Basis], counts: tuple[Side, str]
) -> None:
    found = counting(a_figure(*holder), a_figure(*taker))
    assert (found.side, found.figure.value) == (counts[0], Decimal(counts[1]))


def test_who_says_the_same_again_says_nothing_new() -> None:
    taking = a_taking()
    (done,) = taking.say_done(Side.TAKER, a_figure("10"), BEGINS)
    assert isinstance(done, TakingDone)
    assert done.awaited == (Side.HOLDER,)
    assert taking.say_done(Side.TAKER, a_figure("10", at=BEGINS + timedelta(hours=1)), BEGINS) == []


@pytest.mark.parametrize("side", Side)
def test_ten_times_the_part_is_said_and_no_more(side: Side) -> None:
    taking = a_taking()
    with pytest.raises(FigureImplausible, match="10 fois la part convenue") as refused:
        taking.say_done(side, a_figure("100.001"), BEGINS)
    assert (refused.value.field, taking.figure_of(side), taking.state) == ("value", None, State.MADE)
    taking.say_done(side, a_figure("100"), BEGINS)
    assert taking.figure_of(side) == a_figure("100")
