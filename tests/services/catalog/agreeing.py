"""A buyer and a supplier who conclude an agreement, sign it and carry it out."""

import re
from typing import Any

import httpx
from sqlalchemy import text

from tests.services.catalog.proposing import accepted, made
from tests.services.catalog.suppliers import a_need
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated

MILESTONES = {"label": ["Premier repas", "Bilan", ""], "due_on": ["2030-01-07", "", ""]}


async def chosen(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, *, need: Any = None, **changes: Any) -> str:
    """The address of a proposal that was chosen; `need` changes the need, `changes` the proposal."""
    proposal = await made(supplier, await a_need(buyer, **(need or {})), **changes)
    assert (await accepted(buyer, proposal)).status_code == 303
    return proposal


async def conclude(buyer: httpx.AsyncClient, proposal: str, **said: Any) -> httpx.Response:
    """Send the form that concludes it."""
    return await post(buyer, f"{proposal}/agreement", **{"nature": "order", "place": "Montaudran", **said})


async def concluded(buyer: httpx.AsyncClient, proposal: str, **said: Any) -> str:
    """The address of an agreement."""
    answer = await conclude(buyer, proposal, **said)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def document_of(client: httpx.AsyncClient, agreement: str) -> str:
    """The SHA-256 that the page shows."""
    found = re.search(r"SHA-256 <code>([0-9a-f]{64})", (await client.get(agreement)).text)
    assert found is not None
    return found[1]


async def sign(client: httpx.AsyncClient, agreement: str, **said: Any) -> httpx.Response:
    """Sign what the page shows."""
    document = said.pop("document", None) or await document_of(client, agreement)
    return await post(client, f"{agreement}/sign", **{"document_sha256": document, "has_read": "true", **said})


async def both_signed(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, agreement: str) -> None:
    """Let it run."""
    for each in (supplier, buyer):
        assert (await sign(each, agreement)).status_code == 303


async def cancelled(client: httpx.AsyncClient, agreement: str, *, seen: int, **said: Any) -> httpx.Response:
    """End it."""
    return await post(client, f"{agreement}/cancel", **{"_version": seen, "reason": "delay", **said})


async def stored(database: Isolated) -> list[Any]:
    """Every agreement, in the order they were concluded."""
    async with database.sessions() as session:
        return list(await session.execute(text("SELECT * FROM agreements ORDER BY id")))


async def told(database: Isolated) -> list[tuple[str, Any]]:
    """What was told of agreements: the verb, and the data, in order."""
    found = text("SELECT type, payload FROM outbox WHERE type LIKE 'catalog.agreement.%' ORDER BY id")
    async with database.sessions() as session:
        return [(row.type.split(".")[2], row.payload["data"]) for row in await session.execute(found)]
