"""The whole chain in one process: post, event, match, solicitation, notice; and back again when things change."""

from typing import Any

import httpx

from tests.e2e.conftest import Town
from tests.services.catalog.conftest import SIRETS, csrf_of
from tests.support import set_identity

NEED = {
    "kind": "procurement",
    "title": "80 plateaux-repas par mois",
    "categories": ["meal-trays"],
    "place": "Montaudran",
}
OFFER = {
    "title": "Plateaux-repas livrés",
    "need_kinds": ["procurement"],
    "categories": ["meal-trays"],
    "zones": "30 km autour de Toulouse",
}


async def sign_up(town: Town, number: int, *, role: str) -> httpx.AsyncClient:
    client = town.client()
    form = {
        "roles": [role],
        "siret": SIRETS[number],
        "organisation_name": f"Structure {number}",
        "place": "31000 Toulouse",
        "person_name": f"Personne {number}",
        "email": f"personne{number}@exemple.fr",
        "password": "cheval agrafe pile",
        "_csrf": await csrf_of(client, "/sign-up"),
    }
    assert (await client.post("/sign-up", data=form)).status_code == 303
    client.headers["x-csrf-token"] = await csrf_of(client, "/needs/new")
    return client


async def published(client: httpx.AsyncClient, noun: str, **facts: Any) -> str:
    draft = (await client.post(f"/api/v1/{noun}", json=facts)).json()
    assert (await client.post(f"/api/v1/{noun}/{draft['id']}/publish")).status_code == 200, draft
    return str(draft["id"])


async def ranking(town: Town, need: str) -> int:
    return int(await town.scalar("matching", "SELECT count(*) FROM matches WHERE demand_id = :need", need=need))


async def test_a_need_reaches_the_supplier_and_its_author_hears_of_it(town: Town) -> None:
    supplier, buyer = await sign_up(town, 1, role="ess"), await sign_up(town, 0, role="buyer")
    await published(supplier, "offers", **OFFER)
    need = await published(buyer, "needs", **NEED)
    await town.settle()
    assert await ranking(town, need) == 1
    assert (await buyer.get(f"/api/v1/needs/{need}")).json()["match_count"] == 1
    topics = await town.scalar("notifications", "SELECT array_agg(topic ORDER BY topic) FROM notices")
    assert "matched" in topics
    assert await town.scalar("notifications", "SELECT count(*) FROM live_events WHERE kind = 'new-for-you'") == 1


async def test_the_later_event_finds_the_earlier_one_both_ways(town: Town) -> None:
    supplier, buyer = await sign_up(town, 1, role="ess"), await sign_up(town, 0, role="buyer")
    need = await published(buyer, "needs", **NEED)
    await town.settle()
    assert await town.scalar("notifications", "SELECT count(*) FROM notices WHERE topic = 'unmatched'") == 1
    offer = await published(supplier, "offers", **OFFER)
    await town.settle()
    assert await ranking(town, need) == 1
    assert (await supplier.post(f"/api/v1/offers/{offer}/pause")).status_code == 200
    await town.settle()
    assert await ranking(town, need) == 0
    assert (await buyer.get(f"/api/v1/needs/{need}")).json()["match_count"] == 0


async def test_a_withdrawn_need_disappears_everywhere(town: Town) -> None:
    supplier, buyer = await sign_up(town, 1, role="ess"), await sign_up(town, 0, role="buyer")
    await published(supplier, "offers", **OFFER)
    need = await published(buyer, "needs", **NEED)
    await town.settle()
    assert (await buyer.post(f"/api/v1/needs/{need}/withdraw")).status_code == 200
    await town.settle()
    assert await ranking(town, need) == 0
    matching = town.client("matching")
    set_identity(matching, supplier.cookies["__Host-identity"])
    assert str(NEED["title"]) not in (await matching.get("/matching/for-you")).text


async def test_every_event_of_a_story_carries_its_correlation(town: Town) -> None:
    supplier, buyer = await sign_up(town, 1, role="ess"), await sign_up(town, 0, role="buyer")
    await published(supplier, "offers", **OFFER)
    need = await published(buyer, "needs", **NEED)
    await town.settle()
    correlation = "SELECT payload->>'correlationid' FROM outbox WHERE type = :type AND aggregate_id = :need LIMIT 1"
    told = await town.scalar("catalog", correlation, type="catalog.need.published.v1", need=need)
    matched = await town.scalar("matching", correlation, type="matching.demand.matched.v1", need=need)
    assert told == matched
