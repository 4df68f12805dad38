"""A printed page: dark ink on white in any theme, and only what is of use on paper."""

import pytest
from playwright.async_api import expect

from tests.browser.cast import Cast

pytestmark = pytest.mark.browser

INK = "getComputedStyle(document.querySelector('h1')).color"
PAPER = "getComputedStyle(document.body).backgroundColor"


def brightness(colour: str) -> float:
    """0 for black, 255 for white, of `rgb(r, g, b)`."""
    parts = colour[colour.index("(") + 1 : -1].split(",")
    return sum(float(part) for part in parts[:3]) / 3


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_page_is_printed_in_dark_ink_without_what_is_for_the_screen(cast: Cast, theme: str) -> None:
    page = await cast.browsers["buyer"].new_page()
    await page.goto(f"/needs/{cast.ids['need']}")
    await page.locator("#matching-matches").wait_for()
    await page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)

    await page.emulate_media(media="print")

    assert brightness(await page.evaluate(INK)) < 60
    assert brightness(await page.evaluate(PAPER)) == 255
    for part in (".top", ".foot", ".acts", "main summary"):
        await expect(page.locator(part).first).to_be_hidden()
    await expect(page.locator("h1")).to_be_visible()
    await expect(page.locator("#matching-matches")).to_be_visible()
    await page.close()
