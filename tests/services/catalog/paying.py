"""Two sides of a settlement: what a signed agreement made due, and what they say about it."""

from typing import Any

import httpx
from sqlalchemy import text

from shared.clock import day_of, now
from tests.services.catalog.agreeing import both_signed, chosen, concluded
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated

TODAY = day_of(now()).isoformat()
PAID = {"means": "transfer", "paid_on": TODAY, "reference": "VIR 4711"}
BILLED = {"invoice": "F-2030-7", "invoiced_on": TODAY, "vat_euros": "200"}
LATEST = "SELECT id FROM settlements ORDER BY id DESC LIMIT 1"


async def due(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, database: Isolated, **said: Any) -> str:
    """The address of what 80 meals make due: 1,000 € before tax, from the buyer to the supplier."""
    agreement = await concluded(buyer, await chosen(buyer, supplier), **said)
    await both_signed(buyer, supplier, agreement)
    async with database.sessions() as session:
        return f"/payments/{await session.scalar(text(LATEST))}"


async def say(client: httpx.AsyncClient, settlement: str, verb: str, **said: Any) -> httpx.Response:
    """Say something about it, having read it as it is now."""
    return await post(client, f"{settlement}/{verb}", **said)


async def settlements(database: Isolated) -> list[Any]:
    """Every settlement, in the order of milestones."""
    async with database.sessions() as session:
        return list(await session.execute(text("SELECT * FROM settlements ORDER BY agreement_id, milestone")))


async def accounts(database: Isolated) -> dict[tuple[str, str], int]:
    """What the ledger's accounts hold that are not empty, by kind and name; the platform's are nobody's."""
    found = text("""
        SELECT kind, coalesce(o.name, '') AS name, sum(cents)::int AS cents FROM (
            SELECT target_kind AS kind, target_id AS whose, cents FROM ledger_moves
            UNION ALL SELECT source_kind, source_id, -cents FROM ledger_moves) AS legs
        LEFT JOIN organisations o ON o.id = whose GROUP BY 1, 2 HAVING sum(cents) <> 0
    """)
    async with database.sessions() as session:
        return {(row.kind, row.name): row.cents for row in await session.execute(found)}


async def told(database: Isolated) -> list[tuple[str, Any]]:
    """What was told of settlements: the verb, and the data, in order."""
    found = text("SELECT type, payload FROM outbox WHERE type LIKE 'catalog.settlement.%' ORDER BY id")
    async with database.sessions() as session:
        return [(row.type.split(".")[2], row.payload["data"]) for row in await session.execute(found)]
