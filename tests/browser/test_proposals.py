"""The story of a choice: two suppliers propose, the buyer compares by its own weights and chooses; all are told."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from shared.clock import day_of, now
from tests.browser.cast import sign_up
from tests.browser.conftest import DESK, PHONE, OpenBrowser, picture
from tests.browser.test_a_need_arrives import describe_a_need

TITLE = "Buffet pour quarante personnes, remise des prix"
FIRST, SECOND = "La Cuisine des deux rives", "Les Marmites de Lalande"


async def propose(page: Page, need: str, *, price: str, days: int) -> None:
    """Fill in one line and the dates, and send it."""
    await page.goto(need)
    await page.get_by_role("link", name=re.compile("^Faire (tout de suite )?une proposition")).click()
    await page.locator("#what_1").fill("Buffet froid")
    await page.locator("#quantity_1").fill("40")
    await page.locator("#unit_1").fill("couverts")
    await page.locator("#price_euros_1").fill(price)
    today = day_of(now())
    await page.locator("#ends_on").fill((today + timedelta(days=days)).isoformat())
    await page.locator("#valid_until").fill((today + timedelta(days=60)).isoformat())
    await page.get_by_role("button", name="Envoyer la proposition").click()
    await expect(page.get_by_role("heading", name="Notre proposition")).to_be_visible()


async def weigh(page: Page, **weights: int) -> None:
    """Change what counts, and nothing else does."""
    for code in ("price", "delay", "nearness", "social", "environment", "completeness"):
        await page.locator(f"#{code}").fill(str(weights.get(code, 0)))
    await page.get_by_role("button", name="Appliquer ces poids").click()


async def told(page: Page, words: str) -> None:
    """Wait until the inbox says so, as somebody does who looks again."""
    for _ in range(120):
        await page.goto("/notifications/")
        if await page.get_by_text(words).count():
            break
        await page.wait_for_timeout(250)
    await expect(page.get_by_text(words).first).to_be_visible()


@pytest.mark.parametrize(("has_scripts", "viewport"), [(True, DESK), (False, PHONE)], ids=["scripts", "no scripts"])
async def test_two_propose_one_is_chosen_and_the_other_is_told(
    open_browser: OpenBrowser, has_scripts: bool, viewport: dict[str, int]
) -> None:
    number = 520 if has_scripts else 530
    browsers = [await open_browser(java_script_enabled=has_scripts, viewport=viewport) for _ in range(3)]
    buyer, first, second = browsers
    await sign_up(buyer, number, name="Achats de la remise des prix", comes_for="Publier des besoins")
    await describe_a_need(buyer, TITLE, place="Montaudran")
    need = buyer.url
    for page, place, (name, price, days) in zip(
        (first, second), (1, 2), ((FIRST, "22,50", 20), (SECOND, "18", 50)), strict=True
    ):
        await sign_up(page, number + place, name=name, comes_for="Répondre")
        await propose(page, need, price=price, days=days)

    await told(buyer, "vous fait une proposition")
    await buyer.goto(f"{need}/proposals")
    rows = buyer.locator("#compared tbody tr")
    await expect(rows).to_have_count(2)
    await weigh(buyer, price=100)
    await expect(rows.first).to_contain_text(SECOND)
    assert "price=100" in buyer.url
    await weigh(buyer, delay=100)
    await expect(rows.first).to_contain_text(FIRST)
    await picture(buyer, f"proposals-compared{'' if has_scripts else '-no-scripts'}")

    await buyer.get_by_role("link", name=FIRST, exact=True).click()
    await buyer.get_by_role("button", name="Choisir cette proposition").click()
    await expect(buyer.locator("[role=alert]").first).to_contain_text("Choisissez la raison")
    await buyer.get_by_label("Les délais").check()
    await buyer.get_by_role("button", name="Choisir cette proposition").click()
    await expect(buyer.get_by_role("heading", name="Comparer les propositions")).to_be_visible()
    await buyer.get_by_label("Une autre proposition répondait mieux").check()
    await buyer.get_by_role("button", name="Ne pas retenir les autres").click()
    await expect(buyer.locator("#refused")).to_contain_text(SECOND)

    await told(first, "Votre proposition est choisie")
    await told(second, "Votre proposition n’est pas retenue")
    await second.goto("/proposals")
    await second.get_by_role("link", name=TITLE).click()
    await expect(second.get_by_text("Une autre proposition répondait mieux")).to_be_visible()
