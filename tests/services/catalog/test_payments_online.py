"""A settlement paid through Stripe, asked over the network at our twin of it: paid, failed, refunded, disputed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from services.catalog.settings import Settings
from tests.services.catalog.agreeing import cancelled
from tests.services.catalog.online import Till, paid_online
from tests.services.catalog.pages import said, shown
from tests.services.catalog.paying import BILLED, accounts, due, say, settlements, told
from tests.support import Isolated

BUYER, SUPPLIER = "Hexaplane Systèmes", "Traiteur solidaire"
STEP_BY_STEP = {"label": ["Premier repas", "Bilan"], "due_on": ["2030-01-07", ""], "euros": ["400", "600"]}
PAID = {("paid", BUYER): -100_000, ("received", SUPPLIER): 98_000, ("fees", ""): 2_000}
OWED = {("owed", BUYER): -100_000, ("claimed", SUPPLIER): 100_000}


@pytest.fixture
async def till(catalog_settings: Settings, catalog_database: Isolated, tmp_path: Path) -> AsyncIterator[Till]:
    async with paid_online(catalog_settings, catalog_database.both, tmp_path / "files") as (app, twin):
        yield Till(app, twin, catalog_database)


@pytest.fixture
def catalog_app(till: Till) -> Litestar:
    return till.app


@pytest.fixture
async def settlement(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, till: Till
) -> str:
    """Due to a supplier that can be paid online."""
    found = await due(buyer, supplier, catalog_database)
    await till.enable(supplier)
    return found


class TestPaid:
    async def test_by_card_it_is_confirmed_as_soon_as_stripe_says_so(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated,
        till: Till,
    ) -> None:  # fmt: skip
        assert "Payer en ligne" in await shown(buyer, settlement)
        await till.pay(buyer, settlement)
        (row,) = await settlements(catalog_database)
        assert (row.state, row.means, row.is_online) == ("confirmed", "card", True)
        assert await accounts(catalog_database) == PAID
        assert await till.effects() == [("payment", 100_000), ("transfer", 100_000)]
        assert "Payé" in await shown(buyer, settlement)
        heard = [(verb, event["is_online"]) for verb, event in await told(catalog_database)]
        assert heard[-3:] == [("declared", True), ("confirmed", True), ("confirmed", True)]
        for each, verb in ((supplier, "confirm"), (buyer, "declare")):
            assert (await say(each, settlement, verb, means="card", paid_on="2026-11-28")).status_code in (409, 422)
