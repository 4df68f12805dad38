"""From a taker's button to who hears of it and what search still finds; and back, when the part is free again."""

from datetime import timedelta

from shared.clock import day_of, now
from tests.e2e.conftest import Town
from tests.e2e.test_a_need_travels import published, sign_up
from tests.e2e.test_a_split_travels import FLOW, OFFER

STATUS = "SELECT status FROM demands WHERE id = :flow"
LOT_IS_OPEN = "SELECT is_open FROM lots WHERE flow_id = :flow"
TOLD = "SELECT array_agg(params ->> 'what' ORDER BY id) FROM notices WHERE topic = :topic"


async def test_a_taking_is_told_and_hides_what_it_took_until_it_is_called_off(town: Town) -> None:
    publisher, taker = await sign_up(town, 0, role="publisher"), await sign_up(town, 1, role="ess")
    await published(taker, "offers", **OFFER, quantity_value="6")
    flow = await published(publisher, "flows", **{**FLOW, "quantity_period": "once"})
    lot = (await publisher.get(f"/api/v1/flows/{flow}/lots")).json()["items"][0]["id"]
    await town.settle()
    part = {"lot_id": lot, "quantity_value": "6", "level": "reuse"}
    pick_up = {"transport": "own", "slot_on": (day_of(now()) + timedelta(days=3)).isoformat()}
    taken = await taker.post("/api/v1/takings", json={**part, **pick_up})
    assert taken.status_code == 201, taken.text
    await town.settle()
    assert await town.scalar("matching", STATUS, flow=flow) == "paused"
    assert await town.scalar("matching", LOT_IS_OPEN, flow=flow) is False
    assert await town.scalar("notifications", TOLD, topic="taken") == ["made"]
    part_taken = f"/api/v1/takings/{taken.json()['id']}"
    assert (await publisher.get(part_taken)).json()["taker_name"] == "Structure 1"
    assert (await publisher.post(f"{part_taken}/cancel", json={"reason": "not_available"})).status_code == 200
    await town.settle()
    assert await town.scalar("matching", STATUS, flow=flow) == "open"
    assert await town.scalar("matching", LOT_IS_OPEN, flow=flow) is True
    assert await town.scalar("notifications", TOLD, topic="pick-up") == ["cancelled"]
