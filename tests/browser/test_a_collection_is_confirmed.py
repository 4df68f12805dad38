"""A label is read with a phone: two taps say it has left, the other side weighs less, and they agree."""

import re
from datetime import timedelta

from playwright.async_api import Page, expect

from deploy.bench.stage import Stage
from shared.clock import day_of, now
from tests.browser.cast import sign_up
from tests.browser.conftest import PHONE, OpenBrowser, picture
from tests.browser.sending import send
from tests.browser.taking import a_lot, let_its_slot_begin


async def fits(page: Page) -> None:
    """Nothing scrolls sideways."""
    assert not await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


async def test_two_taps_a_dispute_and_an_agreement(open_browser: OpenBrowser, house: Stage) -> None:
    publisher, taker, stranger = await open_browser(), await open_browser(viewport=PHONE), await open_browser()
    await sign_up(publisher, 541, name="Sogalog Bressols", comes_for="Céder des matières")
    await sign_up(taker, 542, name="Palettes du Tarn", comes_for="Répondre")
    await sign_up(stranger, 543, name="Une autre structure", comes_for="Répondre")
    _, lot = await a_lot(publisher)
    part = {"lot_id": lot, "level": "reuse", "quantity_value": "6", "transport": "own"}
    day = (day_of(now()) + timedelta(days=2)).isoformat()
    taking = (await send(taker, "/api/v1/takings", **part, slot_on=day))["id"]
    await let_its_slot_begin(house, taking)

    # The label's code leads a phone here.
    await taker.goto(f"/scan/{lot}")
    await fits(taker)
    await taker.get_by_role("link", name="C’est enlevé").click()
    await expect(taker.get_by_label("Combien est parti")).to_have_value("6")
    await fits(taker)
    await taker.get_by_role("button", name="Confirmer").click()
    await expect(taker).to_have_url(re.compile(rf"/takings/{taking}$"))
    await expect(taker.get_by_text("quand Sogalog Bressols a dit le sien")).to_be_visible()
    await fits(taker)

    # Asked for beside the page: a console would complain of the 404.
    assert (await stranger.request.get(f"/scan/{lot}")).status == 404

    await publisher.goto(f"/takings/{taking}/collect")
    await expect(publisher.locator("#theirs")).to_contain_text(re.compile(r"6\s+t"))
    await publisher.get_by_label("Votre chiffre").fill("5,2")
    await publisher.get_by_label("Numéro du ticket").fill("P-2207")
    await publisher.get_by_label("Pourquoi cet écart").fill("Le pont-bascule dit 5,2.")
    await publisher.get_by_role("button", name="Confirmer").click()
    await expect(publisher.get_by_text("Chiffres à accorder").first).to_be_visible()

    await taker.reload()
    await expect(taker.get_by_text("s’écartent de plus de 10")).to_be_visible()
    await taker.get_by_role("link", name="Accorder les chiffres").click()
    await expect(taker.locator("#theirs")).to_contain_text("Le pont-bascule dit 5,2.")
    await fits(taker)
    await picture(publisher, "collection-disputed")
    await taker.get_by_label("Votre chiffre").fill("5,5")
    await taker.get_by_role("button", name="Confirmer").click()
    await expect(taker.get_by_text("Enlevé", exact=True).first).to_be_visible()
    await expect(taker.locator("#details")).to_contain_text(re.compile(r"Chiffre retenu\s*5,2\s+t"))
    await publisher.goto("/collections")
    await picture(publisher, "collections")
    await publisher.goto("/notifications/")
    await expect(publisher.get_by_text("Enlèvement confirmé").first).to_be_visible()
