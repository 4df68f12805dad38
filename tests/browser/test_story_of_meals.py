"""Scenario 9, from a need to its outcome: eighty meals a month, a wave, three answers, one order, completed by both."""

from playwright.async_api import Page, expect

from tests.browser.cast import MOST_ROUNDS, sign_up
from tests.browser.conftest import OpenBrowser, picture
from tests.browser.test_a_need_arrives import describe_a_need, present_an_activity
from tests.browser.test_agreements import press, sign
from tests.browser.test_proposals import propose, told, weigh

TITLE = "80 repas par mois pour nos comités, livrés à Montaudran"
COOKS = (
    ("Les Tabliers de Cornebarrieu", "16", 15),
    ("La Popote de Lardenne", "19,50", 12),
    ("Saveurs du Touch", "15,80", 40),
)
CHOSEN = COOKS[0][0]


async def until_seen(page: Page, address: str, words: str) -> None:
    """Look again, as somebody does who waits for something."""
    for _ in range(MOST_ROUNDS):
        await page.goto(address)
        if await page.get_by_text(words).count():
            break
        await page.wait_for_timeout(250)
    await expect(page.get_by_text(words).first).to_be_visible()


async def test_eighty_meals_from_the_need_to_its_outcome(open_browser: OpenBrowser) -> None:
    buyer, *cooks = [await open_browser() for _ in range(1 + len(COOKS))]
    for number, (cook, (name, _, _)) in enumerate(zip(cooks, COOKS, strict=True), start=801):
        await sign_up(cook, number, name=name, comes_for="Répondre")
        await present_an_activity(cook, f"Traiteur : repas de comités, {name}", where="30 km autour de Toulouse")
    await sign_up(buyer, 800, name="Achats de Montaudran", comes_for="Publier des besoins")
    await describe_a_need(buyer, TITLE, place="Montaudran")
    need = buyer.url

    # Who fits is asked by itself, in waves; the page of its matches stands alone too.
    await until_seen(buyer, need.replace("/needs/", "/matching/needs/"), "Vague 1")
    await picture(buyer, "story-meals-1-wave")

    # One says that it is interested, and proposes later; the others propose at once.
    await until_seen(cooks[0], "/matching/for-you", TITLE)
    await cooks[0].get_by_role("link", name=TITLE).first.click()
    await press(cooks[0], "Nous sommes intéressés")
    await expect(cooks[0].get_by_role("link", name="Faire une proposition", exact=True)).to_be_visible()
    await told(buyer, f"{CHOSEN} est intéressée")
    for cook, (_, price, days) in zip(cooks, COOKS, strict=True):
        await propose(cook, need, price=price, days=days)

    await buyer.goto(f"{need}/proposals")
    rows = buyer.locator("#compared tbody tr")
    await expect(rows).to_have_count(len(COOKS))
    await weigh(buyer, price=60, delay=40)
    await expect(rows.first).to_contain_text(CHOSEN)
    await picture(buyer, "story-meals-2-compared")
    await buyer.get_by_role("link", name=CHOSEN, exact=True).click()
    proposal = buyer.url
    await buyer.get_by_label("Le prix", exact=True).check()
    await press(buyer, "Choisir cette proposition")
    await buyer.get_by_label("Une autre proposition répondait mieux").check()
    await press(buyer, "Ne pas retenir les autres")
    await told(cooks[1], "n’est pas retenue")
    await told(cooks[2], "n’est pas retenue")

    await buyer.goto(proposal)
    await buyer.get_by_role("link", name="Conclure ou voir l’accord").click()
    await buyer.locator("#purchase_order").fill("BC-2027-0080")
    await press(buyer, "Conclure l’accord")
    await expect(buyer.get_by_role("heading", name="Bon de commande")).to_be_visible()
    agreement = buyer.url
    await sign(buyer)
    await cooks[0].goto(agreement)
    await sign(cooks[0])
    await picture(cooks[0], "story-meals-3-order")
    for page in (buyer, cooks[0]):
        await page.goto(agreement)
        await press(page, "Tout est fait")
    await expect(cooks[0].get_by_text("Les deux parties disent que tout est fait")).to_be_visible()

    # How it ends is said in a word, and whether it would have come without this.
    await buyer.goto(f"{need}/close")
    await buyer.get_by_label("Accord trouvé ici").check()
    await buyer.get_by_label("Non", exact=True).check()
    await press(buyer, "Clore le besoin")
    await expect(buyer.get_by_text("Accord trouvé ici").first).to_be_visible()
    await picture(buyer, "story-meals-4-outcome")
