"""The story of an agreement: a proposal is chosen, an order concluded, signed by both, and completed by both."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.cast import sign_up
from tests.browser.conftest import DESK, PHONE, OpenBrowser, picture
from tests.browser.test_a_need_arrives import describe_a_need
from tests.browser.test_proposals import propose, told

TITLE = "Quarante chaises à recanner pour la salle des fêtes"
BUYER, SUPPLIER = "Ville des chaises", "Cannage et compagnie"


async def press(page: Page, name: str) -> None:
    """Press a button, and say yes where a script asks; what it sent was answered when this returns."""
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.get_by_role("button", name=name, exact=True).first.click()
        dialog = page.locator("dialog.ask")
        if await dialog.count():
            await dialog.get_by_role("button", name=name, exact=True).click()


async def sign(page: Page) -> None:
    """Read the document, say so, and sign."""
    await page.get_by_label("J’ai lu le document").check()
    await press(page, "Signer")


@pytest.mark.parametrize(("has_scripts", "viewport"), [(True, DESK), (False, PHONE)], ids=["scripts", "no scripts"])
async def test_an_order_is_concluded_signed_by_both_and_completed_by_both(
    open_browser: OpenBrowser, has_scripts: bool, viewport: dict[str, int]
) -> None:
    number = 560 if has_scripts else 570
    buyer, supplier = [await open_browser(java_script_enabled=has_scripts, viewport=viewport) for _ in range(2)]
    await sign_up(buyer, number, name=BUYER, comes_for="Publier des besoins")
    await describe_a_need(buyer, TITLE, place="Montaudran")
    need = buyer.url
    await sign_up(supplier, number + 1, name=SUPPLIER, comes_for="Répondre")
    await propose(supplier, need, price="22,50", days=20)
    proposal = supplier.url
    await buyer.goto(proposal)
    await buyer.get_by_label("L’utilité sociale").check()
    await press(buyer, "Choisir cette proposition")
    await expect(buyer.get_by_role("heading", name="Comparer les propositions")).to_be_visible()

    await buyer.goto(proposal)
    await buyer.get_by_role("link", name="Conclure ou voir l’accord").click()
    await expect(buyer.get_by_label("Commande", exact=False).first).to_be_checked()
    await buyer.locator("#label_1").fill("Les vingt premières")
    await buyer.locator("#purchase_order").fill("BC-2030-7")
    await buyer.get_by_label("Don", exact=False).first.check()
    await press(buyer, "Conclure l’accord")
    await expect(buyer.locator("[role=alert]").first).to_contain_text("Un achat n’est jamais un don")
    await expect(buyer.locator("#purchase_order")).to_have_value("BC-2030-7")
    await buyer.get_by_label("Commande", exact=False).first.check()
    await press(buyer, "Conclure l’accord")
    await expect(buyer.get_by_role("heading", name="Bon de commande")).to_be_visible()
    agreement = buyer.url

    await told(supplier, "a conclu un accord avec vous")
    await supplier.goto("/agreements")
    await supplier.locator("#waiting").get_by_role("link", name=TITLE).click()
    link = await supplier.get_by_role("link", name="Télécharger le document").get_attribute("href")
    paper = await supplier.request.get(str(link))
    assert (paper.status, (await paper.body())[:5]) == (200, b"%PDF-"), link
    await press(supplier, "Signer")
    await expect(supplier.locator("[role=alert]").first).to_contain_text("cochez la case")
    await sign(supplier)
    await expect(supplier.locator("#signatures")).to_contain_text("Par Camille Durand")
    await buyer.goto(agreement)
    await picture(buyer, f"agreement-to-sign{'' if has_scripts else '-no-scripts'}")
    await sign(buyer)
    await expect(buyer.get_by_text("En cours").first).to_be_visible()

    await press(buyer, "Cocher")
    await expect(buyer.locator("#milestones")).to_contain_text(f"cochée par {BUYER}")
    await press(buyer, "Tout est fait")
    await expect(buyer.get_by_text(f"En attente de {SUPPLIER}")).to_be_visible()
    await supplier.goto(agreement)
    await press(supplier, "Tout est fait")
    await expect(supplier.get_by_text("Les deux parties disent que tout est fait")).to_be_visible()
    await told(buyer, "est terminé")
