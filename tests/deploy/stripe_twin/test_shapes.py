"""Every object and event that the twin makes has the fields and types of Stripe's own client, and no other."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import stripe

from deploy.stripe_twin.call import DAY
from tests.deploy.stripe_twin.marketplace import Marketplace
from tests.deploy.stripe_twin.shapes import faults
from tests.stripe_twin import RunningTwin

CLASSES: dict[str, Any] = {
    "customer": stripe.Customer,
    "checkout.session": stripe.checkout.Session,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "charge": stripe.Charge,
    "transfer": stripe.Transfer,
    "transfer_reversal": stripe.TransferReversal,
    "refund": stripe.Refund,
    "application_fee": stripe.ApplicationFee,
    "fee_refund": stripe.ApplicationFeeRefund,
    "dispute": stripe.Dispute,
    "balance_transaction": stripe.BalanceTransaction,
    "v2.core.account": stripe.v2.core.Account,
}


async def everything(market: Marketplace) -> None:
    """Each kind of object, in each of its states."""
    client = market.client
    supplier, customer = await market.supplier(), await market.customer()
    await market.account()
    data: Any = {"application_fee_amount": 600, "transfer_data": {"destination": supplier}, "metadata": {"a": "b"}}
    first = await market.paid(payment_intent_data=data)
    await market.paid(means="customer_balance", customer=customer)
    arrived = await market.paid(means="customer_balance", customer=customer)
    await market.twin.do("bank", arrived.id)
    await market.paid(means="sepa_debit")
    refused = await market.paid(means="sepa_debit")
    await market.twin.do("bank", refused.id, agreed=False)
    await market.paid(payment_intent_data={"capture_method": "manual"})
    session = await market.session()
    await market.twin.do("pay", session.id, outcome="declined")
    await client.v1.checkout.sessions.expire_async(session.id)
    ask: Any = {"payment_intent": first.id, "amount": 1_000, "reverse_transfer": True, "refund_application_fee": True}
    refund = await client.v1.refunds.create_async(ask)
    await market.twin.do("refund-fails", refund.id)
    plain = await market.paid()
    dispute = await market.twin.do("dispute", str(plain.latest_charge))
    await market.twin.do("dispute-end", dispute["id"], won=True)
    for status in ("restricted", "rejected", "active"):
        await market.twin.do("account", supplier, status=status)
    await market.twin.press(await market.link(supplier), "finished")
    await market.twin.order("clock", {"seconds": 8 * DAY})


def kept(store: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(store) as db:
        found = db.execute(query).fetchall()
    db.close()
    return found


async def test_every_object_has_the_shape_of_stripes_client(market: Marketplace, store: Path) -> None:
    await everything(market)
    rows = kept(store, "select kind, body from objects where kind != 'v2.core.account_link'")
    assert {kind for kind, _ in rows} == set(CLASSES)
    found = [each for kind, body in rows for each in faults(json.loads(body), CLASSES[kind], kind)]
    assert sorted(set(found)) == []


async def test_every_event_has_the_shape_of_stripes_client(market: Marketplace, store: Path) -> None:
    from stripe.events._event_classes import get_v2_event_class

    await everything(market)
    rows = kept(store, "select version, type, body from events")
    found = []
    for version, kind, text in rows:
        known = stripe.Event if version == "v1" else get_v2_event_class(kind)
        assert known is not stripe.v2.core.Event, f"Stripe's client knows no {kind}"
        found += faults(json.loads(text), known, kind)
    assert sorted(set(found)) == []
    assert len({kind for _, kind, _ in rows}) > 30


async def test_what_is_answered_and_not_kept_has_its_shape_too(market: Marketplace) -> None:
    supplier = await market.supplier()
    await market.paid()
    asked: list[tuple[str, str, Any, dict[str, Any]]] = [
        ("get", "/v1/balance", stripe.Balance, {}),
        ("get", "/v1/events", stripe.ListObject[stripe.Event], {}),
        ("get", "/v1/balance_transactions", stripe.ListObject[stripe.BalanceTransaction], {}),
        ("get", f"/v2/core/accounts/{supplier}", stripe.v2.core.Account, {"include": ["configuration.recipient"]}),
        (
            "post",
            "/v2/core/account_links",
            stripe.v2.core.AccountLink,
            {
                "account": supplier,
                "use_case": {"type": "account_onboarding", "account_onboarding": {"refresh_url": "https://a.test"}},
            },
        ),
    ]
    for method, path, known, params in asked:
        answer = await _raw(market.twin, method, path, params)
        assert faults(answer, known, path) == []


async def _raw(twin: RunningTwin, method: str, path: str, params: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {twin.api_key}", "Stripe-Version": stripe.api_version}
    if method == "get":
        listed = {f"{name}[{number}]": it for name, value in params.items() for number, it in enumerate(value)}
        return (await twin.door.get(path, params=listed, headers=headers)).json()
    return (await twin.door.post(path, json=params, headers=headers)).json()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "12"}, "charge.amount: '12' is no <class 'int'>"),
        ({"colour": "red"}, "charge.colour: Stripe knows no such field"),
        ({"billing_details": {"town": "Toulouse"}}, "charge.billing_details.town: Stripe knows no such field"),
        ({"status": None}, "charge.status: None is none of ('failed', 'pending', 'succeeded')"),
    ],
)
async def test_a_wrong_shape_is_seen(market: Marketplace, store: Path, changes: dict[str, Any], words: str) -> None:
    await market.paid()
    charge = json.loads(kept(store, "select body from objects where kind = 'charge'")[0][0])
    assert faults(charge, stripe.Charge, "charge") == []
    assert words in faults(charge | changes, stripe.Charge, "charge")
    del charge["paid"]
    assert "charge.paid: missing" in faults(charge, stripe.Charge, "charge")
