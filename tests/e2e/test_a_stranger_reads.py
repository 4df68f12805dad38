"""Whoever has the AsyncAPI document, an address and a key reads our facts with a library of their own choice."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from copy import deepcopy
from pathlib import Path
from typing import Any

from deploy.embedded.engines import Engines
from shared.contract import asyncapi
from tests.e2e.conftest import SETTLE_LIMIT_S, Town
from tests.e2e.test_a_need_travels import NEED, OFFER, published, sign_up

STRANGER = Path(__file__).parent / "stranger.py"
LIMIT_S = 120
NEED_PUBLISHED = "catalog.need.published.v1"


async def heard(engines: Engines, document: dict[str, Any], *, until: int) -> list[dict[str, Any]]:
    """What the stranger says after so many messages, as matching; isolated: no path leads to our packages by chance."""
    place = engines.instance
    asked = {
        "document": document,
        "user": "matching",
        "durable": "matching",
        "url": place.nats_url,
        "seed_file": str(place.seed_file("matching")),
        "until": until,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(STRANGER), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            said, complaints = await process.communicate(json.dumps(asked).encode())
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, complaints.decode()
    return [json.loads(line) for line in said.splitlines()]


async def a_morning(town: Town) -> str:
    """An offer that is paused later, and a need that is withdrawn; returns the need."""
    supplier, buyer = await sign_up(town, 1, role="ess"), await sign_up(town, 0, role="buyer")
    offer, need = await published(supplier, "offers", **OFFER), await published(buyer, "needs", **NEED)
    assert (await supplier.post(f"/api/v1/offers/{offer}/pause")).status_code == 200
    assert (await buyer.post(f"/api/v1/needs/{need}/withdraw")).status_code == 200
    return need


async def waiting(town: Town) -> int:
    """Facts that matching's durable holds, once all are published."""
    async with asyncio.timeout(SETTLE_LIMIT_S):
        while await town.scalar("catalog", "SELECT count(*) FROM outbox WHERE published_at IS NULL"):
            await asyncio.sleep(0.02)
    return int((await town.admin.jetstream().consumer_info("CATALOG", "matching")).num_pending)


async def test_a_foreign_reader_understands_every_fact_by_the_document_alone(
    engines: Engines, catalog_alone: Town
) -> None:
    need = await a_morning(catalog_alone)
    several = await waiting(catalog_alone)
    *facts, loaded = await heard(engines, asyncapi(), until=several)
    assert loaded == {"loaded": []}
    assert [each for each in facts if "refused" in each] == []
    assert len(facts) == several > 3
    (published_need,) = (each for each in facts if each["subject"] == f"{NEED_PUBLISHED}.{need}")
    assert published_need["fact"]["data"]["title"] == NEED["title"]
    info = await catalog_alone.admin.jetstream().consumer_info("CATALOG", "matching")
    assert (info.num_pending, info.num_ack_pending) == (0, 0)


async def test_it_would_notice_a_fact_that_is_not_as_the_document_says(engines: Engines, catalog_alone: Town) -> None:
    await a_morning(catalog_alone)
    document = deepcopy(asyncapi())
    del document["operations"][f"matching.receive.{NEED_PUBLISHED}"]
    document["components"]["messages"]["OfferPublished"]["payload"]["properties"]["source"]["const"] = "/elsewhere"
    *facts, _ = await heard(engines, document, until=await waiting(catalog_alone))
    refused = [each["refused"] for each in facts if "refused" in each]
    assert any("nothing is said of catalog.need.published.v1" in each for each in refused)
    assert any("$.source" in each for each in refused)
