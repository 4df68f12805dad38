"""A publisher's weekly flow, and those who subscribe to it through the pages."""

from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import text

from tests.services.catalog.takers import a_flow
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated

# Ten tonnes each Thursday; on Tuesday 24 November, those of 26 November and 3 December are open.
WEEKLY = {
    "title": "Palettes de la semaine",
    "quantity_period": "week",
    "rhythm": "weekly",
    "weekdays": ["TH"],
    "starts_on": "2026-11-26",
    "ends_on": "",
    "lot_days": "4",
}


async def a_weekly_flow(publisher: httpx.AsyncClient, **changes: object) -> str:
    """The address of a published flow of ten tonnes a week."""
    return await a_flow(publisher, **{**WEEKLY, **changes})


async def ask(taker: httpx.AsyncClient, flow: str, **changes: object) -> httpx.Response:
    """Send the form that asks for 40 % of each lot, for a year."""
    said = {
        "once": str(uuid4()),
        "percent": "40",
        "level": "reuse",
        "transport": "own",
        "from_on": "2026-11-24",
        "until_on": "2027-11-24",
        "slot_after_days": "1",
        "slot_from": "09:00",
        "slot_until": "10:00",
    }
    return await post(taker, f"{flow}/subscribe", **{**said, **changes})


async def asked(taker: httpx.AsyncClient, flow: str, **changes: object) -> str:
    """The address of a subscription that waits for its answer."""
    answer = await ask(taker, flow, **changes)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def subscribed(publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, **changes: object) -> str:
    """The address of a subscription that was accepted."""
    page = await asked(taker, flow, **changes)
    answer = await post(publisher, f"{page}/accept", _version=1)
    assert answer.status_code == 303, answer.text
    return page


async def call_off(publisher: httpx.AsyncClient, flow: str, quantity: str = "10", **changes: object) -> httpx.Response:
    """Say that the skip is full."""
    said = {"once": str(uuid4()), "quantity_value": quantity, "day_on": "2026-11-24"}
    return await post(publisher, f"{flow}/call-off", **{**said, **changes})


async def parts(database: Isolated) -> list[tuple[str, str, float]]:
    """Who has how much of which state, in the order it was made."""
    query = "SELECT o.name, t.state, t.quantity_value FROM takings t JOIN organisations o ON o.id = t.taker_id"
    async with database.sessions() as session:
        found: Any = await session.execute(text(f"{query} ORDER BY t.created_at, o.name"))
        return [(name, state, float(value)) for name, state, value in found]
