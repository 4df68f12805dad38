"""Whatever both sides do in whatever order, a settlement keeps to its states and the ledger's sum is zero."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.catalog.agreements.settling import shares_of
from services.catalog.earnings.year import Moved, quarters_of, whole_of
from services.catalog.payments.errors import PaidOnline
from services.catalog.payments.ledger import Account, Kind, Move, balances
from services.catalog.payments.models import ENDED, Bill, Settlement, State, Told, settlement_of
from services.catalog.payments.online import moving
from shared.clock import day_of
from shared.events.payments import DisputedFor, Means
from shared.refusal import Refusal
from tests.services.catalog.test_agreements_states import a_content
from tests.services.catalog.test_offers_states import NOW

TODAY = day_of(NOW)


def assert_a_year_says_what_the_ledger_says(settlement: Settlement, ledger: list[Move]) -> None:
    """What a seller's year received, less fees and refunds, is what is on its account, and fees are the platform's."""
    moves = [Moved(settlement.id, NOW, each.source.kind, each.target.kind, each.cents) for each in ledger]
    whole, held = whole_of(quarters_of(moves)), balances(ledger)
    assert whole.kept_cents == held[Account(Kind.RECEIVED, settlement.payee_id)]
    assert whole.fee_cents == held[Account(Kind.FEES)]
    assert whole.received_cents in (0, settlement.cents)
    assert 0 <= whole.returned_cents <= whole.received_cents


class Paying(RuleBasedStateMachine):
    """One settlement, a model of what its two sides know, and the ledger; a step may fail before it is kept."""

    def __init__(self) -> None:
        super().__init__()
        (share,) = shares_of(a_content(), signed_on=TODAY, term_days=30)
        self.settlement = settlement_of(share, uuid4(), NOW)
        self.ledger: list[Move] = []
        self.paid = self.back = 0
        self.do(lambda: self.settlement.begin(NOW))

    def do(self, step: Callable[[], Told]) -> bool:
        """Do a step and keep its moves; refused, it leaves everything as it was."""
        before = {name: getattr(self.settlement, name) for name in ("state", "version", "vat_cents", "returned_cents")}
        try:
            events, moves = step()
        except Refusal:
            assert before == {name: getattr(self.settlement, name) for name in before}
            return False
        assert self.settlement.version == before["version"] + len(events)
        assert bool(moves) <= bool(events)
        self.ledger += moves
        return True

    @rule(vat=st.integers(0, 20_000))
    def bill(self, vat: int) -> None:
        self.do(lambda: self.settlement.bill(Bill("F-1", TODAY, vat), NOW))

    @rule(means=st.sampled_from(list(Means)))
    def declare(self, means: Means) -> None:
        could = self.settlement.is_open
        assert self.do(lambda: self.settlement.declare(means, TODAY, "VIR", NOW)) is could

    @rule()
    def confirm(self) -> None:
        was = self.settlement.state
        if self.do(lambda: self.settlement.confirm(NOW)) and was is State.DECLARED:
            self.paid = self.settlement.cents

    @rule()
    def dispute(self) -> None:
        could = self.settlement.state is State.DECLARED
        assert self.do(lambda: self.settlement.dispute(DisputedFor.AMOUNT, "", NOW)) is could

    @rule(cents=st.integers(1, 120_000))
    def give_back(self, cents: int) -> None:
        could = self.settlement.may_bring_back and cents <= self.settlement.kept_cents
        assert self.do(lambda: self.settlement.give_back(cents, TODAY, "", NOW)) is could

    @precondition(lambda self: self.settlement.returning_cents)
    @rule(arrived=st.booleans())
    def take_back(self, arrived: bool) -> None:
        self.back += self.settlement.returning_cents if arrived else 0
        assert self.do(lambda: self.settlement.take_back(NOW, arrived=arrived))

    @rule()
    def void(self) -> None:
        self.do(lambda: self.settlement.void(NOW))

    @invariant()
    def the_sum_is_zero(self) -> None:
        """INVARIANT: no step changes the sum of the ledger, and no move is of nothing."""
        assert sum(balances(self.ledger).values()) == 0
        assert all(move.cents > 0 for move in self.ledger)
        assert_a_year_says_what_the_ledger_says(self.settlement, self.ledger)

    @invariant()
    def the_accounts_say_what_the_state_says(self) -> None:
        """INVARIANT: what is owed, under way, received and given back follows from the state alone."""
        settlement, held = self.settlement, balances(self.ledger)
        payer, payee, cents = settlement.payer_id, settlement.payee_id, settlement.cents
        is_paid = settlement.state in (State.CONFIRMED, State.REFUNDED)
        expected = {
            Account(Kind.OWED, payer): -cents if settlement.is_open else 0,
            Account(Kind.UNDERWAY, payer): -cents if settlement.state is State.DECLARED else 0,
            Account(Kind.CLAIMED, payee): cents if settlement.is_open or settlement.state is State.DECLARED else 0,
            Account(Kind.RECEIVED, payee): settlement.kept_cents,
            Account(Kind.RETURNING, payee): settlement.returning_cents,
            Account(Kind.PAID, payer): -(cents - settlement.returned_cents) if is_paid else 0,
        }
        assert {account: sum_ for account, sum_ in held.items() if sum_} == {
            account: sum_ for account, sum_ in expected.items() if sum_
        }
        assert settlement.returned_cents == self.back
        assert (settlement.state is State.REFUNDED) == (is_paid and self.back == self.paid)

    @invariant()
    def what_ended_owes_nothing(self) -> None:
        """INVARIANT: an ended settlement is nobody's turn, but for money on its way back."""
        settlement = self.settlement
        if settlement.state in ENDED and not settlement.returning_cents:
            assert not settlement.awaits(settlement.payer_id)
            assert not settlement.awaits(settlement.payee_id)


class PayingOnline(RuleBasedStateMachine):
    """One settlement that is paid through Stripe, straight to its payee or by way of the platform."""

    FEE = 700

    @initialize(is_held=st.booleans())
    def begin(self, is_held: bool) -> None:
        (share,) = shares_of(a_content(), signed_on=TODAY, term_days=30)
        self.settlement = settlement_of(share, uuid4(), NOW)
        self.ledger: list[Move] = []
        self.is_held, self.is_passed_on, self.fee_kept, self.taken = is_held, False, 0, 0
        self.do(self.settlement.begin(NOW))

    def do(self, told: Told) -> None:
        """Keep its moves; every step is news to somebody."""
        events, moves = told
        assert events
        self.ledger += moves

    @precondition(lambda self: self.settlement.is_open)
    @rule(means=st.sampled_from(list(Means)))
    def charge(self, means: Means) -> None:
        self.do(moving.charge(self.settlement, means, NOW))

    @precondition(lambda self: self.settlement.state is State.DECLARED)
    @rule()
    def fail(self) -> None:
        self.do(moving.fail(self.settlement, NOW))

    @precondition(lambda self: self.settlement.state is State.DECLARED)
    @rule()
    def receive(self) -> None:
        self.do(moving.receive(self.settlement, self.FEE, NOW, is_held=self.is_held))
        self.fee_kept = 0 if self.is_held else self.FEE

    @precondition(lambda self: self.is_held and not self.is_passed_on and self.settlement.state is State.CONFIRMED)
    @rule()
    def pass_on(self) -> None:
        self.ledger += self.settlement.sides.pass_on(self.settlement.cents, self.FEE)
        self.is_passed_on, self.fee_kept = True, self.FEE

    @precondition(lambda self: self.is_with_the_payee and self.settlement.may_bring_back)
    @rule(cents=st.integers(1, 120_000))
    def ask_back(self, cents: int) -> None:
        self.do(moving.ask_back(self.settlement, min(cents, self.settlement.kept_cents), NOW))

    @precondition(lambda self: self.is_with_the_payee and self.settlement.kept_cents + self.settlement.returning_cents)
    @rule(unasked=st.integers(0, 120_000), fee=st.integers(0, FEE))
    def refund(self, unasked: int, fee: int) -> None:
        cents = self.settlement.returning_cents + min(unasked, self.settlement.kept_cents)
        if cents:
            fee = min(fee, self.fee_kept)
            self.do(moving.refund(self.settlement, cents, fee, NOW))
            self.fee_kept -= fee

    @precondition(lambda self: self.settlement.returning_cents)
    @rule()
    def keep(self) -> None:
        self.do(moving.keep(self.settlement, NOW))

    @precondition(lambda self: self.is_with_the_payee and self.settlement.may_bring_back)
    @rule(cents=st.integers(1, 120_000))
    def contest(self, cents: int) -> None:
        self.taken = min(cents, self.settlement.kept_cents)
        self.do(moving.contest(self.settlement, self.taken, NOW))

    @precondition(lambda self: self.settlement.state is State.CONTESTED)
    @rule(won=st.booleans())
    def decide(self, won: bool) -> None:
        fee = 0 if won else min(self.fee_kept, self.taken)
        self.do(moving.decide(self.settlement, self.taken, fee, NOW, won=won))
        self.fee_kept -= fee
        self.taken = 0

    @rule()
    def call_off(self) -> None:
        """Its agreement is cancelled: what was paid stays, and nothing is ever owed again."""
        self.ledger += self.settlement.void(NOW)[1]

    @rule()
    def say_it_oneself(self) -> None:
        """What is paid online is not for the two to confirm, to dispute or to give back by word."""
        settlement = self.settlement
        if settlement.is_online:
            before = settlement.version
            with pytest.raises(PaidOnline):
                settlement.dispute(DisputedFor.AMOUNT, "", NOW)
            with pytest.raises(PaidOnline):
                settlement.give_back(1, TODAY, "", NOW)
            with pytest.raises(PaidOnline):
                settlement.take_back(NOW, arrived=True)
            assert settlement.version == before

    @property
    def is_with_the_payee(self) -> bool:
        return self.settlement.state is State.CONFIRMED and (self.is_passed_on or not self.is_held)

    @invariant()
    def the_accounts_say_what_the_state_says(self) -> None:
        """INVARIANT: the sum is zero, and each account, the platform's too, follows from what happened."""
        held, settlement = balances(self.ledger), self.settlement
        assert sum(held.values()) == 0
        assert all(move.cents > 0 for move in self.ledger)
        assert_a_year_says_what_the_ledger_says(self.settlement, self.ledger)
        assert not (settlement.is_called_off and settlement.is_open)
        payer, payee, cents = settlement.payer_id, settlement.payee_id, settlement.cents
        is_paid = settlement.state in (State.CONFIRMED, State.REFUNDED, State.CONTESTED)
        waits = is_paid and self.is_held and not self.is_passed_on
        here = cents - settlement.returned_cents - settlement.returning_cents - self.fee_kept
        expected = {
            Account(Kind.OWED, payer): -cents if settlement.is_open else 0,
            Account(Kind.UNDERWAY, payer): -cents if settlement.state is State.DECLARED else 0,
            Account(Kind.CLAIMED, payee): 0 if is_paid or settlement.state is State.VOIDED else cents,
            Account(Kind.RECEIVED, payee): here if is_paid and not waits else 0,
            Account(Kind.RETURNING, payee): settlement.returning_cents,
            Account(Kind.PAID, payer): settlement.returned_cents + self.taken - cents if is_paid else 0,
            Account(Kind.HELD): cents if waits else 0,
            Account(Kind.FEES): self.fee_kept,
            Account(Kind.CONTESTED): -self.taken,
        }
        assert {account: sum_ for account, sum_ in held.items() if sum_} == {
            account: sum_ for account, sum_ in expected.items() if sum_
        }


@pytest.mark.promise(43)
@pytest.mark.parametrize("machine", [Paying, PayingOnline])
def test_whatever_happens_the_ledger_balances(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=200, stateful_step_count=20, deadline=None))


def test_every_state_is_reached_and_only_ends_lead_nowhere() -> None:
    """INVARIANT: the table of states is whole: from due every state can be reached."""
    reached: set[State] = set()
    paths: tuple[tuple[str, ...], ...] = (
        (), ("declare",), ("declare", "dispute"), ("declare", "confirm"), ("void",), ("declare", "confirm", "all_back"),
    )  # fmt: skip
    for path in paths:
        story = Paying()
        for step in path:
            if step == "all_back":
                story.give_back(story.settlement.cents)
                story.take_back(arrived=True)
            elif step == "declare":
                story.declare(Means.TRANSFER)
            else:
                getattr(story, step)()
        reached.add(story.settlement.state)
    online = PayingOnline()
    online.begin(is_held=False)
    online.charge(Means.CARD)
    online.receive()
    online.contest(online.settlement.cents)
    reached.add(online.settlement.state)
    assert reached == set(State)


def test_what_is_done_late_is_due_late() -> None:
    """The term runs from the day on which it is done, as far as that is known, and never from before the signatures."""
    content = a_content(ends_on=TODAY + timedelta(days=10))
    (share,) = shares_of(content, signed_on=TODAY, term_days=30)
    assert share.due_on == TODAY + timedelta(days=40)
    (share,) = shares_of(content, signed_on=TODAY + timedelta(days=20), term_days=30)
    assert share.due_on == TODAY + timedelta(days=50)
