"""INVARIANT: a subscription goes only where its two sides may take it, and it never lengthens."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from hypothesis import given as draw
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.catalog.subscriptions.models import NOTICE, SERVED, State, Subscription
from services.catalog.subscriptions.rules import given
from shared.clock import day_of
from shared.events.facts import Level
from shared.events.subscriptions import RefusedFor, UnservedFor
from shared.events.takings import Side, Transport
from shared.refusal import Refusal
from tests.services.catalog.test_offers_states import a_flow, an_organisation

BEGINS = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NEXT = {
    State.ASKED: {State.ACCEPTED, State.REFUSED, State.ENDED},
    State.ACCEPTED: {State.PAUSED, State.ENDING, State.ENDED},
    State.PAUSED: {State.ACCEPTED, State.ENDED, State.ENDING},
    State.ENDING: set(),
    State.REFUSED: set(),
    State.ENDED: set(),
}


def a_subscription() -> Subscription:
    flow, taker = a_flow("published"), an_organisation()
    return Subscription(
        id=uuid4(), flow_id=flow.id, flow=flow, organisation_id=flow.organisation_id, organisation=flow.organisation,
        taker_id=taker.id, taker=taker, state=State.ASKED, version=0, percent=40, level=Level.REUSE,
        transport=Transport.OWN, slot_after_days=0, from_on=date(2026, 12, 1), until_on=date(2027, 2, 28), words="",
        asked_at=BEGINS, updated_at=BEGINS,
    )  # fmt: skip


class ASubscription(RuleBasedStateMachine):
    """Whatever either side presses, in any order, while months pass."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.one = BEGINS, a_subscription()
        self.one.ask(self.now)

    def attempt(self, step: Callable[[], object]) -> None:
        before = (self.one.state, self.one.until_on, self.one.version)
        try:
            step()
        except Refusal:
            assert before == (self.one.state, self.one.until_on, self.one.version)
            return
        assert self.one.state in NEXT[before[0]]
        assert self.one.version == before[2] + 1
        assert self.one.until_on <= before[1]

    @rule()
    def accept(self) -> None:
        self.attempt(lambda: self.one.accept(self.now))

    @rule()
    def refuse(self) -> None:
        self.attempt(lambda: self.one.refuse(RefusedFor.OTHER, self.now))

    @rule(side=st.sampled_from(Side))
    def pause(self, side: Side) -> None:
        self.attempt(lambda: self.one.pause(side, self.now))

    @rule(side=st.sampled_from(Side))
    def resume(self, side: Side) -> None:
        paused_by = self.one.acted_by
        self.attempt(lambda: self.one.resume(side, self.now))
        assert self.one.state is not State.ACCEPTED or paused_by in (None, side) or self.one.acted_by is not None

    @rule(side=st.sampled_from(Side))
    def end(self, side: Side) -> None:
        was = self.one.state
        self.attempt(lambda: self.one.end(side, self.now))
        if was is State.ACCEPTED and self.one.state is State.ENDING:
            assert self.one.until_on <= day_of(self.now) + NOTICE

    @rule(days=st.integers(1, 40))
    def let_time_pass(self, days: int) -> None:
        self.now += timedelta(days=days)

    @invariant()
    def is_dated(self) -> None:
        assert self.one.from_on <= self.one.until_on

    @invariant()
    def serves_only_while_it_runs(self) -> None:
        assert self.one.serves(self.one.from_on) is (self.one.state in SERVED)
        assert not self.one.serves(self.one.until_on + timedelta(days=1))


TestASubscription = ASubscription.TestCase
TestASubscription.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)

AMOUNTS = st.decimals(Decimal("0.001"), 20, places=3)


@draw(wanted=AMOUNTS, left=st.decimals(0, 20, places=3), minimum=st.none() | AMOUNTS)
def test_a_part_is_never_more_than_asked_nor_than_what_is_left(
    wanted: Decimal, left: Decimal, minimum: Decimal | None
) -> None:
    part = given(wanted, left, minimum)
    if isinstance(part, UnservedFor):
        assert left <= 0 or (minimum is not None and min(wanted, left) < minimum)
    else:
        assert 0 < part <= min(wanted, left)
        assert minimum is None or part >= minimum or part == left
