"""Lots with parts in every state, for who looks at pages and for the story of who takes them."""

from datetime import timedelta
from typing import Any

from playwright.async_api import Page, expect
from sqlalchemy import TextClause, text

from deploy.bench.stage import Stage
from deploy.cli.place import known_instance
from deploy.embedded.data_folder import DataFolder
from shared.clock import day_of, now
from shared.database import Database
from tests.browser.sending import send

DAYS = 20
PALLETS = {
    "title": "Palettes bois de Fenouillet",
    "description": "Europe et perdues mêlées, sept sur dix réparables.",
    "categories": ["wooden-pallets"],
    "legal_status": "product",
    "place": "Fenouillet",
    "quantity_value": "10",
    "quantity_unit": "t",
    "minimum_value": "1",
    "levels": ["reuse", "preparation"],
    "pickup_from": "07:00",
    "pickup_until": "17:00",
    "price_cents": 0,
}
SCREENS = {"title": "Trente écrans", "legal_status": "waste", "ewc": ["16 02 13*"], "quantity_value": "0.9"}
PASSED = text("""
    UPDATE takings SET slot_from = now() - interval '2 hours', slot_until = now() - interval '1 hour' WHERE id = :id
""")
BEGUN = text("""
    UPDATE takings SET slot_from = now() - interval '1 minute', slot_until = now() + interval '1 hour' WHERE id = :id
""")


async def a_lot(publisher: Page, **changes: Any) -> tuple[str, str]:
    """The ids of a new open flow and of its one lot, which lives for twenty days from today on."""
    days = {"starts_on": day_of(now()).isoformat(), "ends_on": (day_of(now()) + timedelta(days=DAYS)).isoformat()}
    flow = (await send(publisher, "/api/v1/flows", **{**PALLETS, "minimum_value": None, **days, **changes}))["id"]
    await send(publisher, f"/api/v1/flows/{flow}/publish")
    answer = await publisher.request.get(f"/api/v1/flows/{flow}/lots")
    return flow, str((await answer.json())["items"][0]["id"])


async def let_its_slot_pass(house: Stage, taking: str) -> None:
    """Nobody can make a browser's day pass."""
    await _set(house, PASSED, taking)


async def _set(house: Stage, when: TextClause, taking: str) -> None:
    instance = known_instance(DataFolder(house.folder))
    if instance is None:
        raise RuntimeError("the house never started")
    database = Database(instance.admin_database_url("catalog"))
    async with database.sessions.begin() as session:
        await session.execute(when, {"id": taking})
    await database.close()


async def let_its_slot_begin(house: Stage, taking: str) -> None:
    """The same, to the middle of its slot."""
    await _set(house, BEGUN, taking)


async def take_lots(house: Stage, found: dict[str, str], publisher: Page, supplier: Page) -> None:
    """A lot with an option, a pick-up to come and one whose slot is over; and hazardous waste that asks for papers."""
    found["taken_flow"], lot = await a_lot(publisher, minimum_value="1")
    found["lot"] = lot
    _, found["waste_lot"] = await a_lot(publisher, **SCREENS)
    part = {"lot_id": lot, "level": "reuse"}
    pick_up = {"transport": "own", "slot_on": (day_of(now()) + timedelta(days=3)).isoformat()}
    held = await send(supplier, "/api/v1/takings/holds", **part, quantity_value="2.5")
    coming = await send(supplier, "/api/v1/takings", **part, **pick_up, quantity_value="3")
    over = await send(supplier, "/api/v1/takings", **part, **pick_up, quantity_value="1")
    await let_its_slot_pass(house, over["id"])
    found |= {"held_taking": held["id"], "taking": coming["id"], "over_taking": over["id"]}
    _, gone = await a_lot(publisher, title="Chutes de chêne")
    for name, lot_id, figure in (("begun", lot, None), ("disputed", gone, "0.6"), ("confirmed", gone, "0.95")):
        whole = {**part, **pick_up, "lot_id": lot_id, "quantity_value": "1"}
        made = await send(supplier, "/api/v1/takings", **whole)
        found[f"{name}_taking"] = made["id"]
        await let_its_slot_begin(house, made["id"])
        if figure is not None:
            await send(supplier, f"/api/v1/takings/{made['id']}/done", value="1", basis="measured", ticket="P-2207")
            said = {"value": figure, "basis": "measured", "words": "Une palette est restée à quai."}
            await send(publisher, f"/api/v1/takings/{made['id']}/done", **said)
    await _subscribe(found, publisher, supplier)
    await supplier.goto("/collections/calendar")
    await supplier.get_by_role("button", name="Créer l’adresse").click()
    await expect(supplier.locator("#calendar-address")).to_be_visible()


async def _subscribe(found: dict[str, str], publisher: Page, supplier: Page) -> None:
    """A weekly flow with one subscription that runs, and a newer one that waits for its answer."""
    first = day_of(now()) + timedelta(days=1)
    weekly = {"recurrence": "FREQ=WEEKLY;BYDAY=TH", "quantity_period": "week", "title": "Palettes de la semaine"}
    flow = await send(publisher, "/api/v1/flows", **{**PALLETS, "minimum_value": None, **weekly})
    await send(publisher, f"/api/v1/flows/{flow['id']}/publish")
    part = {"flow_id": flow["id"], "percent": 40, "level": "reuse", "transport": "own"}
    part |= {"from_on": first.isoformat(), "until_on": (first + timedelta(days=300)).isoformat()}
    running = await send(supplier, "/api/v1/subscriptions", **part)
    await send(publisher, f"/api/v1/subscriptions/{running['id']}/accept")
    asked = await send(supplier, "/api/v1/subscriptions", **{**part, "percent": 60})
    found |= {"weekly_flow": flow["id"], "subscription": running["id"], "asked_subscription": asked["id"]}
