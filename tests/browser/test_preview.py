"""Typing a need shows its suppliers, and widening a condition shows whom it brings: with scripts and without."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.cast import MOST_ROUNDS, sign_up
from tests.browser.conftest import PHONE, OpenBrowser, picture
from tests.browser.test_a_need_arrives import go_on, present_an_activity

pytestmark = pytest.mark.browser

TITLE = "Réparation de vélos pour nos équipes"
OFFERED, OTHER = "Atelier de réparation de vélos à Muret", "Réparation de vélos sur place, sans script"
FITS, NOBODY = re.compile(r"\d+ structures? correspond"), "Personne ne correspond encore"


def count(text: str) -> int:
    found = re.search(r"\d+", text)
    assert found is not None, text
    return int(found[0])


async def until_known(page: Page, title: str) -> None:
    """Matching may still be at the demonstration when the offer comes: the panel asks while one types, not later."""
    link = page.locator("main a[href*='/offers/']").filter(has_text=title)
    for _ in range(MOST_ROUNDS):
        await page.goto(f"/matching/search?q={title}")
        if await link.count():
            return
        await page.wait_for_timeout(250)
    raise TimeoutError(title)


async def test_typing_a_need_shows_its_suppliers_and_what_widening_brings(open_browser: OpenBrowser) -> None:
    supplier, buyer = await open_browser(), await open_browser()
    await sign_up(supplier, 701, name="Le Garage à vélos de Muret", comes_for="Répondre")
    await present_an_activity(supplier, OFFERED, where="60 km autour de Muret")
    await until_known(supplier, OFFERED)
    await sign_up(buyer, 702, name="Mobilités d’entreprise", comes_for="Publier des besoins")

    await buyer.goto("/needs/new")
    panel = buyer.locator("#preview")
    await expect(panel).to_contain_text("Rien à chercher encore")
    await picture(buyer, "preview-nothing-yet")
    await buyer.get_by_label("Achat").check()
    # Nobody presses anything: it comes while one types.
    await buyer.get_by_label("Titre").press_sequentially(TITLE, delay=15)
    await expect(panel).to_contain_text(FITS)
    await expect(panel).to_contain_text("Compté depuis")
    await picture(buyer, "preview-title")

    await go_on(buyer, "Décrivez ce que vous cherchez")
    await go_on(buyer, "Où et quand ?")
    await expect(panel).to_contain_text("Compté depuis")
    await buyer.get_by_label("Lieu").fill("Bessières")
    await expect(panel).not_to_contain_text("Compté depuis")
    await expect(panel).to_contain_text(FITS)
    await expect(panel.get_by_text("Le Garage à vélos de Muret")).to_be_visible()
    await expect(panel.locator(".why li").first).to_be_visible()
    await expect(panel).to_contain_text("Vague")
    without = count(await panel.locator("[aria-live]").inner_text())

    # Narrower: the panel says whom it costs, and its button puts the wider value into the field.
    await buyer.get_by_label("Structures à moins de").fill("5")
    await expect(panel).to_contain_text("Rayon demandé")
    await expect(panel.get_by_text("Le Garage à vélos de Muret")).to_have_count(0)
    await picture(buyer, "preview-narrow")
    widen = panel.get_by_role("button", name=re.compile("Sans limite|Élargir")).last
    await widen.click()
    await expect(buyer.get_by_label("Structures à moins de")).not_to_have_value("5")
    await expect(panel.get_by_text("Le Garage à vélos de Muret")).to_be_visible()
    await expect(panel.locator("[aria-live]")).to_contain_text(str(without))
    await picture(buyer, "preview-widened")
    # Nothing was sent for it: the page is the same, and its field has the focus.
    assert buyer.url.endswith("/steps/place")
    await expect(buyer.get_by_label("Structures à moins de")).to_be_focused()


async def test_nobody_is_measured_and_the_last_look_works_without_javascript(open_browser: OpenBrowser) -> None:
    supplier = await open_browser(java_script_enabled=False, viewport=PHONE)
    await sign_up(supplier, 703, name="Vélos sans script", comes_for="Répondre")
    await present_an_activity(supplier, OTHER, where="60 km autour de Muret")
    await until_known(supplier, OTHER)
    buyer = await open_browser(java_script_enabled=False, viewport=PHONE)
    await sign_up(buyer, 704, name="Mobilités sans script", comes_for="Publier des besoins")

    await buyer.goto("/needs/new")
    await buyer.get_by_label("Achat").check()
    await buyer.get_by_label("Titre").fill(TITLE)
    await go_on(buyer, "Décrivez ce que vous cherchez")
    await go_on(buyer, "Où et quand ?")
    # Within reach of the demonstration's suppliers, and none of them lives there.
    await buyer.get_by_label("Lieu").fill("Lévignac")
    await buyer.get_by_label("Structures à moins de").fill("1")
    await go_on(buyer, "Qui peut répondre, et à quelles conditions ?")
    await go_on(buyer, "Qui suit ce besoin chez vous ?")
    await go_on(buyer, "Relisez, puis publiez")
    panel = buyer.locator("#preview")
    await expect(panel).to_contain_text(NOBODY)
    await expect(panel).to_contain_text("Rayon demandé")
    await picture(buyer, "preview-review-nobody")
    await panel.get_by_role("button", name=re.compile("Sans limite|Élargir")).last.click()
    await expect(buyer.get_by_role("heading", name="Relisez, puis publiez")).to_be_visible()
    await expect(panel).to_contain_text(FITS)
    await expect(panel.get_by_text("Vélos sans script")).to_be_visible()
    await picture(buyer, "preview-review")
    await buyer.get_by_role("button", name="Publier", exact=True).click()
    await expect(buyer.get_by_role("heading", name=TITLE)).to_be_visible()
