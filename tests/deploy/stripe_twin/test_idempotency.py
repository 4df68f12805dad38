"""Keys: one effect and one answer, whatever dies between."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from deploy.embedded.data_folder import PROJECT
from deploy.embedded.ports import free_port
from deploy.stripe_twin.app import LiveKey, create_app
from deploy.stripe_twin.call import Settings
from tests.deploy.stripe_twin.marketplace import Marketplace
from tests.stripe_twin import KEY, TOKEN, RunningTwin, running_twin

PAID: Any = {"amount": 5_000, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}


async def payments(twin: RunningTwin) -> list[str]:
    return [each["key"] for each in await twin.told("effects") if each["kind"] == "payment"]


async def test_the_same_key_gives_the_same_answer_and_says_so(twin: RunningTwin, client: stripe.StripeClient) -> None:
    first = await client.v1.payment_intents.create_async(PAID, {"idempotency_key": "settlement-1"})
    again = await client.v1.payment_intents.create_async(PAID, {"idempotency_key": "settlement-1"})
    assert first.last_response is not None
    assert again.last_response is not None
    assert first.id == again.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert await payments(twin) == ["settlement-1"]


async def test_the_same_key_for_another_body_is_refused(client: stripe.StripeClient) -> None:
    await client.v1.payment_intents.create_async(PAID, {"idempotency_key": "one"})
    with pytest.raises(stripe.IdempotencyError):
        await client.v1.payment_intents.create_async(PAID | {"amount": 5_001}, {"idempotency_key": "one"})


async def test_a_key_in_use_is_a_conflict(twin: RunningTwin, client: stripe.StripeClient) -> None:
    await twin.order("slow", {"seconds": 0.3})
    asked = [client.v1.payment_intents.create_async(PAID, {"idempotency_key": "twenty"}) for _ in range(20)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in answers if isinstance(each, stripe.StripeError)]
    assert {(each.http_status, each.error and each.error.code) for each in refused} == {(409, "idempotency_key_in_use")}
    assert len(refused) == 19
    assert await payments(twin) == ["twenty"]


async def test_twenty_at_once_with_retries_are_one_payment(twin: RunningTwin) -> None:
    client = twin.client(retries=5)
    await twin.order("slow", {"seconds": 0.02})
    asked = [client.v1.payment_intents.create_async(PAID, {"idempotency_key": "twenty"}) for _ in range(20)]
    assert len({intent.id for intent in await asyncio.gather(*asked)}) == 1
    assert await payments(twin) == ["twenty"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_failure_around_the_effect_is_one_payment_after_a_retry(
    twin: RunningTwin, client: stripe.StripeClient, when: str
) -> None:
    await twin.order("faults", {"path": "/v1/payment_intents", "when": when})
    with pytest.raises(stripe.APIError):
        await client.v1.payment_intents.create_async(PAID, {"idempotency_key": "k"})
    assert len(await payments(twin)) == (0 if when == "before" else 1)
    assert (await client.v1.payment_intents.create_async(PAID, {"idempotency_key": "k"})).status == "succeeded"
    assert await payments(twin) == ["k"]


async def test_a_declined_card_is_kept_under_its_key_and_a_slip_is_not(
    twin: RunningTwin, client: stripe.StripeClient
) -> None:
    declined = PAID | {"payment_method": "pm_card_visa_chargeDeclined"}
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refused:
            await client.v1.payment_intents.create_async(declined, {"idempotency_key": "d"})
        assert refused.value.code == "card_declined"
    assert len((await client.v1.charges.list_async()).data) == 1
    slip: Any = PAID | {"amount": "much"}
    with pytest.raises(stripe.InvalidRequestError, match="Invalid int"):
        await client.v1.payment_intents.create_async(slip, {"idempotency_key": "s"})
    assert (await client.v1.payment_intents.create_async(PAID, {"idempotency_key": "s"})).status == "succeeded"


async def test_what_is_refused_leaves_nothing_behind(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.payment_intents.create_async(PAID | {"payment_method": "pm_nobody"})
    assert (await client.v1.payment_intents.list_async()).data == []
    assert (await client.v1.events.list_async()).data == []


async def test_v2_lets_what_failed_be_tried_again_under_its_key(
    market: Marketplace, client: stripe.StripeClient
) -> None:
    use: Any = {"type": "account_onboarding", "account_onboarding": {"refresh_url": "https://boucle.test"}}
    with pytest.raises(stripe.InvalidRequestError):
        await client.v2.core.account_links.create_async(
            {"account": "acct_no", "use_case": use}, {"idempotency_key": "l"}
        )
    account = await market.account()
    made = await client.v2.core.account_links.create_async(
        {"account": account, "use_case": use}, {"idempotency_key": "l"}
    )
    again = await client.v2.core.account_links.create_async(
        {"account": account, "use_case": use}, {"idempotency_key": "l"}
    )
    assert made.url == again.url


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Authorization": "Bearer sk_test_other"}, 401),
        ({"Stripe-Version": "2025-01-01"}, 400),
        ({"Stripe-Version": None}, 400),
        ({"Stripe-Account": "acct_nobody"}, 403),
    ],
)
async def test_a_stranger_or_another_version_gets_nothing(
    twin: RunningTwin, changes: dict[str, str | None], status: int
) -> None:
    said = {"Authorization": f"Bearer {KEY}", "Stripe-Version": stripe.api_version, **changes}
    headers = {name: value for name, value in said.items() if value is not None}
    async with httpx.AsyncClient(base_url=twin.address, headers=headers, trust_env=False) as http:
        assert (await http.get("/v1/balance")).status_code == status


async def test_the_control_door_wants_its_token(twin: RunningTwin) -> None:
    async with httpx.AsyncClient(base_url=twin.address, trust_env=False) as http:
        assert (await http.get("/_twin/effects")).status_code == 401
        assert (await http.get("/_twin/effects", headers={"Authorization": "Bearer other"})).status_code == 401


def started(store: Path, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.cli.main", "stripe-twin", "--port", str(port), "--store", str(store)],
        cwd=PROJECT,
        env=os.environ | {"BOUCLE_TWIN_CONTROL_TOKEN": TOKEN},
        stderr=subprocess.DEVNULL,
    )


async def reached(door: httpx.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                (await door.get("/_twin/effects")).raise_for_status()
                return
            except httpx.TransportError:
                await asyncio.sleep(0.05)


async def test_a_twin_that_was_killed_has_lost_nothing(store: Path) -> None:
    """INVARIANT: effect and answer are one transaction, so that a caller who asks again is answered as before."""
    port = free_port()
    found = []
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False
    ) as door:
        twin = RunningTwin(str(door.base_url), door)
        client = twin.client()
        for _ in range(2):
            process = started(store, port)
            try:
                await reached(door)
                found.append(await client.v1.payment_intents.create_async(PAID, {"idempotency_key": "kept"}))
                effects = (await door.get("/_twin/effects")).json()
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()
        await twin.close()
    assert found[0].id == found[1].id
    assert [each["key"] for each in effects] == ["kept"]


async def test_without_a_token_the_control_door_is_closed(store: Path) -> None:
    app = create_app(Settings("http://twin.test"), store)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(base_url="http://twin.test", transport=transport) as http:
        for said in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer no"}):
            assert (await http.get("/_twin/effects", headers=said)).status_code == 401
    app.state.desk.store.close()


async def test_a_live_key_is_no_key_of_the_twin(tmp_path: Path) -> None:
    with pytest.raises(LiveKey):
        create_app(Settings("http://127.0.0.1", "sk_live_1"), tmp_path / "no.sqlite")


async def test_a_twin_on_the_same_store_goes_on(store: Path) -> None:
    async with running_twin(store=store) as first:
        market = Marketplace(first, first.client())
        intent = await market.paid()
    async with running_twin(store=store) as second:
        assert (await second.client().v1.payment_intents.retrieve_async(intent.id)).status == "succeeded"
