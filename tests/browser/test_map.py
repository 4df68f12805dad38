"""The map: really drawn, beside a list that says the same; a picture where it cannot be; by keyboard alone."""

import io

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, expect

from tests.browser.cast import sign_up
from tests.browser.conftest import PHONE, OpenBrowser, picture
from tests.browser.look import LIVE_MAP
from tests.waiting import holds

pytestmark = pytest.mark.browser

PICTURE = ".map-pic img:visible"
DRAWN_MS = 60_000
SETTLED_MS = 700
"""A machine without a graphics card draws in software, and may be busy."""
NO_WEBGL = "HTMLCanvasElement.prototype.getContext = () => null"
HIDE = "(what) => document.querySelectorAll(what).forEach((each) => { each.style.display = 'none'; })"
PINS = ".map-canvas .pin"


async def opened(page: Page, address: str) -> None:
    await page.goto(address)
    await page.locator(LIVE_MAP).wait_for(timeout=DRAWN_MS)


async def colours(page: Page) -> int:
    """How many the canvas shows, without what stands on it."""
    await page.evaluate(HIDE, ".pin, .map-zoom, .map-notes")
    image = Image.open(io.BytesIO(await page.locator(".map-canvas").screenshot()))
    return len(image.convert("RGB").getcolors(2**24) or [])


async def is_drawn(page: Page) -> None:
    """Land, three borders, names with their edges: one flat colour would be an empty canvas, or one not drawn yet."""

    async def check() -> None:
        assert await colours(page) > 40

    await holds(check)


async def lies_under(page: Page, canvas: Locator, name: str) -> None:
    """Wait until the map has flown so far that its middle is there: it takes as long as the machine draws."""
    await canvas.scroll_into_view_if_needed()

    async def check() -> None:
        box = await canvas.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await page.mouse.move(x + 9, y)
        await page.mouse.move(x, y)
        assert await page.locator(".map-hint").all_inner_texts() == [name]

    await holds(check)


async def test_the_map_is_drawn_under_the_content_policy(open_browser: OpenBrowser) -> None:
    """`open_browser` fails on any word in the console, so on any refusal of the policy."""
    page = await open_browser()
    await opened(page, "/matching/map")
    await expect(page.locator(PINS).first).to_be_visible()
    await picture(page, "map")
    await expect(page.locator(".map-pic:visible")).to_have_count(0)
    await is_drawn(page)


async def test_a_page_without_a_map_loads_none_of_it(open_browser: OpenBrowser) -> None:
    page = await open_browser()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in ("/", "/matching/search", "/offers", "/organisations"):
        await page.goto(address)
    assert asked
    assert [url for url in asked if "map" in url.rpartition("/")[2] and "static" in url] == []


async def test_list_and_map_lead_to_each_other_by_keyboard(open_browser: OpenBrowser) -> None:
    page = await open_browser()
    await opened(page, "/matching/map")
    row = page.locator("[data-spot]").last
    number, label = await row.get_attribute("data-number"), await row.get_attribute("data-label")
    await row.locator("[data-to-map]").focus()
    await page.keyboard.press("Enter")
    pin = page.locator(f"{PINS}:focus")
    await expect(pin).to_have_text(str(number))
    await expect(pin).to_have_attribute("aria-label", str(label))
    await expect(row).to_have_class("row grid grid-cols-[34px_minmax(0,1fr)] gap-x-3 spot is-on")
    await page.keyboard.press("Enter")
    await expect(row.locator("a.ttl").first).to_be_focused()
    await row.locator("[data-to-map]").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(row.locator("[data-to-map]")).to_be_focused()
    # Whoever only passes by with Tab does not walk through every pin.
    await expect(page.locator(f"{PINS}:not([tabindex='-1'])")).to_have_count(0)


async def test_close_places_are_taken_together_and_come_apart(open_browser: OpenBrowser) -> None:
    page = await open_browser(viewport=PHONE)
    # Around Muret, where the demonstration alone has anybody: the newest of all may lie in a commune or two.
    await opened(page, "/matching/map?what=organisation&place=Muret&sort=nearest")
    await page.locator("[data-zoom='-1']").click()
    await page.wait_for_timeout(SETTLED_MS)
    places = await page.locator("[data-spot]").count()
    several = page.locator(f"{PINS}.pin-several")
    await expect(several.first).to_be_visible()
    assert await several.count() < places
    before = await page.locator(PINS).count()
    # With the keyboard: another one may lie over its edge.
    await several.first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(PINS)).not_to_have_count(before)


async def test_without_webgl_the_picture_stays_and_says_why(open_browser: OpenBrowser) -> None:
    page = await open_browser()
    await page.add_init_script(NO_WEBGL)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto("/matching/map")
    await expect(page.locator(PICTURE)).to_be_visible()
    assert await page.locator(PICTURE).evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    await expect(page.get_by_text("Ce navigateur ne dessine pas la carte")).to_be_visible()
    assert [url for url in asked if "maplibre" in url] == []


async def test_without_javascript_the_list_does_the_whole_job(open_browser: OpenBrowser) -> None:
    page = await open_browser(java_script_enabled=False, viewport=PHONE)
    await page.goto("/matching/map")
    await expect(page.locator(PICTURE)).to_be_visible()
    await expect(page.get_by_text("Sans JavaScript, la carte est une image")).to_be_visible()
    await page.get_by_label("Besoins, gisements, activités et structures").fill("palettes")
    await page.get_by_role("button", name="Chercher").last.click()
    await page.get_by_text("Montrer les filtres").click()
    await page.get_by_role("complementary", name="Filtres").get_by_role("link", name="Gisements").click()
    title = page.locator("#places a.ttl").first
    words = await title.inner_text()
    await title.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(words[:20])


async def test_the_area_of_an_offer_follows_what_is_typed_and_a_click_writes_it(open_browser: OpenBrowser) -> None:
    page = await open_browser()
    await sign_up(page, 644, name="Zones sur la carte", comes_for="Répondre")
    await opened(page, "/offers/whole")
    field, slider = page.get_by_label("Où vous travaillez"), page.get_by_label("Rayon")
    await slider.fill("45")
    await expect(field).to_have_value("45 km autour de Toulouse")
    await expect(page.locator(".map-pic img").first).to_have_attribute("alt", "Carte : 45 km autour de Toulouse")
    await field.fill("Muret\nune zone qui n'existe pas")
    await expect(page.locator(".map-notes")).to_contain_text("une zone qui n’existe pas")
    await field.fill("Muret")
    await expect(page.locator(".map-pic img").first).to_have_attribute("alt", "Carte : Muret (31)")
    canvas = page.locator(".map-canvas canvas")
    await lies_under(page, canvas, "Muret (31)")
    await canvas.click()
    await expect(field).to_have_value("")
    await expect(page.locator(".map-pic img").first).to_have_attribute("alt", "Carte : 30 km autour de Toulouse")
    await canvas.click()
    await expect(field).to_have_value("Muret (31)")
    await is_drawn(page)


async def test_the_area_of_an_offer_is_a_field_without_javascript(open_browser: OpenBrowser) -> None:
    page = await open_browser(java_script_enabled=False, viewport=PHONE)
    await sign_up(page, 645, name="Zones sans script", comes_for="Répondre")
    await page.goto("/offers/whole")
    await expect(page.locator(".map-pic img").first).to_have_attribute("alt", "Carte : 30 km autour de Toulouse")
    await expect(page.get_by_label("Rayon")).to_be_hidden()
    await page.get_by_label("Titre").fill("Réparation de vélos")
    await page.get_by_label("Où vous travaillez").fill("Haute-Garonne")
    await page.get_by_role("button", name="Garder en brouillon").click()
    await expect(page.get_by_text("Haute-Garonne").first).to_be_visible()
    await expect(page.locator(".map-pic img").first).to_have_attribute("alt", "Carte : Haute-Garonne (31)")
