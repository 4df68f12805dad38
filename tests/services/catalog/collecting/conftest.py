"""A taken part whose slot begins now, and its two sides who say how much has left."""

from datetime import UTC, datetime

import httpx
import pytest

from tests.services.catalog.takers import Clock, took
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.timed import catalog_app, catalog_database, clock, flow, lot, publisher, taker, timed

__all__ = ["catalog_app", "catalog_database", "clock", "flow", "lot", "publisher", "taker", "timed"]

BEGUN = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
"""When the slot of `took` begins: nine o'clock in Paris."""


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
