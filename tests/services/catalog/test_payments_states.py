"""Whatever both sides do in whatever order, a settlement keeps to its states and the ledger's sum is zero."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.catalog.agreements.settling import shares_of
from services.catalog.payments.ledger import Account, Kind, Move, balances
from services.catalog.payments.models import ENDED, State, Told, settlement_of
from shared.clock import day_of
from shared.events.payments import DisputedFor, Means
from shared.refusal import Refusal
from tests.services.catalog.test_agreements_states import a_content
from tests.services.catalog.test_offers_states import NOW

TODAY = day_of(NOW)


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
        self.do(lambda: self.settlement.bill("F-1", TODAY, vat, NOW))

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


Paying.TestCase.settings = settings(max_examples=200, stateful_step_count=20, deadline=None)
TestPaying = Paying.TestCase


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
    assert reached == set(State)


def test_what_is_done_late_is_due_late() -> None:
    """The term runs from the day on which it is done, as far as that is known, and never from before the signatures."""
    content = a_content(ends_on=TODAY + timedelta(days=10))
    (share,) = shares_of(content, signed_on=TODAY, term_days=30)
    assert share.due_on == TODAY + timedelta(days=40)
    (share,) = shares_of(content, signed_on=TODAY + timedelta(days=20), term_days=30)
    assert share.due_on == TODAY + timedelta(days=50)
