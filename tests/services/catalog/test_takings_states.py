"""INVARIANT: whatever is done with a lot in any order, what is taken and kept of it is never more than it holds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.catalog.flows.lot import Lot, LotState
from services.catalog.takings.figures import Figure
from services.catalog.takings.models import PickUp, State, Taking, held_until
from shared.events.facts import Level
from shared.events.takings import Basis, Cancelled, Side, Transport
from shared.refusal import Refusal
from tests.services.catalog.test_offers_states import a_flow, an_organisation

BEGINS = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
GIVES = timedelta(days=12)
PARTS = st.integers(1, 6).map(Decimal)
COUNTS = {
    "taken_value": (State.MADE, State.CONFIRMED),
    "held_value": (State.HELD,),
    "collected_value": (State.CONFIRMED,),
}


class ALot(RuleBasedStateMachine):
    """Ten tonnes for twelve days, and takers who take, keep, let go, call off, miss, while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.flow = BEGINS, a_flow("published")
        self.takings: list[Taking] = []
        self.lot = Lot(
            id=uuid4(),
            flow_id=self.flow.id,
            organisation_id=self.flow.organisation_id,
            version=0,
            state=LotState.PLANNED,
            day=BEGINS.date(),
            quantity_value=Decimal(10),
            quantity_unit="t",
            taken_value=Decimal(0),
            held_value=Decimal(0),
            collected_value=Decimal(0),
            available_at=BEGINS,
            expires_at=BEGINS + GIVES,
        )
        self.lot.move_on(self.now)

    def taking(self, value: Decimal) -> Taking:
        taker = an_organisation()
        taking = Taking(id=uuid4(), lot_id=self.lot.id, lot=self.lot, flow_id=self.flow.id, flow=self.flow, version=0)
        taking.organisation_id, taking.organisation = self.flow.organisation_id, self.flow.organisation
        taking.taker_id, taking.taker = taker.id, taker
        taking.quantity_value, taking.quantity_unit, taking.level = value, "t", Level.REUSE
        return taking

    def pick_up(self) -> PickUp:
        return PickUp(Transport.OWN, self.now + timedelta(hours=6), self.now + timedelta(hours=8), "", "")

    def attempt(self, step: Callable[[], object]) -> bool:
        """False when the rules refuse, and then nothing may have changed."""
        before = (self.lot.state, self.lot.taken_value, self.lot.held_value, self.lot.version)
        try:
            step()
        except Refusal:
            assert before == (self.lot.state, self.lot.taken_value, self.lot.held_value, self.lot.version)
            return False
        return True

    @rule(value=PARTS)
    def take(self, value: Decimal) -> None:
        taking = self.taking(value)
        if self.attempt(lambda: self.lot.take(value, self.now)):
            taking.make(self.pick_up(), self.now)
            self.takings.append(taking)

    @rule(value=PARTS)
    def hold(self, value: Decimal) -> None:
        taking = self.taking(value)
        if self.attempt(lambda: self.lot.hold(value, self.now)):
            taking.keep(held_until(self.now, self.lot.expires_at), self.now)
            self.takings.append(taking)

    @precondition(lambda self: self.takings)
    @rule(data=st.data())
    def take_held(self, data: st.DataObject) -> None:
        taking = data.draw(st.sampled_from(self.takings))

        def step() -> None:
            taking.refuse_unless_held(self.now)
            self.lot.take_held(taking.quantity_value, self.now)

        if self.attempt(step):
            taking.make(self.pick_up(), self.now)

    @precondition(lambda self: self.takings)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        taking = data.draw(st.sampled_from(self.takings))
        if self.attempt(lambda: taking.release(self.now)):
            self.lot.free_held(taking.quantity_value, self.now)

    @precondition(lambda self: self.takings)
    @rule(data=st.data())
    def keep_longer(self, data: st.DataObject) -> None:
        taking = data.draw(st.sampled_from(self.takings))
        until = taking.held_until
        if self.attempt(lambda: taking.keep_longer(self.now)):
            assert until is not None
            assert taking.held_until is not None
            assert until < taking.held_until <= self.lot.expires_at

    @precondition(lambda self: self.takings)
    @rule(data=st.data(), side=st.sampled_from(Side))
    def cancel(self, data: st.DataObject, side: Side) -> None:
        taking = data.draw(st.sampled_from(self.takings))
        if self.attempt(lambda: taking.cancel(side, Cancelled.OTHER, self.now)):
            self.lot.free_taken(taking.quantity_value, self.now, reopens=True)

    @precondition(lambda self: self.takings)
    @rule(data=st.data(), side=st.sampled_from(Side), reopens=st.booleans())
    def miss(self, data: st.DataObject, side: Side, reopens: bool) -> None:
        taking = data.draw(st.sampled_from(self.takings))
        if self.attempt(lambda: taking.miss(side, self.now)):
            self.lot.free_taken(taking.quantity_value, self.now, reopens=reopens, missed=True)

    @precondition(lambda self: self.takings)
    @rule(data=st.data())
    def collect(self, data: st.DataObject) -> None:
        taking, both = data.draw(st.sampled_from(self.takings)), tuple(Side)
        figure = Figure(value=taking.quantity_value, basis=Basis.MEASURED, said_at=self.now)
        if taking.state is State.MADE and self.attempt(
            lambda: [taking.say_done(each, figure, self.now) for each in both]
        ):
            self.lot.collect(taking.quantity_value, self.now)

    @rule(value=PARTS)
    def correct(self, value: Decimal) -> None:
        before = self.lot.quantity_value
        self.lot.quantity_value = value + 4
        if not self.attempt(lambda: self.lot.change(self.now)):
            self.lot.quantity_value = before

    @rule(hours=st.integers(1, 60))
    def let_time_pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def let_the_timers_come(self) -> None:
        for taking in self.takings:
            if taking.state is State.HELD and not taking.is_held(self.now):
                taking.expire(self.now)
                self.lot.free_held(taking.quantity_value, self.now)
        if self.lot.due_at is not None and self.lot.due_at <= self.now:
            self.lot.move_on(self.now)

    @invariant()
    def is_never_overtaken(self) -> None:
        assert self.lot.taken_value + self.lot.held_value <= self.lot.quantity_value
        assert 0 <= self.lot.left_value <= self.lot.quantity_value

    @invariant()
    def counts_what_its_takings_are(self) -> None:
        for name, states in COUNTS.items():
            parts = [each.quantity_value for each in self.takings if each.state in states]
            assert getattr(self.lot, name) == sum(parts)

    @invariant()
    def is_taken_when_nothing_is_left(self) -> None:
        if self.lot.is_open:
            assert self.lot.taken_value < self.lot.quantity_value
        if self.lot.state is LotState.TAKEN:
            assert self.lot.taken_value > self.lot.collected_value

    @invariant()
    def is_collected_when_all_that_was_taken_has_left(self) -> None:
        if self.lot.state is LotState.COLLECTED:
            assert self.lot.collected_value == self.lot.taken_value > 0


TestALot = ALot.TestCase
TestALot.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
