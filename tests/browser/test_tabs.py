"""Tabs on a phone: whichever is open is in sight, though not all of them fit."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import PHONE, OpenBrowser

pytestmark = pytest.mark.browser

WHOLE = 0.95
"""All but the line that tabs share with what is below them."""


async def test_the_tab_that_is_open_is_in_sight(open_browser: OpenBrowser) -> None:
    page = await open_browser(viewport=PHONE)
    await page.goto("/needs")
    last = page.get_by_role("navigation", name="Nature").get_by_role("link").last
    await expect(last).not_to_be_in_viewport(ratio=WHOLE)
    await page.goto(await last.get_attribute("href") or "")
    await expect(page.get_by_role("navigation", name="Nature").locator("[aria-current]")).to_be_in_viewport(ratio=WHOLE)
