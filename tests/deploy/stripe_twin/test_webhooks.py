"""Events on their way: signed, repeated until they are taken, and as bad as a network can be when a test asks."""

from __future__ import annotations

import time

import pytest
import stripe

from deploy.stripe_twin.webhooks import signature
from tests.deploy.stripe_twin.marketplace import Marketplace
from tests.deploy.stripe_twin.receiver import Receiver
from tests.stripe_twin import SECRET, RunningTwin


async def test_what_comes_is_verified_by_stripes_own_client(
    market: Marketplace, client: stripe.StripeClient, receiver: Receiver
) -> None:
    await market.paid()
    await market.twin.settle()
    assert len(receiver.came) == 4
    for body, header in receiver.came:
        event = client.construct_event(body, header, SECRET)
        assert (event.livemode, event.api_version) == (False, stripe.api_version)
        assert event.data.object["object"] in {"charge", "payment_intent", "checkout.session"}
        with pytest.raises(stripe.SignatureVerificationError):
            client.construct_event(body, header, "whsec_other")


async def test_it_is_sent_again_until_it_is_taken(market: Marketplace, receiver: Receiver) -> None:
    receiver.answers = [500, 500, 302]
    await market.customer()
    await market.paid()
    await market.twin.settle()
    assert len(receiver.came) == 4 + 3
    assert len({event["id"] for event in receiver.events}) == 4
    kept = {event["id"]: body for event, (body, _) in zip(receiver.events, receiver.came, strict=True)}
    assert all(kept[event["id"]] == body for event, (body, _) in zip(receiver.events, receiver.came, strict=True))


async def test_held_events_come_in_the_order_a_test_wants(market: Marketplace, receiver: Receiver) -> None:
    await market.twin.order("webhooks", {"hold": True})
    await market.paid()
    assert receiver.came == []
    waiting = await market.twin.order("webhooks", {"drop": "charge.succeeded", "shuffle": None, "hold": False})
    assert waiting == {"waiting": 3}
    await market.twin.settle()
    assert sorted(receiver.types) == [
        "checkout.session.completed",
        "payment_intent.created",
        "payment_intent.succeeded",
    ]
    assert "charge.succeeded" in [event["type"] for event in await market.twin.told("events")], "still in the list"


async def test_an_event_is_repeated_as_often_as_a_test_wants(market: Marketplace, receiver: Receiver) -> None:
    await market.paid()
    await market.twin.settle()
    name = receiver.events[-1]["id"]
    await market.twin.order("webhooks", {"again": name, "times": 3})
    await market.twin.settle()
    assert [event["id"] for event in receiver.events].count(name) == 4


@pytest.mark.parametrize(
    "how",
    [{"secret": "whsec_forged"}, {"off": -301}, {"reserialised": True}, {"body": '{"object": "event", "id": "evt_1"}'}],
)
async def test_a_forged_event_is_told_apart(
    market: Marketplace, client: stripe.StripeClient, receiver: Receiver, how: dict[str, object]
) -> None:
    await market.paid()
    await market.twin.settle()
    await market.twin.order("forge", {"event": receiver.events[0]["id"], **how})
    body, header = receiver.came[-1]
    if "body" in how:
        assert client.construct_event(body, header, SECRET).id == "evt_1", "signed well: only its content is made up"
        return
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body, header, SECRET)


async def test_a_date_in_the_future_is_for_the_marketplace_to_refuse(
    market: Marketplace, client: stripe.StripeClient, receiver: Receiver
) -> None:
    await market.paid()
    await market.twin.settle()
    await market.twin.order("forge", {"event": receiver.events[0]["id"], "off": 3_600})
    body, header = receiver.came[-1]
    assert client.construct_event(body, header, SECRET), "Stripe's client knows no upper bound"
    assert int(header.split(",", 1)[0].removeprefix("t=")) > time.time() + 3_000


async def test_two_secrets_sign_while_one_replaces_the_other(
    twin: RunningTwin, market: Marketplace, client: stripe.StripeClient, receiver: Receiver
) -> None:
    await twin.order("destinations", [{"url": receiver.url, "secrets": ["whsec_new", SECRET]}])
    await market.paid()
    await twin.settle()
    body, header = receiver.came[-1]
    assert header.count("v1=") == 2
    assert client.construct_event(body, header, SECRET).id == client.construct_event(body, header, "whsec_new").id


def test_the_signature_is_over_the_raw_bytes() -> None:
    """The published scheme: HMAC-SHA256 of `t.body`, in hex."""
    import hashlib
    import hmac

    body = '{"é": 1}'
    wanted = hmac.new(b"whsec_1", f"1700000000.{body}".encode(), hashlib.sha256).hexdigest()
    assert signature(body, ("whsec_1",), 1_700_000_000) == f"t=1700000000,v1={wanted}"
