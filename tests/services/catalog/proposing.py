"""Suppliers that propose something for a need, and a buyer who chooses."""

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text

from shared.clock import day_of, now
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated


def a_proposal(**changes: object) -> dict[str, object]:
    """What the form sends: two lines of 80 meals at 12,50 € and one free delivery, for a month."""
    today = day_of(now())
    return {
        "what": ["Repas végétarien", "Livraison", ""],
        "quantity": ["80", "1", ""],
        "unit": ["repas", "forfait", ""],
        "price_euros": ["12,50", "0", ""],
        "starts_on": (today + timedelta(days=10)).isoformat(),
        "ends_on": (today + timedelta(days=40)).isoformat(),
        "valid_until": (today + timedelta(days=30)).isoformat(),
        "message": "",
        **changes,
    }


async def proposed(supplier: httpx.AsyncClient, need: str, *, seen: int = 0, **changes: Any) -> httpx.Response:
    """Send a proposal."""
    return await post(supplier, f"{need}/proposal", _version=seen, **a_proposal(**changes))


async def made(supplier: httpx.AsyncClient, need: str, **changes: Any) -> str:
    """The address of a proposal that was sent."""
    answer = await proposed(supplier, need, **changes)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def accepted(buyer: httpx.AsyncClient, proposal: str, *, seen: int = 1, **said: object) -> httpx.Response:
    """Choose it."""
    return await post(buyer, f"{proposal}/accept", **{"_version": seen, "reason": "balance", **said})


async def rejected(buyer: httpx.AsyncClient, proposal: str, *, seen: int = 1, **said: object) -> httpx.Response:
    """Choose it not."""
    return await post(buyer, f"{proposal}/reject", **{"_version": seen, "reason": "another", **said})


async def withdrawn(supplier: httpx.AsyncClient, need: str, *, seen: int = 1) -> httpx.Response:
    """Take it back."""
    return await post(supplier, f"{need}/proposal/withdraw", _version=seen)


async def stored(database: Isolated) -> list[Any]:
    """Every proposal with the state of its answer, in the order they were first made."""
    joined = "SELECT p.*, a.state AS answer FROM proposals p JOIN answers a ON a.id = p.answer_id ORDER BY p.id"
    async with database.sessions() as session:
        return list(await session.execute(text(joined)))


async def let_lapse(database: Isolated) -> None:
    """Let the day after every proposal's validity come."""
    async with database.sessions.begin() as session:
        await session.execute(text("UPDATE proposals SET valid_until = current_date - 2"))
