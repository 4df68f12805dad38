"""Scenario 3: two hundred desks, given to an association with a receipt and ceded to a cooperative: two papers."""

import re
from datetime import timedelta

from playwright.async_api import Page, expect

from deploy.bench.stage import Stage
from shared.clock import day_of, now
from tests.browser.cast import sign_up
from tests.browser.conftest import PHONE, OpenBrowser, picture
from tests.browser.taking import a_lot, let_its_slot_begin
from tests.browser.test_agreements import press, sign
from tests.browser.test_proposals import told
from tests.browser.test_story_of_pallets import say

DAY = (day_of(now()) + timedelta(days=3)).isoformat()
FROM = "Plateau C du site de Blagnac, achetés neufs en 2014."
DESKS = {
    "title": "Deux cents bureaux amortis, site de Blagnac",
    "description": "Plateaux de 160 × 80, caissons compris, démontés et filmés.",
    "categories": ["desks"],
    "legal_status": "product",
    "place": "Blagnac",
    "quantity_value": "200",
    "quantity_unit": "piece",
    "levels": ["reuse"],
    "receipt_wanted": True,
    "provenance": FROM,
}
ASSOCIATION, SCIC = "Meubles et Partage", "La Coopérative des bureaux"


async def declare_receipts(page: Page) -> None:
    await page.goto("/organisation/statuses")
    await page.locator("input[name=eligibilities]").first.check()
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_text("peut en émettre").first).to_be_visible()


async def take(taker: Page, lot: str, quantity: str) -> str:
    """The id of a part of the desks."""
    await taker.goto(f"/flows/lots/{lot}/take")
    await taker.get_by_label("Combien prenez-vous").fill(quantity)
    await taker.get_by_label("Réemploi", exact=True).check()
    await taker.get_by_label("Quel jour").select_option(DAY)
    await taker.get_by_label("De", exact=True).fill("09:00")
    await taker.get_by_label("À", exact=True).fill("11:30")
    await taker.get_by_role("button", name="Prendre ce lot").click()
    await expect(taker).to_have_url(re.compile(r"/takings/[0-9a-f-]{36}$"))
    return taker.url.rsplit("/", 1)[-1]


async def conclude(holder: Page, taking: str, nature: str, *, heading: str) -> str:
    """The address of the agreement about a part, of the nature that is proposed first."""
    await holder.goto(f"/takings/{taking}")
    await holder.get_by_role("link", name="Accord et document").click()
    await expect(holder.get_by_label(nature, exact=False).first).to_be_checked()
    await expect(holder.locator("#provenance")).to_have_value(FROM)
    await press(holder, "Conclure l’accord")
    await expect(holder.get_by_role("heading", name=heading)).to_be_visible()
    return holder.url


async def test_two_hundred_desks_have_two_takers_and_two_papers(open_browser: OpenBrowser, house: Stage) -> None:
    holder, association, scic = [await open_browser() for _ in range(3)]
    await sign_up(holder, 890, name="Aéronefs de Blagnac", comes_for="Céder des matières")
    await sign_up(association, 891, name=ASSOCIATION, comes_for="Répondre")
    await sign_up(scic, 892, name=SCIC, comes_for="Répondre")
    await declare_receipts(association)
    _, lot = await a_lot(holder, **DESKS)
    parts = [await take(association, lot, "120"), await take(scic, lot, "80")]

    # To the cooperative, which may issue no receipt, it cannot be a gift with one: it is said why, and kept.
    await holder.goto(f"/takings/{parts[1]}/agreement")
    await holder.get_by_label("Don", exact=False).first.check()
    await holder.locator("#purchase_order").fill("CES-80")
    await press(holder, "Conclure l’accord")
    await expect(holder.locator("[role=alert]").first).to_contain_text("n’a pas déclaré pouvoir en émettre")
    await expect(holder.locator("#purchase_order")).to_have_value("CES-80")
    await picture(holder, "story-desks-1-refused")

    gift = await conclude(holder, parts[0], "Don", heading="Convention de don")
    transfer = await conclude(holder, parts[1], "Cession", heading="Acte de cession")
    await picture(holder, "story-desks-2-transfer")
    papers = []
    for page, address in ((association, gift), (scic, transfer)):
        await told(page, "a conclu un accord avec vous")
        await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        await page.goto(address)
        link = await page.get_by_role("link", name="Télécharger le document").get_attribute("href")
        paper = await page.request.get(str(link))
        papers.append((await paper.body())[:5])
        await sign(page)
        await holder.goto(address)
        await sign(holder)
        await expect(holder.get_by_text("En cours").first).to_be_visible()
    assert papers == [b"%PDF-"] * 2
    await picture(association, "story-desks-3-gift")

    # Who has what to do stands in the exchange; what left is said by both, then each agreement ends by both.
    for page, taking, address, count in ((association, parts[0], gift, "120"), (scic, parts[1], transfer, "80")):
        await expect(holder.get_by_role("button", name="Tout est fait")).to_have_count(0)
        await let_its_slot_begin(house, taking)
        for side in (page, holder):
            await say(side, taking, count)
        for side in (holder, page):
            await side.goto(f"/exchanges/{taking}")
            await side.get_by_role("link", name="Voir l’accord").first.click()
            await expect(side).to_have_url(address)
            await press(side, "Tout est fait")
        await expect(page.get_by_text("Les deux parties disent que tout est fait")).to_be_visible()
    await holder.goto("/agreements")
    for name in (ASSOCIATION, SCIC):
        await expect(holder.locator("#agreements li", has_text=name)).to_contain_text("Terminé")
    await picture(holder, "story-desks-4-agreements")
    await holder.goto(f"/exchanges/{parts[0]}")
    await picture(holder, "story-desks-5-exchange")
