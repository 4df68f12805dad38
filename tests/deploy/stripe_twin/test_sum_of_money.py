"""Whatever is done in whatever order, with failures around every call: no cent appears, and none is lost."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlencode

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from deploy.stripe_twin.accounts import create_account, settle_account
from deploy.stripe_twin.api import Asked, Desk, Fault, answer
from deploy.stripe_twin.balances import sums
from deploy.stripe_twin.call import DAY, Settings
from deploy.stripe_twin.checkout import answer_of_bank, pay
from deploy.stripe_twin.clockwork import tick
from deploy.stripe_twin.disputes import open_dispute, settle_dispute
from deploy.stripe_twin.errors import Refusal
from deploy.stripe_twin.refunds import fail_refund
from deploy.stripe_twin.store import Json, Store, new_id

ACCEPTED = 200
CENTS = st.integers(50, 500_000)
# What money did between the payers' world and the twin: into it, or out of it.

CAME = {"payment", "refund_failure", "dispute_won"}
WENT = {"refund", "dispute"}


class Market(RuleBasedStateMachine):
    """A platform with two suppliers, its payers and their banks."""

    payments, refunds, disputes, transfers = (Bundle(each) for each in ("payments", "refunds", "disputes", "transfers"))

    def __init__(self) -> None:
        super().__init__()
        self.store = Store(":memory:")
        self.desk = Desk(self.store, Settings("http://twin.test"))
        self.suppliers: list[str] = []

    @initialize()
    def open(self) -> None:
        recipient = {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}}
        for _ in range(2):
            made = create_account(self.desk.call(params={"configuration": recipient}))
            self.suppliers.append(settle_account(self.desk.call(), made["id"], "active")["id"])

    def teardown(self) -> None:
        self.store.close()

    def asked(self, path: str, fault: str = "", **params: Any) -> Json | None:
        """One call under one key, asked three times: with a failure around the first. None when it was refused."""
        asked = Asked("POST", f"/v1/{path}", urlencode(params), "", new_id("key"))
        if fault:
            self.desk.faults = [Fault("/", fault)]
        status, body = 0, Json()
        for _ in range(3):
            with contextlib.suppress(Refusal):
                status, body, _ = answer(self.desk, asked, "req")
        # Each kind of effect once: a payment brings its transfer, a refund its reversal and a part of the fee.
        kinds = [each["kind"] for each in self.effects(asked.key)]
        assert len(set(kinds)) == len(kinds)
        return body if status == ACCEPTED else None

    def effects(self, key: str) -> list[Json]:
        return self.store.rows("select * from effects where key = ?", (key,))

    def happens(self, what: Any, *values: Any, **named: Any) -> Json | None:
        """Something that payers, banks or Stripe do; None when it cannot be."""
        try:
            with self.store.transaction():
                found: Json = what(self.desk.call(), *values, **named)
        except Refusal:
            return None
        return found

    @rule(
        target=payments,
        cents=CENTS,
        share=st.integers(0, 100),
        to=st.sampled_from((0, 1, None)),
        means=st.sampled_from(("card", "sepa_debit")),
        agreed=st.booleans(),
        fault=st.sampled_from(("", "before", "after")),
        held=st.booleans(),
    )
    def payer_pays(
        self, cents: int, share: int, to: int | None, means: str, agreed: bool, fault: str, held: bool
    ) -> Any:
        asked: dict[str, Any] = {
            "mode": "payment",
            "success_url": "https://boucle.test",
            "line_items[0][price_data][currency]": "eur",
            "line_items[0][price_data][unit_amount]": cents,
            "line_items[0][price_data][product_data][name]": "Palettes",
        }
        if to is not None:
            asked["payment_intent_data[transfer_data][destination]"] = self.suppliers[to]
            asked["payment_intent_data[application_fee_amount]"] = cents * share // 100
        if held:
            asked["payment_intent_data[capture_method]"] = "manual"
        session = self.asked("checkout/sessions", fault, **asked)
        assert session is not None
        paid = self.happens(pay, session["id"], means, "agreed" if agreed else "declined")
        return paid["payment_intent"] if paid else multiple()

    @rule(payment=payments, cents=CENTS, fault=st.sampled_from(("", "before", "after")))
    def platform_captures(self, payment: str, cents: int, fault: str) -> None:
        self.asked(f"payment_intents/{payment}/capture", fault, amount_to_capture=cents)

    @rule(payment=payments)
    def platform_cancels(self, payment: str) -> None:
        self.asked(f"payment_intents/{payment}/cancel")

    @rule(payment=payments, agreed=st.booleans())
    def bank_answers(self, payment: str, agreed: bool) -> None:
        self.happens(answer_of_bank, payment, agreed=agreed)

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        self.store.order("clock", self.store.control("clock", 0) + days * DAY)
        tick(self.desk)

    @rule(
        target=refunds,
        payment=payments,
        cents=st.none() | CENTS,
        back=st.booleans(),
        fee=st.booleans(),
        fault=st.sampled_from(("", "before", "after")),
    )
    def platform_refunds(self, payment: str, cents: int | None, back: bool, fee: bool, fault: str) -> Any:
        asked = {"payment_intent": payment, "reverse_transfer": str(back).lower()}
        asked |= {"refund_application_fee": str(fee).lower()} | ({"amount": str(cents)} if cents else {})
        made = self.asked("refunds", fault, **asked)
        return made["id"] if made else multiple()

    @rule(refund=consumes(refunds))
    def refund_comes_back(self, refund: str) -> None:
        self.happens(fail_refund, refund)

    @rule(target=transfers, payment=payments, cents=CENTS, to=st.sampled_from((0, 1)), of_charge=st.booleans())
    def platform_transfers(self, payment: str, cents: int, to: int, of_charge: bool) -> Any:
        charge = (self.store.get(payment) or {}).get("latest_charge")
        asked: dict[str, Any] = {"amount": cents, "currency": "eur", "destination": self.suppliers[to]}
        made = self.asked("transfers", **asked, **({"source_transaction": charge} if of_charge and charge else {}))
        return made["id"] if made else multiple()

    @rule(transfer=transfers, cents=st.none() | CENTS, fault=st.sampled_from(("", "before", "after")))
    def platform_reverses(self, transfer: str, cents: int | None, fault: str) -> None:
        self.asked(f"transfers/{transfer}/reversals", fault, **({"amount": cents} if cents else {}))

    @rule(target=disputes, payment=payments)
    def payer_disputes(self, payment: str) -> Any:
        charge = (self.store.get(payment) or {}).get("latest_charge")
        made = self.happens(open_dispute, charge) if charge else None
        return made["id"] if made else multiple()

    @rule(dispute=consumes(disputes), won=st.booleans())
    def dispute_ends(self, dispute: str, won: bool) -> None:
        self.happens(settle_dispute, dispute, won=won)

    @invariant()
    def all_of_it_is_somewhere(self) -> None:
        """INVARIANT: what payers brought and did not get back lies on accounts or was taken as Stripe's fee."""
        effects = self.store.rows("select kind, cents from effects")
        brought = sum(each["cents"] for each in effects if each["kind"] in CAME)
        brought -= sum(each["cents"] for each in effects if each["kind"] in WENT)
        movements = [each for _, each in self.store.owners("balance_transaction")]
        fees = sum(part["amount"] for each in movements for part in each["fee_details"] if part["type"] == "stripe_fee")
        call = self.desk.call()
        assert sum(sum(sums(call, account)) for account in ("", *self.suppliers)) + fees == brought

    @invariant()
    def nothing_is_given_back_twice(self) -> None:
        for _, charge in self.store.owners("charge"):
            assert 0 <= charge["amount_refunded"] <= charge["amount"]
        for _, transfer in self.store.owners("transfer"):
            assert 0 <= transfer["amount_reversed"] <= transfer["amount"]
        for _, fee in self.store.owners("application_fee"):
            assert 0 <= fee["amount_refunded"] <= fee["amount"]


TestSumOfMoney = Market.TestCase
TestSumOfMoney.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
