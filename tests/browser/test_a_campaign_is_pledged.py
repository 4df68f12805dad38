"""A workshop opens a campaign, two companies pledge, its last day passes, and both are told to give."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from deploy.bench.stage import Stage
from deploy.cli.place import known_instance
from deploy.embedded.data_folder import DataFolder
from shared.clock import day_of, now
from shared.database import Database
from tests.browser.cast import sign_up
from tests.browser.conftest import PHONE, OpenBrowser, picture
from tests.browser.test_without_javascript import press

pytestmark = pytest.mark.browser

TITLE = "Un four pour l’atelier des Izards"
OVER = """
    UPDATE campaigns SET starts_on = starts_on - 40, ends_on = ends_on - 40, look_at = now() WHERE title LIKE 'Un four%'
"""


async def open_a_campaign(page: Page) -> str:
    """The address of a campaign, opened from the dashboard; what is missing is said where it is missing."""
    await page.goto("/dashboard")
    await page.get_by_role("link", name="Une campagne").click()
    await page.get_by_label("Titre").fill(TITLE)
    await page.locator("#description").fill("Cuire sur place les invendus du marché, avec les habitants.")
    await press(page, "Publier la campagne")
    await expect(page.locator(".errsum a").first).to_have_attribute("href", re.compile("#(goal_euros|categories)"))
    await page.locator("#goal_euros").fill("8 000")
    await page.locator("#threshold_euros").fill("5000")
    await page.locator("#ends_on").fill((day_of(now()) + timedelta(days=20)).isoformat())
    await page.locator("#step_euros_1").fill("3 000")
    await page.locator("#step_words_1").fill("Le four d’occasion")
    await page.locator("#from_euros_1").fill("1000")
    await page.locator("#counterpart_words_1").fill("Un repas pour l’équipe")
    await page.locator("#worth_euros_1").fill("400")
    await press(page, "Publier la campagne")
    await expect(page.locator(".errsum")).to_contain_text("plus de 25")
    await picture(page, "campaign-refused")
    await page.locator("#worth_euros_1").fill("200")
    await press(page, "Publier la campagne")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    return page.url


async def pledge(page: Page, campaign: str, euros: str, *, is_named: bool = True) -> None:
    """Promise an amount."""
    await page.goto(campaign)
    if not is_named:
        await page.get_by_label("Ne pas nous nommer").check()
    await page.locator("#amount_euros").fill(euros)
    await press(page, "Promettre")
    await expect(page.locator("#pledge")).to_contain_text("Promesse")


async def let_it_end(house: Stage) -> None:
    """The last day is over, and the timer comes by by itself."""
    instance = known_instance(DataFolder(house.folder))
    assert instance is not None
    database = Database(instance.admin_database_url("catalog"))
    async with database.sessions.begin() as session:
        await session.execute(text(OVER))
    await database.close()


async def test_two_pledges_reach_the_threshold_and_are_confirmed(open_browser: OpenBrowser, house: Stage) -> None:
    workshop, first, second = await open_browser(), await open_browser(), await open_browser(viewport=PHONE)
    await sign_up(workshop, 930, name="L’Atelier du four", comes_for="Répondre")
    await sign_up(first, 931, name="Mécène Aérien", comes_for="Publier des besoins")
    await sign_up(second, 932, name="Mécène Discret", comes_for="Publier des besoins")
    campaign = await open_a_campaign(workshop)

    await pledge(first, campaign, "3 500")
    await expect(first.locator("#progress")).to_contain_text("3 500")
    await expect(first.locator("#supporters")).to_contain_text("Mécène Aérien")
    await pledge(second, campaign, "1 500,50", is_named=False)
    await expect(second.locator("#supporters")).not_to_contain_text("Mécène Discret")
    await picture(second, "campaign-pledged-phone")
    await picture(first, "campaign-pledged")

    await workshop.goto(campaign)
    await workshop.get_by_role("link", name="Voir les promesses").click()
    await expect(workshop.locator("#pledges")).to_contain_text("Mécène Discret")
    await picture(workshop, "campaign-pledges")

    await let_it_end(house)
    for _ in range(120):
        await first.goto(campaign)
        if await first.locator("#pledge").get_by_text("Confirmée").count():
            break
        await first.wait_for_timeout(500)
    await expect(first.locator("#pledge")).to_contain_text("versez votre don")
    await picture(first, "campaign-confirmed")
    await workshop.goto(f"{campaign}/pledges")
    await expect(workshop.get_by_text("Réussie")).to_be_visible()
    await second.goto("/notifications/")
    await expect(second.get_by_text("La campagne a réussi").first).to_be_visible()
