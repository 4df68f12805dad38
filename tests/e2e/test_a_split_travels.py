"""From a publisher's yes to the notice of each taker, through all three services."""

import re
from typing import Any

import httpx

from shared.web.visit import IDENTITY_COOKIE
from tests.e2e.conftest import Town
from tests.e2e.test_a_need_travels import published, sign_up
from tests.support import set_identity

FLOW = {
    "title": "Palettes en bois",
    "categories": ["wooden-pallets"],
    "legal_status": "product",
    "place": "31000 Toulouse",
    "quantity_value": "6",
    "quantity_unit": "t",
    "quantity_period": "month",
}
OFFER = {
    "title": "Reprise de palettes",
    "need_kinds": ["procurement"],
    "takes_material": True,
    "categories": ["wooden-pallets"],
    "zones": "30 km autour de Toulouse",
    "level": "reuse",
    "quantity_unit": "t",
    "quantity_period": "month",
}


def at_matching(town: Town, member: httpx.AsyncClient) -> httpx.AsyncClient:
    """The same person's browser at matching."""
    client = town.client("matching")
    set_identity(client, member.cookies[IDENTITY_COOKIE])
    client.headers["x-csrf-token"] = member.headers["x-csrf-token"]
    return client


async def test_a_yes_reaches_every_taker_and_nobody_else(town: Town) -> None:
    publisher = await sign_up(town, 0, role="publisher")
    takers = [await sign_up(town, number, role="ess") for number in (1, 2)]
    for client, capacity in zip(takers, ("4", "5"), strict=True):
        await published(client, "offers", **OFFER, quantity_value=capacity)
    flow = await published(publisher, "flows", **FLOW)
    await town.settle()
    page = at_matching(town, publisher)
    path = f"/matching/flows/{flow}/allocation"
    shares = re.findall(r'name="shares" value="([^"]+)"', (await page.get(path)).text)
    assert sum(float(share.split(":")[2]) for share in shares) == 6000
    told: Any = "SELECT count(DISTINCT organisation_id) FROM notices WHERE topic = 'allocated'"
    await town.settle()
    assert await town.scalar("notifications", told) == 0, "nothing happens without a yes"
    assert (await page.post(path, data={"shares": shares})).status_code == 303
    await town.settle()
    assert await town.scalar("notifications", told) == len(shares) == 2
