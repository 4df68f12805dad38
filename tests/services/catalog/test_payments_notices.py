"""Stripe's notices: only what it signed, now; each once, in whatever order, and none that is missed for ever."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from services.catalog.app import create_app
from services.catalog.payments.online.reconciling import reconcile
from services.catalog.settings import Settings
from shared.clock import now
from tests.services.catalog.online import HEARS, Till, paid_online, sum_of_ledger
from tests.services.catalog.paying import accounts, due, settlements
from tests.stripe_twin import SECRET
from tests.support import Isolated, client_for

BUYER, SUPPLIER = "Hexaplane Systèmes", "Traiteur solidaire"
NEW_SECRET = "whsec_new"
PAID = {("paid", BUYER): -100_000, ("received", SUPPLIER): 98_000, ("fees", ""): 2_000}
OWED = {("owed", BUYER): -100_000, ("claimed", SUPPLIER): 100_000}


@pytest.fixture
async def till(catalog_settings: Settings, catalog_database: Isolated, tmp_path: Path) -> AsyncIterator[Till]:
    """One whose secret is being changed: the twin still signs with the old one."""
    secrets = {"webhook_secrets": [NEW_SECRET, SECRET]}
    async with paid_online(catalog_settings, catalog_database.both, tmp_path / "files", stripe=secrets) as (app, twin):
        yield Till(app, twin, catalog_database)


@pytest.fixture
def catalog_app(till: Till) -> Litestar:
    return till.app


@pytest.fixture
async def paid(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, till: Till) -> str:
    """Paid at the twin, which has not told it yet; the intent."""
    settlement = await due(buyer, supplier, catalog_database)
    await till.enable(supplier)
    session = await till.twin.do("pay", await till.checkout(buyer, settlement))
    return str(session["payment_intent"])


async def kept(till: Till) -> set[str]:
    return {row.id for row in await till.rows("SELECT id FROM stripe_events")}


async def latest(till: Till, kind: str) -> str:
    return str([each["id"] for each in await till.twin.told("events") if each["type"] == kind][-1])


@pytest.mark.promise(42)
@pytest.mark.parametrize(
    "how",
    [
        {"secret": "whsec_wrong"},
        {"off": -301},
        # by then a second or some have passed
        {"off": 330},
        {"off": 10**7},
        {"reserialised": True},
        {"secret": ""},
    ],
    ids=str,
)
async def test_what_stripe_did_not_sign_now_is_refused(paid: str, till: Till, how: dict[str, Any]) -> None:
    event = await latest(till, "payment_intent.succeeded")
    before = await kept(till)
    assert (await till.twin.order("forge", {"event": event, **how}))["said"] == [400]
    assert await kept(till) == before
    assert paid


@pytest.mark.promise(42)
@pytest.mark.parametrize("secret", [SECRET, NEW_SECRET], ids=["the old secret", "the new secret"])
async def test_while_the_secret_changes_both_are_good(paid: str, till: Till, secret: str) -> None:
    event = await latest(till, "payment_intent.succeeded")
    assert (await till.twin.order("forge", {"event": event, "secret": secret}))["said"] == [200]
    assert event in await kept(till)
    assert paid


async def test_no_signature_and_no_sense_are_refused(visitor: httpx.AsyncClient) -> None:
    for headers in ({}, {"stripe-signature": ""}, {"stripe-signature": "t=x,v1=y"}, {"stripe-signature": "é"}):
        bare = {name.encode(): value.encode() for name, value in headers.items()}
        assert (await visitor.post(HEARS, content=b"\xff{", headers=bare)).status_code == 400


@pytest.mark.promise(42)
async def test_told_again_and_again_it_has_one_effect(paid: str, till: Till, catalog_database: Isolated) -> None:
    for kind in ("payment_intent.succeeded", "checkout.session.completed"):
        await till.twin.order("webhooks", {"again": await latest(till, kind), "times": 3})
    await till.settle()
    assert await accounts(catalog_database) == PAID
    # Told once more, long after it is done with.
    await till.twin.order("webhooks", {"again": await latest(till, "payment_intent.succeeded"), "times": 2})
    await till.settle()
    assert await accounts(catalog_database) == PAID
    assert await sum_of_ledger(catalog_database) == 0
    assert paid


@pytest.mark.promise(42)
@pytest.mark.parametrize("order", [None, 1, 2, 3])
async def test_in_any_order_it_comes_to_the_same(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, till: Till, catalog_database: Isolated, order: int | None
) -> None:
    settlement = await due(buyer, supplier, catalog_database)
    await till.enable(supplier)
    session = await till.twin.do("pay", await till.checkout(buyer, settlement), means="sepa_debit")
    await till.twin.do("bank", session["payment_intent"], agreed=True)
    async with till.client() as client:
        (charge,) = (await client.v1.charges.list_async()).data
    dispute = await till.twin.do("dispute", charge.id)
    await till.twin.do("dispute-end", dispute["id"], won=True)
    await till.twin.order("webhooks", {"shuffle": order})
    await till.settle()
    assert await accounts(catalog_database) == PAID
    (row,) = await settlements(catalog_database)
    assert row.state == "confirmed"


@pytest.mark.promise(42)
async def test_what_never_came_is_found_the_next_day(paid: str, till: Till, catalog_database: Isolated) -> None:
    for event in await till.twin.told("events"):
        await till.twin.order("webhooks", {"drop": event["id"]})
    await till.settle()
    assert await accounts(catalog_database) == OWED
    missed = await reconcile(till.gateway, catalog_database)
    assert missed > 0
    await till.settle()
    assert await accounts(catalog_database) == PAID
    assert await reconcile(till.gateway, catalog_database) == 0
    assert await reconcile(till.gateway, catalog_database, now() - timedelta(days=20)) == 0
    assert paid


async def test_an_account_s_lost_notice_is_found_too(
    supplier: httpx.AsyncClient, till: Till, catalog_database: Isolated
) -> None:
    account = await till.enable(supplier)
    await till.twin.do("account", account, status="restricted")
    for event in await till.twin.told("events"):
        await till.twin.order("webhooks", {"drop": event["id"]})
    await reconcile(till.gateway, catalog_database)
    await till.settle()
    (row,) = await till.rows("SELECT standing FROM payment_accounts")
    assert row.standing == "restricted"


async def test_what_is_not_ours_changes_nothing(till: Till, catalog_database: Isolated) -> None:
    """Another program of the same owner's uses the same Stripe."""
    asked = {"amount": 5000, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
    async with till.client() as client:
        await client.v1.payment_intents.create_async({**asked, "metadata": {"settlement": "no id"}})  # type: ignore[typeddict-item]
    await till.settle()
    assert await accounts(catalog_database) == {}
    assert all(row.due_at is None for row in await till.rows("SELECT due_at FROM stripe_events"))


async def test_what_fails_is_put_off_and_nobody_waits_for_it(paid: str, till: Till, catalog_database: Isolated) -> None:
    await till.tell()
    await till.twin.order("faults", {"path": "/v1/payment_intents", "when": "before", "times": 4})
    await till.settle()
    put_off = await till.rows("SELECT id FROM stripe_events WHERE due_at IS NOT NULL AND tries = 1")
    assert len(put_off) == 1
    assert await accounts(catalog_database) == PAID
    assert paid


async def test_where_nothing_is_paid_online_nobody_is_heard(
    catalog_settings: Settings, catalog_database: Isolated
) -> None:
    app = create_app(catalog_settings, databases=catalog_database.both)
    async with client_for(app) as stranger:
        assert (await stranger.post(HEARS, content=b"{}")).status_code == 409
