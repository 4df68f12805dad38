"""Calls for projects on pages: written, applied to, and applications taken back."""

from datetime import timedelta

from playwright.async_api import Page

from shared.clock import day_of, now


async def write_a_call(page: Page, title: str, *, publish: bool = True) -> str:
    """The id of a call for projects."""
    await page.goto("/calls/new")
    await page.locator("#title").fill(title)
    await page.locator("#purpose").fill("Faire naître trois ateliers de réparation, ouverts aux habitants.")
    await page.locator("#amount_euros").fill("45 000")
    criteria = "Utilité pour le quartier\nSolidité du budget\nEmplois d’insertion"
    await page.locator("[name=criteria_lines]").fill(criteria)
    await page.locator("#closes_on").fill((day_of(now()) + timedelta(days=40)).isoformat())
    await page.get_by_role("button", name="Garder le brouillon").click()
    await page.get_by_role("button", name="Publier l’appel").wait_for()
    call = page.url.rsplit("/", 1)[-1]
    if publish:
        await page.get_by_role("button", name="Publier l’appel").click()
        await page.locator("dialog.ask").get_by_role("button", name="Publier l’appel").click()
        await page.get_by_role("link", name="Voir les candidatures").wait_for()
    return call


async def apply(page: Page, call: str) -> str:
    """The id of an application that was sent."""
    await page.goto(f"/calls/{call}/apply")
    await page.locator("#title").fill("L’atelier vélo de la place des Faons")
    await page.locator("#amount_euros").fill("12 500,50")
    for number in range(1, 4):
        await page.locator(f"#answer_{number}").fill("Deux ans de permanences, quarante adhérents, et un local prêté.")
    await page.get_by_role("button", name="Envoyer la candidature").click()
    await page.wait_for_url("**/calls/applications/*")
    return page.url.rsplit("/", 1)[-1]


async def take_back(page: Page, application: str) -> str:
    """The same id, of an application that its authors withdrew."""
    await page.get_by_role("button", name="Retirer la candidature").click()
    await page.locator("dialog.ask").get_by_role("button", name="Retirer la candidature").click()
    await page.get_by_role("link", name="Reprendre ma candidature").wait_for()
    return application
