"""A taken part whose slot begins now, and its two sides who say how much has left."""

from datetime import UTC, datetime

import httpx
import pytest

from tests.services.catalog.conftest import SignUp
from tests.services.catalog.takers import Clock, a_flow, lot_of, took
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.timed import catalog_app, catalog_database, clock, publisher, timed

__all__ = ["catalog_app", "catalog_database", "clock", "publisher", "timed"]

BEGUN = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
"""When the slot of `took` begins: nine o'clock in Paris."""


@pytest.fixture
async def lot(publisher: httpx.AsyncClient) -> str:
    return str((await lot_of(publisher, await a_flow(publisher)))["id"])


@pytest.fixture
async def taker(publisher: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Palettes Garonne", roles=["ess"])


@pytest.fixture
async def part(taker: httpx.AsyncClient, lot: str, clock: Clock) -> str:
    """The address of ten tonnes whose slot begins now."""
    page = await took(taker, lot, "10")
    clock.now = BEGUN
    return page


async def say(side: httpx.AsyncClient, part: str, value: str, **more: str) -> httpx.Response:
    return await post(side, f"{part}/collect", value=value, **{"basis": "measured", **more})


async def accept(side: httpx.AsyncClient, part: str, value: str) -> httpx.Response:
    return await post(side, f"{part}/accept", value=value)
