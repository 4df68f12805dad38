"""The same jobs done without JavaScript, on a phone: account, need, offer, flow, search, inbox."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.cast import MOST_ROUNDS, PASSWORD, sign_up
from tests.browser.conftest import PHONE, OpenBrowser

pytestmark = pytest.mark.browser


@pytest.fixture
async def person(open_browser: OpenBrowser) -> Page:
    """A phone that runs no scripts."""
    return await open_browser(java_script_enabled=False, viewport=PHONE)


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()


async def heading(page: Page, text: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_contain_text(text)


async def test_an_account_is_made_left_and_found_again_and_speaks_english(person: Page) -> None:
    await sign_up(person, 601, name="Sans script", comes_for="Publier des besoins")
    await person.goto("/account")
    await person.get_by_label("English").check()
    await press(person, "Enregistrer")
    await person.goto("/account")
    await expect(person.get_by_label("English")).to_be_checked()
    await press(person, "Se déconnecter")
    await expect(person.get_by_text("Vous êtes déconnecté").first).to_be_visible()

    await person.goto("/dashboard")
    await person.get_by_label("Adresse e-mail").fill("camille601@exemple.fr")
    await person.get_by_label("Mot de passe").fill("pas le bon mot de passe")
    await press(person, "Se connecter")
    await expect(person.locator(".errsum")).to_be_visible()
    await person.get_by_label("Adresse e-mail").fill("camille601@exemple.fr")
    await person.get_by_label("Mot de passe").fill(PASSWORD)
    await press(person, "Se connecter")
    await person.wait_for_url("**/dashboard")


async def test_a_need_is_described_with_a_category_of_the_list_changed_and_closed(person: Page) -> None:
    await sign_up(person, 602, name="Achats sans script", comes_for="Publier des besoins")
    await person.goto("/needs/whole")
    await press(person, "Publier le besoin")
    await expect(person.locator(".errsum a")).to_have_attribute("href", "#title")
    await person.get_by_label("Titre").fill("Quarante repas")
    await press(person, "Choisir dans la liste")
    await expect(person.get_by_label("Titre")).to_have_value("Quarante repas")
    await expect(person.locator(".errsum")).to_have_count(0)
    await person.locator("select#categories").select_option("meal-trays")
    await person.get_by_label("Lieu").fill("Balma")
    await press(person, "Publier le besoin")
    await heading(person, "Quarante repas")

    await person.get_by_role("link", name="Modifier").click()
    await heading(person, "Modifier")
    await person.get_by_role("link", name="Modifier : Nature").click()
    await person.get_by_label("Titre").fill("Cinquante repas")
    await press(person, "Enregistrer les changements")
    await heading(person, "Cinquante repas")
    await person.get_by_role("link", name="Clore").click()
    await person.locator("[name=outcome]").first.check()
    await press(person, "Clore le besoin")
    await expect(person.get_by_text("Besoin clos").first).to_be_visible()


async def test_a_flow_is_announced_with_its_dates_paused_and_ended(person: Page) -> None:
    await sign_up(person, 603, name="Matières sans script", comes_for="Céder des matières")
    await person.goto("/flows/whole")
    await person.get_by_label("Titre").fill("Palettes perdues")
    await person.get_by_label("Objet réemployable").check()
    await person.get_by_label("Nombre").fill("2")
    await person.get_by_label("Unité", exact=True).select_option("t")
    await person.get_by_label("À prendre à").fill("Muret")
    await person.get_by_label("Chaque mois").check()
    await person.get_by_label("Jour du mois").fill("12")
    await press(person, "Voir les dates")
    await expect(person.locator("#next-dates time")).to_have_count(6)
    await press(person, "Publier le gisement")
    await heading(person, "Palettes perdues")
    await press(person, "Mettre en pause")
    await expect(person.get_by_text("En pause").first).to_be_visible()
    await press(person, "Reprendre")
    await press(person, "Terminer")
    await expect(person.get_by_text("Terminé").first).to_be_visible()


async def test_a_search_finds_and_an_inbox_is_read(person: Page, open_browser: OpenBrowser) -> None:
    await person.goto("/")
    await person.get_by_label("Que cherchez-vous").fill("palettes")
    await press(person, "Chercher")
    await heading(person, "Recherche")
    await person.locator("#results a").first.click()
    await expect(person.get_by_role("heading", level=1)).to_be_visible()

    await sign_up(person, 604, name="Reliures sans script", comes_for="Répondre")
    await person.goto("/offers/whole")
    await person.get_by_label("Titre").fill("Reliure et restauration de registres")
    await person.get_by_label("Achat").check()
    await person.get_by_label("Où vous travaillez").fill("Toulouse Métropole")
    await press(person, "Publier l’activité")
    buyer = await open_browser(java_script_enabled=False)
    await sign_up(buyer, 605, name="Des registres à relier", comes_for="Publier des besoins")
    await buyer.goto("/needs/whole")
    await buyer.get_by_label("Titre").fill("Reliure de trente registres")
    await buyer.get_by_label("Lieu").fill("Balma")
    await press(buyer, "Publier le besoin")
    # A trade that nobody else of the cast has: a wave asks ten, and there are more caterers.
    asked = person.locator("#inbox .row").filter(has_text="trente registres")
    for _ in range(MOST_ROUNDS):
        await person.goto("/notifications/?show=unread")
        if await asked.count():
            break
        await person.wait_for_timeout(250)
    await asked.locator("form button").first.click()
    await person.wait_for_url("**/needs/*")
    await person.goto("/notifications/")
    if await person.get_by_role("button", name="Tout marquer comme lu").count():
        await press(person, "Tout marquer comme lu")
        await expect(person.get_by_text("Tout est marqué comme lu.").first).to_be_visible()
    await person.goto("/notifications/?show=unread")
    await expect(person.get_by_text("Tout est lu.").first).to_be_visible()
