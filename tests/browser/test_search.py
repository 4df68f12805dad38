"""The search in a browser: found, narrowed, seen three ways, shared; and without scripts."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PHONE, OpenBrowser
from tests.waiting import holds

pytestmark = pytest.mark.browser

SEARCH = "/matching/search?q=palettes"


async def total(page: Page) -> int:
    words = await page.get_by_role("status").filter(has_text="résultat").first.inner_text()
    return int(re.sub(r"\D", "", words))


async def comes_to(page: Page, rows: int) -> None:
    """Wait until the page says so many: what was there stays until the answer is."""

    async def check() -> None:
        assert await total(page) == rows

    await holds(check)


async def test_a_condition_leaves_as_many_as_it_says_and_is_taken_away(open_browser: OpenBrowser) -> None:
    page = await open_browser()
    await page.goto(SEARCH)
    every = await total(page)
    beside = page.get_by_role("complementary", name="Filtres")
    link = beside.get_by_role("link", name=re.compile("^Activités"))
    rows = int(re.sub(r"\D", "", await link.inner_text()))
    assert rows < every
    await link.click()
    await comes_to(page, rows)
    await page.get_by_role("link", name="Retirer le critère : Activités").click()
    await comes_to(page, every)


async def test_the_address_is_shared_as_it_stands(open_browser: OpenBrowser) -> None:
    page = await open_browser()
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto(f"{SEARCH}&view=table&place=Toulouse&sort=nearest")
    await page.get_by_role("button", name="Partager").click()
    await expect(page.get_by_text("Adresse copiée.")).to_be_visible()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url
    await page.goto(copied)
    await expect(page.get_by_role("table", name="Résultats")).to_be_visible()


async def test_without_scripts_on_a_phone_it_is_narrowed_sorted_and_seen_three_ways(open_browser: OpenBrowser) -> None:
    page = await open_browser(java_script_enabled=False, viewport=PHONE)
    await page.goto("/matching/search")
    await page.get_by_label("Besoins, gisements, activités et structures").fill("palettes")
    await page.get_by_label("Commune d’où compter les distances").fill("Muret")
    await page.get_by_role("button", name="Chercher").last.click()
    await page.get_by_text("Montrer les filtres").click()
    filters = page.get_by_role("complementary", name="Filtres")
    await filters.get_by_role("link", name=re.compile("^À moins de 25 km")).click()
    await page.get_by_role("link", name="Plus proches").click()
    await expect(page.get_by_role("link", name="Retirer le critère : À moins de 25 km")).to_be_visible()
    for view, shown in (("Tableau", "table"), ("Carte", "#places"), ("Liste", "ol.rows")):
        await page.get_by_role("navigation", name="Affichage").get_by_role("link", name=view).click()
        await expect(page.locator(shown).first).to_be_visible()
    await expect(page).to_have_url(re.compile("q=palettes"))
    await expect(page).to_have_url(re.compile("within=25"))
    await expect(page.get_by_role("button", name="Partager")).to_be_hidden()
