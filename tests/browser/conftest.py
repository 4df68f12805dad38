"""A real Boucle and real browsers. `BROWSER=none` leaves these tests out, and the summary says so."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from deploy.bench.stage import Stage, stage
from tests.browser.cast import Cast, assemble
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.support import a_chromium, close_in_time

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}

OpenBrowser = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("BROWSER") == "none":
        left_out = pytest.mark.skip(reason="BROWSER=none: the browser's tests were left out")
        for item in items:
            if "tests/browser" in item.nodeid:
                item.add_marker(left_out)


@pytest.fixture(scope="session")
async def house() -> AsyncIterator[Stage]:
    """Boucle as `make run` starts it, with its demonstration."""
    async with stage() as standing:
        await standing.start()
        await standing.ready()
        yield standing


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One Chromium for all the tests."""
    async with a_chromium(CHROMIUM, *ARGUMENTS) as browser:
        yield browser


@pytest.fixture(scope="session")
async def cast(house: Stage, chromium: Browser) -> Cast:
    """Everybody who looks at pages, signed in, with what they look at."""
    return await assemble(house, chromium)


@pytest.fixture
async def open_browser(chromium: Browser, house: Stage) -> AsyncIterator[OpenBrowser]:
    """Another person's browser: its own cookies, French, a console that must stay silent."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def open_one(**options: object) -> Page:
        context = await chromium.new_context(
            base_url=house.url,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            **{"viewport": DESK, **options},  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text) if is_complaint(page, message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        await close_in_time(context.close)
    assert complaints == []


def is_complaint(page: Page, message: ConsoleMessage) -> bool:
    """True for an error in the console, but for the page's own status when a form was refused."""
    refused = "status of 4" in message.text and message.location["url"] == page.url
    return bool(message.type == "error" and not refused)


async def picture(page: Page, name: str) -> None:
    """Keep what the person sees, on a desk and on a phone."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for size, suffix in ((DESK, 1280), (PHONE, 360)):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{name} scrolls sideways at {suffix} px"
        await page.screenshot(path=SCREENSHOTS / f"{name}-{suffix}.png", full_page=True)
    await page.set_viewport_size(DESK)  # type: ignore[arg-type]
