"""The story of step 1: a company posts a need; an enterprise whose offer fits sees it arrive by itself, and why."""

from playwright.async_api import Page, expect

from tests.browser.cast import sign_up
from tests.browser.conftest import PHONE, OpenBrowser, picture

TITLE = "60 plateaux-repas végétariens, assemblée générale"
OFFERED = "Traiteur : plateaux-repas et buffets livrés"


async def go_on(page: Page, question: str) -> None:
    """The next page of what is written step by step."""
    await page.get_by_role("button", name="Continuer").click()
    await expect(page.get_by_role("heading", name=question)).to_be_visible()


async def publish(page: Page) -> None:
    """Look back at everything that was said, and publish it."""
    await go_on(page, "Relisez, puis publiez")
    await page.get_by_role("button", name="Publier", exact=True).click()


async def present_an_activity(page: Page, title: str, *, where: str) -> None:
    await page.goto("/offers/new")
    await page.get_by_label("Titre").fill(title)
    await page.get_by_label("Achat").check()
    await go_on(page, "Dans quels métiers, pour quelles matières ?")
    # What was said so far suggests the trade.
    await expect(page.locator("#category-choices input:checked").first).to_be_visible()
    await go_on(page, "Où travaillez-vous ?")
    await page.get_by_label("Où vous travaillez").fill(where)
    await go_on(page, "Combien, et à partir de quand ?")
    await go_on(page, "Ce qui rassure")
    await publish(page)
    await expect(page.get_by_text("Publiée").first).to_be_visible()


async def describe_a_need(page: Page, title: str, *, place: str) -> None:
    await page.goto("/needs/new")
    await page.get_by_label("Achat").check()
    await page.get_by_label("Titre").fill(title)
    await go_on(page, "Décrivez ce que vous cherchez")
    await expect(page.locator("#category-choices input:checked").first).to_be_visible()
    await page.get_by_label("Description").fill("Pour un repas debout.")
    await go_on(page, "Où et quand ?")
    await page.get_by_label("Lieu").fill(place)
    await go_on(page, "Qui peut répondre, et à quelles conditions ?")
    await go_on(page, "Qui suit ce besoin chez vous ?")
    await publish(page)
    await expect(page.get_by_role("heading", name=title)).to_be_visible()


async def test_a_need_arrives_by_itself_with_its_reasons(open_browser: OpenBrowser) -> None:
    supplier, buyer = await open_browser(), await open_browser()
    await sign_up(supplier, 501, name="La Table d’essai", comes_for="Répondre")
    await present_an_activity(supplier, OFFERED, where="30 km autour de Toulouse")
    await supplier.goto("/dashboard")
    await sign_up(buyer, 502, name="Atelier d’achats", comes_for="Publier des besoins")

    await describe_a_need(buyer, TITLE, place="Montaudran")

    # Nobody reloads anything: the supplier's open dashboard shows it, and why.
    arrived = supplier.locator("article", has=supplier.get_by_role("link", name=TITLE)).first
    await expect(arrived).to_be_visible()
    await expect(arrived.get_by_text("Nouveau pour vous")).to_be_visible()
    await expect(arrived.locator(".why li").first).to_be_visible()
    await picture(supplier, "supplier-need-arrived")

    # The author's open page fills in with who fits, and why.
    fitting = buyer.locator("li", has=buyer.get_by_text("La Table d’essai")).first
    await expect(fitting).to_be_visible()
    await expect(fitting.locator(".why li").first).to_be_visible()
    await picture(buyer, "buyer-need-matched")


async def test_the_same_works_without_javascript(open_browser: OpenBrowser) -> None:
    supplier = await open_browser(java_script_enabled=False, viewport=PHONE)
    await sign_up(supplier, 503, name="L’Atelier sans script", comes_for="Répondre")
    await present_an_activity(supplier, "Traiteur solidaire", where="Toulouse Métropole")

    buyer = await open_browser(java_script_enabled=False, viewport=PHONE)
    await sign_up(buyer, 504, name="Achats sans script", comes_for="Publier des besoins")
    await describe_a_need(buyer, "Traiteur pour un buffet de fin d’année", place="Balma")
    # Asked for too early, the matches lead back to the need, with a word; or lack who came last.
    need = buyer.url
    for _ in range(120):
        await buyer.get_by_role("link", name="Voir les correspondances").click()
        if await buyer.get_by_text("L’Atelier sans script").count():
            break
        await buyer.wait_for_timeout(250)
        await buyer.goto(need)
    # Where other tests have offered meals before, it may stand behind « Voir les suivantes ».
    await expect(buyer.get_by_text("L’Atelier sans script").first).to_be_attached()

    await supplier.goto("/matching/for-you")
    await expect(supplier.get_by_role("link", name="Traiteur pour un buffet de fin d’année").first).to_be_visible()
