"""Customers, intents, captures and refunds are the same at the twin, at localstripe and at Stripe in test mode."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from deploy.embedded.ports import free_port
from tests.stripe_twin import running_twin


@dataclass
class House:
    """Whom one test asks; `also` is what only this one wants said of an intent."""

    client: stripe.StripeClient
    also: dict[str, Any] = field(default_factory=dict)

    async def intent(self, **params: Any) -> stripe.PaymentIntent:
        asked: Any = {"amount": 4_200, "currency": "eur", "payment_method": "pm_card_visa", **params, **self.also}
        return await self.client.v1.payment_intents.create_async(asked)


@asynccontextmanager
async def localstripe() -> AsyncIterator[str]:
    port = free_port()
    script = Path(__file__).parent / "localstripe_here.py"
    process = subprocess.Popen([sys.executable, str(script), str(port)], stderr=subprocess.DEVNULL)  # noqa: ASYNC220 - it is not waited for
    address = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(30), httpx.AsyncClient(trust_env=False) as http:
            while True:
                try:
                    await http.get(address)
                    break
                except httpx.TransportError:
                    assert process.poll() is None, "localstripe has ended: is it installed? `make test` does it"
                    await asyncio.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def asking(key: str, **options: Any) -> AsyncIterator[stripe.StripeClient]:
    http = stripe.HTTPXClient()
    yield stripe.StripeClient(key, http_client=http, max_network_retries=2, **options)
    await http.close_async()  # type: ignore[no-untyped-call]


@pytest.fixture(params=["twin", "localstripe", pytest.param("stripe", marks=pytest.mark.stripe_test_mode)])
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    if request.param == "stripe":
        key = os.environ["STRIPE_TEST_KEY"]
        assert key.startswith(("sk_test_", "rk_test_")), "a key of test mode, never a live one"
        async with asking(key) as client:
            yield House(client, {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}})
    elif request.param == "twin":
        async with running_twin() as twin, asking(twin.api_key, base_addresses={"api": twin.address}) as client:
            yield House(client)
    else:
        async with localstripe() as address, asking("sk_test_local", base_addresses={"api": address}) as client:
            yield House(client)


class TestEveryHouse:
    async def test_a_customer_is_kept_and_changed(self, house: House) -> None:
        made = await house.client.v1.customers.create_async({"name": "Ville", "metadata": {"organisation": "1"}})
        await house.client.v1.customers.update_async(made.id, {"description": "buys furniture"})
        found = await house.client.v1.customers.retrieve_async(made.id)
        assert (found.name, found.description) == ("Ville", "buys furniture")
        assert found.metadata is not None
        assert found.metadata["organisation"] == "1"

    async def test_an_intent_is_paid_at_once(self, house: House) -> None:
        customer = await house.client.v1.customers.create_async({"name": "Ville"})
        made = await house.intent(confirm=True, customer=customer.id)
        found = await house.client.v1.payment_intents.retrieve_async(made.id, {"expand": ["latest_charge"]})
        assert (found.status, found.amount, found.currency, found.customer) == ("succeeded", 4_200, "eur", customer.id)
        assert isinstance(found.latest_charge, stripe.Charge)
        assert (found.latest_charge.paid, found.latest_charge.captured) == (True, True)

    async def test_an_intent_is_made_then_confirmed(self, house: House) -> None:
        made = await house.intent()
        assert made.status == "requires_confirmation"
        assert (await house.client.v1.payment_intents.confirm_async(made.id)).status == "succeeded"

    async def test_a_held_card_is_captured_in_part(self, house: House) -> None:
        made = await house.intent(confirm=True, capture_method="manual")
        assert made.status == "requires_capture"
        taken = await house.client.v1.payment_intents.capture_async(made.id, {"amount_to_capture": 4_000})
        assert taken.status == "succeeded"

    async def test_a_held_card_is_let_go(self, house: House) -> None:
        made = await house.intent(confirm=True, capture_method="manual")
        assert (await house.client.v1.payment_intents.cancel_async(made.id)).status == "canceled"
        with pytest.raises(stripe.InvalidRequestError):
            await house.client.v1.payment_intents.cancel_async(made.id)

    async def test_a_declined_card_is_told_as_such(self, house: House) -> None:
        with pytest.raises(stripe.CardError) as refused:
            await house.intent(payment_method="pm_card_chargeCustomerFail", confirm=True)
        assert refused.value.code == "card_declined"

    async def test_refunds_are_counted_on_the_intent(self, house: House) -> None:
        made = await house.intent(confirm=True)
        first = await house.client.v1.refunds.create_async({"payment_intent": made.id, "amount": 1_200})
        assert (first.status, first.amount, first.currency) == ("succeeded", 1_200, "eur")
        await house.client.v1.refunds.create_async({"payment_intent": made.id, "amount": 3_000})
        listed = await house.client.v1.refunds.list_async({"payment_intent": made.id})
        assert sorted(each.amount for each in listed.data) == [1_200, 3_000]

    async def test_what_nobody_made_is_not_found(self, house: House) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await house.client.v1.payment_intents.retrieve_async("pi_nobody")
        assert refused.value.http_status == 404
