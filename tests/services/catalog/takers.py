"""A publisher's lot, and those who take parts of it through the pages, at a time that a test sets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from litestar import Litestar
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.catalog.app import create_app
from services.catalog.settings import Settings
from tests.services.catalog.conftest import csrf_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.support import Isolated, isolated

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
# Ten tonnes, to be picked up on any of twelve days from Monday on; no priority, no waste.
TEN_TONNES = {
    "title": "Palettes bois de Fenouillet",
    "categories": ["wood"],
    "legal_status": "product",
    "place": "Fenouillet",
    "quantity_value": "10",
    "quantity_unit": "t",
    "quantity_period": "once",
    "minimum_value": "1",
    "rhythm": "once",
    "starts_on": "2026-11-30",
    "ends_on": "2026-12-11",
    "pickup_from": "07:00",
    "pickup_until": "17:00",
    "price_side": "free",
    "priority_percent": "0",
}
PICK_UP = {"transport": "own", "slot_on": "2026-12-01", "slot_from": "09:00", "slot_until": "10:00"}


class Clock:
    """The time of a story."""

    def __init__(self) -> None:
        self.now = TUESDAY


@asynccontextmanager
async def at_a_time(engines: Engines) -> AsyncIterator[tuple[Isolated, Clock]]:
    """A database of a test, and the clock that its sessions read."""
    clock = Clock()
    async with isolated(engines.instance, "catalog", clock=lambda: clock.now) as database:
        yield database, clock


def an_app(settings: Settings, database: Isolated) -> Litestar:
    return create_app(settings, databases=database.both)


async def a_flow(publisher: httpx.AsyncClient, **changes: object) -> str:
    """The address of a published flow."""
    token = await csrf_of(publisher, "/flows/new")
    answer = await publisher.post("/flows", data={**TEN_TONNES, "then": "publish", "_csrf": token, **changes})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def lot_of(client: httpx.AsyncClient, flow: str) -> dict[str, Any]:
    """The first lot of a flow, as JSON."""
    found: dict[str, Any] = (await client.get(f"/api/v1{flow}/lots")).json()["items"][0]
    return found


async def take(taker: httpx.AsyncClient, lot: str, quantity: str, **changes: object) -> httpx.Response:
    """Send the form that takes."""
    said = {"once": str(uuid4()), "quantity_value": quantity, "level": "reuse", **PICK_UP, **changes}
    return await post(taker, f"/flows/lots/{lot}/take", **said)


async def hold(taker: httpx.AsyncClient, lot: str, quantity: str, **changes: object) -> httpx.Response:
    """Send the form that keeps."""
    return await post(
        taker,
        f"/flows/lots/{lot}/hold",
        **{"once": str(uuid4()), "quantity_value": quantity, "level": "reuse", **changes},
    )


async def took(taker: httpx.AsyncClient, lot: str, quantity: str, **changes: object) -> str:
    """The address of a part that was taken."""
    return _made(await take(taker, lot, quantity, **changes))


async def held(taker: httpx.AsyncClient, lot: str, quantity: str, **changes: object) -> str:
    """The address of a part that is kept."""
    return _made(await hold(taker, lot, quantity, **changes))


def _made(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def rows(database: Isolated, query: str) -> list[Any]:
    """What a query finds, for a worker."""
    async with database.sessions() as session:
        return list(await session.execute(text(query)))


async def told(database: Isolated, verb: str) -> list[dict[str, Any]]:
    """What was told of takings by one kind of event."""
    return [each["data"] for each in await events(database, f"catalog.taking.{verb}.v1")]


async def left_told(database: Isolated) -> list[str]:
    """What was left of the lot, each time that it was told."""
    return [each["data"]["left"] for each in await events(database, "catalog.lot.changed.v1")]


async def sums(database: Isolated) -> tuple[str, float, float]:
    """The state of the only lot, with what is taken and kept of it."""
    (lot,) = await rows(database, "SELECT state, taken_value, held_value FROM lots")
    return lot.state, float(lot.taken_value), float(lot.held_value)


async def insisting(send: Any, taker: httpx.AsyncClient, lot: str, **more: str) -> httpx.Response:
    """The answer to a form that is sent again, with its number, while a busy machine says to come back."""
    once = str(uuid4())
    for _ in range(30):
        answer: httpx.Response = await send(taker, lot, "1", once=once, **more)
        if answer.status_code != 503:
            break
    return answer
