"""Whatever either side does in whatever order, each writes its own part, and a gift keeps to its states."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.catalog.gifts.content import Attended, Basis, Delivery, Means, Person, Promised, Valuation, ValuedLine
from services.catalog.gifts.models import Gift, GiftState
from shared.clock import day_of
from shared.events.gifts import GiftDelivered, GiftKind, GiftSheetSigned, GiftValued, GiftWithdrawn
from shared.refusal import Refusal
from tests.services.catalog.test_offers_states import NOW

TODAY = day_of(NOW)
COUNTS = st.lists(st.integers(0, 12).map(Decimal), min_size=2, max_size=2)


class OneGift(RuleBasedStateMachine):
    """A gift of any kind, its donor, its recipient, and a stranger."""

    def __init__(self) -> None:
        super().__init__()
        self.donor, self.recipient, self.stranger = uuid4(), uuid4(), uuid4()
        self.events: list[object] = []
        self.gift: Gift | None = None

    @precondition(lambda self: self.gift is None)
    @rule(kind=st.sampled_from(GiftKind))
    def promise(self, kind: GiftKind) -> None:
        lines = [Promised(what=each, quantity=Decimal(10), unit="unité") for each in ("Bureaux", "Fauteuils")]
        self.gift = Gift(
            id=uuid4(), kind=kind, agreement_id=uuid4(), pledge_id=None, donor_id=self.donor, version=0,
            recipient_id=self.recipient, title="Bureaux", promised_at=NOW,
            line_data=[each.model_dump(mode="json") for each in lines] if kind is GiftKind.GOODS else [],
            cents=500_000 if kind is GiftKind.MONEY else None,
        )  # fmt: skip

    @precondition(lambda self: self.gift is not None)
    @rule(who=st.sampled_from(["donor", "recipient", "stranger"]), cents=st.integers(0, 10_000))
    def value(self, who: str, cents: int) -> None:
        gift = self._gift()
        valuation = Valuation(
            lines=tuple(
                ValuedLine(
                    value_cents=cents, basis=Basis.COST, quantity=gift.delivery.received[n] if gift.delivery else each
                )
                for n, each in enumerate([Decimal(10), Decimal(10)])
            )
            if gift.kind is GiftKind.GOODS
            else (),
            persons=(Person(person="AB", hourly_cents=cents + 1),) if gift.kind is GiftKind.SKILLS else (),
        )
        self._try(who, "donor", lambda by: gift.value(valuation, by=by, member=uuid4(), at=NOW))

    @precondition(lambda self: self.gift is not None)
    @rule(who=st.sampled_from(["donor", "recipient", "stranger"]), counts=COUNTS, hours=st.integers(1, 8))
    def deliver(self, who: str, counts: list[Decimal], hours: int) -> None:
        gift = self._gift()
        delivery = Delivery(
            cents=hours * 1000 if gift.kind is GiftKind.MONEY else None,
            means=Means.TRANSFER if gift.kind is GiftKind.MONEY else None,
            received=tuple(counts) if gift.kind is GiftKind.GOODS else (),
            sheet=(Attended(person="AB", day=TODAY, hours=Decimal(hours)),) if gift.kind is GiftKind.SKILLS else (),
        )
        self._try(who, "recipient", lambda by: gift.deliver(delivery, on=TODAY, by=by, member=uuid4(), at=NOW))

    @precondition(lambda self: self.gift is not None)
    @rule(who=st.sampled_from(["donor", "recipient", "stranger"]))
    def sign(self, who: str) -> None:
        gift = self._gift()
        self._try(who, "donor", lambda by: gift.sign_sheet(by=by, member=uuid4(), at=NOW + timedelta(minutes=1)))

    @precondition(lambda self: self.gift is not None)
    @rule()
    def withdraw(self) -> None:
        gift, was = self._gift(), self._gift().delivered_at
        try:
            self._kept(gift.withdraw(tell=self.recipient, at=NOW))
        except Refusal:
            assert was is not None

    @invariant()
    def its_state_is_what_was_said(self) -> None:
        gift = self.gift
        if gift is None:
            return
        assert not (gift.withdrawn_at and gift.delivered_at)
        assert (gift.state is GiftState.WITHDRAWN) == (gift.withdrawn_at is not None)
        if gift.state is GiftState.READY:
            assert gift.value_cents() is not None
            assert gift.delivered_on is not None
            assert gift.kind is not GiftKind.SKILLS or gift.sheet_signed_at is not None
        assert gift.sheet_signed_at is None or gift.delivered_at is not None

    @invariant()
    def each_event_is_one_version_more(self) -> None:
        if self.gift is not None:
            assert self.gift.version >= len(self.events)

    @invariant()
    def a_value_is_that_of_what_arrived(self) -> None:
        """INVARIANT: of another quantity than the donor valued nothing is said, and nothing is worth less than zero."""
        gift = self.gift
        if gift is None or gift.kind is not GiftKind.GOODS or gift.value_cents() is None:
            return
        counted = gift.delivery.received if gift.delivery else [each.quantity for each in gift.lines]
        valued = gift.valuation.lines if gift.valuation else ()
        for line, quantity in zip(valued, counted, strict=False):
            assert quantity in (line.quantity, 0)
        assert (gift.value_cents() or 0) >= 0

    def _gift(self) -> Gift:
        assert self.gift is not None
        return self.gift

    def _try(self, who: str, allowed: str, act: object) -> None:
        gift, before = self._gift(), (self._gift().valuation_data, self._gift().delivery_data)
        try:
            event = act({"donor": self.donor, "recipient": self.recipient}.get(who, self.stranger))  # type: ignore[operator]
        except Refusal:
            assert before == (gift.valuation_data, gift.delivery_data)
        else:
            assert who == allowed
            self._kept(event)

    def _kept(self, event: object) -> None:
        if event is not None:
            assert isinstance(event, GiftValued | GiftDelivered | GiftSheetSigned | GiftWithdrawn)
            self.events.append(event)


TestOneGift = OneGift.TestCase
TestOneGift.settings = settings(max_examples=150, stateful_step_count=15, deadline=None)
