"""A lot of pallets: two takers share it, a third comes too late, one does not come, and the third takes that part."""

import re
from datetime import timedelta

from playwright.async_api import Page, expect

from deploy.bench.stage import Stage
from shared.clock import day_of, now
from tests.browser.cast import sign_up
from tests.browser.conftest import OpenBrowser, picture
from tests.browser.taking import a_lot, let_its_slot_pass

DAY = (day_of(now()) + timedelta(days=4)).isoformat()


async def fill_in(taker: Page, quantity: str) -> None:
    """What taking asks, with a morning's slot."""
    await taker.get_by_label("Combien prenez-vous").fill(quantity)
    await taker.get_by_label("Réemploi", exact=True).check()
    await taker.get_by_label("Quel jour").select_option(DAY)
    await taker.get_by_label("De", exact=True).fill("09:00")
    await taker.get_by_label("À", exact=True).fill("10:30")


async def press(taker: Page) -> None:
    await taker.get_by_role("button", name="Prendre ce lot").click()


async def take(taker: Page, flow: str, quantity: str) -> str:
    """The id of the part, taken from the flow's page."""
    await taker.goto(f"/flows/{flow}")
    await taker.get_by_role("link", name="Prendre ce lot").click()
    await fill_in(taker, quantity)
    await press(taker)
    await expect(taker).to_have_url(re.compile(r"/takings/[0-9a-f-]{36}$"))
    await expect(taker.locator("h1")).to_contain_text(quantity)
    return taker.url.rsplit("/", 1)[-1]


async def test_two_share_a_lot_and_a_third_takes_what_one_leaves(open_browser: OpenBrowser, house: Stage) -> None:
    publisher, first, second, third = [await open_browser() for _ in range(4)]
    await sign_up(publisher, 551, name="Sogalog Fenouillet", comes_for="Céder des matières")
    for number, (taker, name) in enumerate(
        ((first, "Palettes de Launaguet"), (second, "L’Atelier de Muret"), (third, "La Régie du Nord")), start=552
    ):
        await sign_up(taker, number, name=name, comes_for="Répondre")
    flow, lot = await a_lot(publisher)

    await third.goto(f"/flows/lots/{lot}/take")
    await fill_in(third, "5")
    missed = await take(first, flow, "6")
    await take(second, flow, "4")
    await expect(second.get_by_text("À venir").first).to_be_visible()

    # Somebody was faster: what is left is said, nothing is lost.
    await press(third)
    await expect(third.locator("#left")).to_contain_text(re.compile(r"0\s+t"))
    await expect(third.get_by_text("entièrement pris").first).to_be_visible()
    await expect(third.get_by_label("Combien prenez-vous")).to_have_value("5")
    await picture(third, "lot-too-late")

    await publisher.goto("/takings/received")
    await expect(publisher.get_by_text("Palettes de Launaguet")).to_be_visible()
    await expect(publisher.get_by_text("L’Atelier de Muret")).to_be_visible()
    await let_its_slot_pass(house, missed)
    await publisher.goto(f"/takings/{missed}")
    await picture(publisher, "taking-over")
    await publisher.get_by_role("button", name="Personne n’est venu").click()
    await publisher.locator("dialog.ask").get_by_role("button", name="Personne n’est venu").click()
    await expect(publisher.get_by_text("Manqué").first).to_be_visible()

    await take(third, flow, "6")
    await third.goto("/takings")
    await expect(third.get_by_role("link", name="Palettes bois de Fenouillet")).to_be_visible()
    await picture(third, "takings")
    await first.goto("/notifications/")
    await expect(first.get_by_text("noté manqué").first).to_be_visible()
