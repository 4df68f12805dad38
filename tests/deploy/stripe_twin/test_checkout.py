"""A payer at the twin's checkout: card, debit, transfer, and what the marketplace then sees."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from deploy.stripe_twin.call import DAY
from tests.deploy.stripe_twin.marketplace import Marketplace
from tests.deploy.stripe_twin.receiver import Receiver
from tests.stripe_twin import RunningTwin

# 1.5 % and 25 cents of 120 euros: what deploy/stripe_twin/fees.toml says of cards
FEE_OF_CARD = 205


async def test_a_card_pays_at_once_and_the_supplier_has_it_less_the_fee(
    market: Marketplace, client: stripe.StripeClient, receiver: Receiver
) -> None:
    supplier = await market.supplier()
    intent = await market.paid(
        payment_intent_data={"application_fee_amount": 600, "transfer_data": {"destination": supplier}}
    )
    assert intent.status == "succeeded"
    assert await market.sums() == {"": 600 - FEE_OF_CARD, supplier: 11_400}
    balance = await client.v1.balance.retrieve_async(options={"stripe_account": supplier})
    assert (balance.available[0].amount, balance.pending[0].amount) == (0, 11_400)
    await market.twin.order("clock", {"seconds": 4 * DAY})
    balance = await client.v1.balance.retrieve_async(options={"stripe_account": supplier})
    assert (balance.available[0].amount, balance.pending[0].amount) == (11_400, 0)
    await market.twin.settle()
    assert {"payment_intent.succeeded", "checkout.session.completed", "transfer.created"} <= set(receiver.types)
    assert all("account" not in event for event in receiver.events), "nobody asked for events of connected accounts"


async def test_the_intent_comes_with_the_payment_and_carries_what_was_asked(
    market: Marketplace, client: stripe.StripeClient
) -> None:
    session = await market.session(payment_intent_data={"metadata": {"settlement": "1"}}, metadata={"of": "2"})
    assert session.payment_intent is None
    assert session.url is not None
    answer = await market.twin.press(session.url, "card")
    assert answer.headers["location"] == f"https://boucle.test/paid?session={session.id}"
    found = await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["payment_intent", "line_items"]})
    assert isinstance(found.payment_intent, stripe.PaymentIntent)
    assert (found.payment_status, found.payment_intent.metadata["settlement"]) == ("paid", "1")
    assert found.line_items is not None
    assert found.line_items.data[0].description == "Palettes"


async def test_a_declined_card_leaves_the_session_open(market: Marketplace, receiver: Receiver) -> None:
    session = await market.session()
    assert session.url is not None
    answer = await market.twin.press(session.url, "card_refused")
    assert (answer.status_code, "La banque a refusé la carte" in answer.text) == (200, True)
    assert (await market.twin.press(session.url, "card")).status_code == 303
    await market.twin.settle()
    assert receiver.types.count("charge.failed") == receiver.types.count("charge.succeeded") == 1
    assert [each["kind"] for each in await market.twin.told("effects")] == ["payment"]


async def test_a_button_pressed_twice_pays_once(market: Marketplace) -> None:
    session = await market.session()
    assert session.url is not None
    await market.twin.press(session.url, "card")
    assert "Votre choix est enregistré" in (await market.twin.press(session.url, "card")).text
    assert len(await market.twin.told("effects")) == 1


@pytest.mark.parametrize("agreed", [True, False])
async def test_a_debit_is_processing_until_the_bank_has_answered(
    market: Marketplace, receiver: Receiver, agreed: bool
) -> None:
    intent = await market.paid(means="sepa_debit")
    assert (intent.status, await market.sums()) == ("processing", {})
    await market.twin.press(f"/bank/{intent.id}", "agreed" if agreed else "declined")
    await market.twin.settle()
    told = "checkout.session.async_payment_succeeded" if agreed else "checkout.session.async_payment_failed"
    assert {"payment_intent.processing", "checkout.session.completed", told} <= set(receiver.types)
    assert await market.sums() == ({"": 12_000 - 35} if agreed else {})


@pytest.mark.parametrize("outcome", ["agreed", "declined"])
async def test_a_debit_is_answered_by_time_alone(
    market: Marketplace, client: stripe.StripeClient, outcome: str
) -> None:
    session = await market.session()
    done = await market.twin.do("pay", session.id, means="sepa_debit", outcome=outcome)
    await market.twin.order("clock", {"seconds": 6 * DAY})
    intent = await client.v1.payment_intents.retrieve_async(done["payment_intent"])
    assert intent.status == ("succeeded" if outcome == "agreed" else "requires_payment_method")


async def test_a_transfer_is_awaited_and_may_come_in_parts(
    market: Marketplace, client: stripe.StripeClient, receiver: Receiver
) -> None:
    customer = await market.customer()
    intent = await market.paid(means="customer_balance", customer=customer)
    assert intent.next_action is not None
    waited = intent.next_action.display_bank_transfer_instructions
    assert waited is not None
    assert (intent.status, waited.amount_remaining) == ("requires_action", 12_000)
    await market.twin.do("bank", intent.id, cents=2_000)
    assert (await client.v1.payment_intents.retrieve_async(intent.id)).status == "requires_action"
    await market.twin.do("bank", intent.id)
    assert (await client.v1.payment_intents.retrieve_async(intent.id)).status == "succeeded"
    await market.twin.settle()
    assert {"payment_intent.partially_funded", "checkout.session.async_payment_succeeded"} <= set(receiver.types)


async def test_what_cannot_pay_is_left_out_silently(market: Marketplace, client: stripe.StripeClient) -> None:
    """As Stripe does since 2026-09-30, where `payment_method_types` may not be said any more."""
    every = ["card", "sepa_debit", "customer_balance"]
    assert (await market.session(allowed_payment_method_types=every)).payment_method_types == every[:2]
    held = await market.session(allowed_payment_method_types=every, payment_intent_data={"capture_method": "manual"})
    assert held.payment_method_types == ["card"]
    with pytest.raises(stripe.InvalidRequestError, match="payment_method_types"):
        await market.session(payment_method_types=["card"])


async def test_a_held_card_is_captured_in_part_or_let_go_by_time(
    market: Marketplace, client: stripe.StripeClient, receiver: Receiver
) -> None:
    held: Any = {"payment_intent_data": {"capture_method": "manual"}}
    first, second = await market.paid(**held), await market.paid(**held)
    assert (first.status, first.amount_capturable, await market.sums()) == ("requires_capture", 12_000, {})
    taken = await client.v1.payment_intents.capture_async(first.id, {"amount_to_capture": 8_000})
    assert (taken.status, taken.amount_received) == ("succeeded", 8_000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.payment_intents.capture_async(first.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    await market.twin.order("clock", {"seconds": 8 * DAY})
    assert (await client.v1.payment_intents.retrieve_async(second.id)).status == "canceled"
    await market.twin.settle()
    assert "charge.expired" in receiver.types


async def test_a_session_expires_by_call_and_by_time(market: Marketplace, client: stripe.StripeClient) -> None:
    first, second = await market.session(), await market.session()
    assert (await client.v1.checkout.sessions.expire_async(first.id)).status == "expired"
    await market.twin.order("clock", {"seconds": DAY + 1})
    assert (await client.v1.checkout.sessions.retrieve_async(second.id)).status == "expired"
    assert "plus valable" in (await market.twin.door.get(str(second.url))).text


async def test_money_for_a_supplier_that_is_not_onboarded_is_refused(market: Marketplace, twin: RunningTwin) -> None:
    account = await market.account()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await market.session(payment_intent_data={"transfer_data": {"destination": account}})
    assert refused.value.code == "insufficient_capabilities_for_transfer"
