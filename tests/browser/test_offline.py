"""Without a network a calm bar says so, and what is typed stays on the device."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenBrowser

pytestmark = pytest.mark.browser


async def test_who_types_a_form_reads_that_it_is_kept_and_finds_it_again(open_browser: OpenBrowser) -> None:
    page = await open_browser()
    await page.goto("/sign-up", wait_until="networkidle")
    await page.get_by_label("Nom de la structure").fill("Gardée hors ligne")
    await expect(page.get_by_role("status").filter(has_text="Hors ligne")).to_have_count(0)

    await page.context.set_offline(True)
    await expect(page.locator(".live-state")).to_have_text(
        "Hors ligne, nouvel essai en cours. Ce que vous tapez est gardé."
    )
    while not await page.evaluate("Object.keys(localStorage).some((name) => name.endsWith(':sign-up'))"):
        await page.wait_for_timeout(50)

    await page.context.set_offline(False)
    await expect(page.locator(".live-state")).to_be_hidden()
    await page.reload()
    await expect(page.get_by_label("Nom de la structure")).to_have_value("Gardée hors ligne")


async def test_where_nothing_is_kept_nothing_says_so(open_browser: OpenBrowser) -> None:
    page = await open_browser()
    await page.goto("/needs", wait_until="networkidle")
    await page.context.set_offline(True)
    await expect(page.locator(".live-state")).to_have_text("Hors ligne, nouvel essai en cours.")
