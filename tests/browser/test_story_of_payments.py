"""A payment from a signed order to its refund, through the simulated Stripe that `boucle up` starts beside."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from deploy.bench.stage import Stage, stage
from tests.browser.agreeing import LINE
from tests.browser.cast import sign_up
from tests.browser.conftest import DESK, picture
from tests.browser.sending import send

TITLE = "Vingt-cinq bureaux à monter, place du Capitole"
DAY = {"starts_on": "2027-01-11", "ends_on": "2027-01-29"}


@pytest.fixture
async def simulated_house() -> AsyncIterator[Stage]:
    """A Boucle of its own, whose payments are simulated."""
    async with stage("--payments", "simulated") as standing:
        await standing.start()
        await standing.ready()
        yield standing


async def order(buyer: Page, supplier: Page) -> str:
    """The address of what a signed order makes due: 800 € before tax."""
    need = {"kind": "procurement", "categories": ["catering"], "place": "Montaudran", "title": TITLE}
    need_id = (await send(buyer, "/api/v1/needs", **need))["id"]
    await send(buyer, f"/api/v1/needs/{need_id}/publish")
    said = {"need_id": need_id, "valid_until": "2099-12-31", **DAY}
    proposal = (await send(supplier, "/api/v1/proposals", lines=[LINE], **said))["id"]
    await send(buyer, f"/api/v1/proposals/{proposal}/accept", reason="social")
    made = await send(buyer, "/api/v1/agreements", proposal_id=proposal, nature="order", place="Montaudran", **DAY)
    for page in (supplier, buyer):
        signing = {"document_sha256": made["documents"]["fr"], "has_read": True}
        await send(page, f"/api/v1/agreements/{made['id']}/sign", **signing)
    settlements = await (await buyer.request.get("/api/v1/settlements")).json()
    return f"/payments/{settlements['items'][0]['id']}"


async def until(page: Page, address: str, words: str) -> None:
    """Look again until the page says it: a notice and a worker are between."""
    for _ in range(60):
        await page.goto(address)
        if words in await page.locator("main").inner_text() or words in await page.locator("body").inner_text():
            return
        await page.wait_for_timeout(500)
    raise AssertionError(f"{address} never says {words}")


@pytest.mark.promise(42)
async def test_an_order_is_paid_at_the_checkout_and_refunded(simulated_house: Stage, chromium: Browser) -> None:
    context = [await chromium.new_context(base_url=simulated_house.url, locale="fr-FR", viewport=DESK) for _ in "ab"]  # type: ignore[arg-type]
    buyer, supplier = [await each.new_page() for each in context]
    await sign_up(buyer, 940, name="Hexaplane Systèmes", comes_for="Publier des besoins")
    await sign_up(supplier, 941, name="Montage solidaire", comes_for="Répondre")
    settlement = await order(buyer, supplier)

    await buyer.goto(settlement)
    await expect(buyer.get_by_text("ne reçoit pas encore de paiements en ligne")).to_be_visible()
    await expect(buyer.get_by_text("Simulation : tout le parcours")).to_be_visible()
    await supplier.goto(settlement)
    await supplier.get_by_role("link", name="Recevoir des paiements en ligne").click()
    await picture(supplier, "payments-1-no-account")
    await supplier.get_by_role("button", name="Recevoir des paiements en ligne").click()
    await supplier.wait_for_url("**/onboarding/**")
    await supplier.get_by_role("button", name="Tout fournir").click()
    await supplier.wait_for_url("**/payments/account**")
    await until(supplier, "/payments/account", "Prêt à recevoir")
    await picture(supplier, "payments-2-account")

    await buyer.goto(settlement)
    await picture(buyer, "payments-3-due")
    await buyer.get_by_role("button", name="Payer en ligne").click()
    await buyer.wait_for_url("**/pay/**")
    await picture(buyer, "payments-4-checkout")
    await buyer.get_by_role("button", name="Payer par carte").click()
    await buyer.wait_for_url("**/payments/**")
    await until(buyer, settlement, "Payé")
    await picture(buyer, "payments-5-paid")
    await until(supplier, "/payments", "784,00")

    await supplier.goto(settlement)
    await supplier.locator("summary", has_text="Rembourser").click()
    await supplier.get_by_label("Montant remboursé").fill("300")
    await picture(supplier, "payments-6-refund")
    await supplier.locator("form[action$='/refund'] button").click()
    await until(supplier, "/payments", "490,00")
    await until(buyer, settlement, "Remboursement confirmé")
    await picture(buyer, "payments-7-refunded")
    for each in context:
        await each.close()
