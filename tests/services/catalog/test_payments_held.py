"""A card that holds what is owed until all is done: taken, let go, or given up by Stripe when its limit comes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from services.catalog.settings import Settings
from tests.services.catalog.agreeing import cancelled
from tests.services.catalog.conftest import csrf_of
from tests.services.catalog.online import Till, paid_online, sum_of_ledger
from tests.services.catalog.pages import said, shown
from tests.services.catalog.paying import accounts, due, say, settlements, told
from tests.services.catalog.test_http_contract import signed
from tests.support import Isolated

BUYER, SUPPLIER = "Hexaplane Systèmes", "Traiteur solidaire"
UNDERWAY = {("underway", BUYER): -100_000, ("claimed", SUPPLIER): 100_000}
PAID = {("paid", BUYER): -100_000, ("received", SUPPLIER): 98_000, ("fees", ""): 2_000}
OWED = {("owed", BUYER): -100_000, ("claimed", SUPPLIER): 100_000}
A_WEEK_S = 8 * 24 * 3600


@pytest.fixture
async def till(catalog_settings: Settings, catalog_database: Isolated, tmp_path: Path) -> AsyncIterator[Till]:
    async with paid_online(catalog_settings, catalog_database.both, tmp_path / "files") as (app, twin):
        yield Till(app, twin, catalog_database)


@pytest.fixture
def catalog_app(till: Till) -> Litestar:
    return till.app


@pytest.fixture
async def held(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, till: Till) -> str:
    """The address of a settlement that a card holds."""
    settlement = await due(buyer, supplier, catalog_database)
    await till.enable(supplier)
    await till.pay(buyer, settlement, verb="hold")
    return settlement


async def lines(till: Till) -> set[str]:
    """What members did about payments, as the audit log has it."""
    found = "SELECT action FROM audit WHERE member_id IS NOT NULL AND action ~ '^(settlement|payment-account)[.]'"
    return {row.action for row in await till.rows(found)} - {"settlement.due"}


async def agreement_of(database: Isolated) -> str:
    (row,) = await settlements(database)
    return f"/agreements/{row.agreement_id}"


async def test_it_is_reserved_and_nothing_moved_yet(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, held: str, catalog_database: Isolated, till: Till
) -> None:
    assert await accounts(catalog_database) == UNDERWAY
    assert await till.effects() == []
    (payment,) = await till.rows("SELECT held_until FROM online_payments")
    assert timedelta(days=6) < payment.held_until - datetime.now(UTC) < timedelta(days=8)
    for reader, offered, kept in ((buyer, "Débiter la carte", "Libérer"), (supplier, "Libérer la carte", "Débiter la")):
        page = await shown(reader, held)
        assert "Réservé sur une carte" in page
        assert offered in page
        assert kept not in page
        assert "La banque n'a pas encore répondu" not in page


async def test_its_payer_has_it_taken_and_twice_is_once(
    buyer: httpx.AsyncClient, held: str, catalog_database: Isolated, till: Till
) -> None:
    for _ in range(2):
        assert (await say(buyer, held, "capture")).status_code == 303
    await till.settle()
    assert await accounts(catalog_database) == PAID
    assert await till.effects() == [("payment", 100_000), ("transfer", 100_000)]
    assert await lines(till) == {"settlement.checkout", "settlement.capture-asked", "payment-account.asked"}
    assert "Aucune carte n'est réservée" in said(await say(buyer, held, "capture"))


async def test_once_both_say_that_all_is_done_it_is_taken(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, held: str, catalog_database: Isolated, till: Till
) -> None:
    agreement = await agreement_of(catalog_database)
    for side, paid in ((buyer, UNDERWAY), (supplier, PAID)):
        answer = await side.post(f"{agreement}/complete", data={"_csrf": await csrf_of(side, agreement)})
        assert answer.status_code == 303, answer.text
        await till.settle()
        assert await accounts(catalog_database) == paid


async def test_its_payee_lets_it_go_and_nobody_else_does(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, held: str, catalog_database: Isolated, till: Till
) -> None:
    assert (await say(buyer, held, "release")).status_code == 403
    assert (await say(supplier, held, "capture")).status_code == 403
    assert (await say(supplier, held, "release")).status_code == 303
    await till.settle()
    assert await accounts(catalog_database) == OWED
    assert (await told(catalog_database))[-1][0] == "failed"
    assert await till.effects() == []
    await till.pay(buyer, held, verb="hold")
    assert await accounts(catalog_database) == UNDERWAY


async def test_a_cancelled_agreement_lets_it_go_and_nothing_is_owed(
    buyer: httpx.AsyncClient, held: str, catalog_database: Isolated, till: Till
) -> None:
    assert held
    assert (await cancelled(buyer, await agreement_of(catalog_database), seen=3)).status_code == 303
    await till.settle()
    assert await till.effects() == []
    assert await accounts(catalog_database) == {}
    (row,) = await settlements(catalog_database)
    assert row.state == "voided"


async def test_past_its_limit_it_is_owed_as_before(
    buyer: httpx.AsyncClient, held: str, catalog_database: Isolated, till: Till
) -> None:
    await till.twin.order("clock", {"seconds": A_WEEK_S})
    await till.settle()
    assert await accounts(catalog_database) == OWED
    assert "Payer en ligne" in await shown(buyer, held)
    assert await sum_of_ledger(catalog_database) == 0


async def test_a_program_holds_takes_and_lets_go(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, till: Till
) -> None:
    settlement = f"/api/v1{(await due(buyer, supplier, catalog_database)).replace('payments', 'settlements')}"
    await till.enable(supplier)
    await signed(buyer)
    await signed(supplier)
    seen = {"if-match": "*"}
    led = await buyer.post(f"{settlement}/hold", headers=seen)
    assert led.status_code == 200, led.text
    await till.twin.do("pay", led.json()["url"].rpartition("/")[2])
    await till.settle()
    assert (await supplier.post(f"{settlement}/capture", headers=seen)).status_code == 403
    taken = await buyer.post(f"{settlement}/capture", headers=seen)
    assert taken.status_code == 200, taken.text
    await till.settle()
    assert (await buyer.get(settlement)).json()["state"] == "confirmed"
    assert (await supplier.post(f"{settlement}/release", headers=seen)).status_code == 409
