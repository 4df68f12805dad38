"""A payment from a signed order to its refund: between the two themselves, and through the simulated Stripe."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from deploy.bench.stage import Stage, stage
from tests.browser.agreeing import LINE
from tests.browser.cast import sign_up
from tests.browser.conftest import DESK, OpenBrowser, picture
from tests.browser.sending import send
from tests.browser.test_agreements import press

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
    async with supplier.expect_navigation():
        await supplier.locator("form[action$='/refund'] button").click()
    await until(supplier, "/payments", "490,00")
    await until(buyer, settlement, "Remboursement confirmé")
    await picture(buyer, "payments-7-refunded")
    for each in context:
        await each.close()


async def test_offline_each_says_what_it_did_and_the_other_confirms(open_browser: OpenBrowser) -> None:
    """The same without Stripe: billed, declared paid, disputed once, confirmed, and some of it given back."""
    buyer, supplier = await open_browser(), await open_browser()
    await sign_up(buyer, 942, name="Achats de la Halle", comes_for="Publier des besoins")
    await sign_up(supplier, 943, name="Ateliers de la Halle", comes_for="Répondre")
    settlement = await order(buyer, supplier)

    await supplier.goto(settlement)
    await supplier.get_by_label("Numéro de facture").fill("F-2027-118")
    await press(supplier, "Noter la facture")
    await buyer.goto(settlement)
    await expect(buyer.get_by_text("Paiement : entre vous, hors ligne")).to_be_visible()
    await expect(buyer.get_by_role("button", name="Payer en ligne")).to_have_count(0)
    await expect(buyer.get_by_text("F-2027-118")).to_be_visible()
    await declared(buyer, "VIR 1")
    await supplier.goto(settlement)
    await supplier.locator("summary", has_text="Contester").click()
    await supplier.get_by_label("Le montant n’est pas le bon").check()
    await press(supplier, "Contester le paiement")
    await buyer.goto(settlement)
    await expect(buyer.get_by_text("Contesté").first).to_be_visible()
    await declared(buyer, "VIR 2")
    await supplier.goto(settlement)
    await picture(supplier, "payments-offline-1-to-confirm")
    await press(supplier, "L’argent est arrivé")
    await expect(supplier.get_by_role("heading", name="payés par Achats de la Halle")).to_be_visible()

    await supplier.locator("summary", has_text="Rendre de l’argent").click()
    await supplier.get_by_label("Montant rendu").fill("300")
    await press(supplier, "Déclarer le remboursement")
    await buyer.goto(settlement)
    await press(buyer, "Il est arrivé")
    await expect(buyer.get_by_text("Remboursement confirmé").first).to_be_visible()
    await picture(buyer, "payments-offline-2-given-back")
    await supplier.goto("/payments")
    await expect(supplier.get_by_text("500,00 €").first).to_be_visible()


async def declared(buyer: Page, reference: str) -> None:
    """Say that it was paid by transfer."""
    await buyer.get_by_label("Virement", exact=True).check()
    await buyer.get_by_label("Référence").fill(reference)
    await press(buyer, "Déclarer le paiement")
    await expect(buyer.get_by_text("pour confirmer que l’argent est arrivé")).to_be_visible()
