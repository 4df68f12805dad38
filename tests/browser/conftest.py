"""A real Boucle and real browsers. `BROWSER=none` leaves these tests out, and the summary says so.

`BOUCLE_ADDRESS` names a Boucle that runs already, such as the one of docker-compose.yml, and what is in it stays.
"""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from deploy.bench.stage import Stage, stage
from tests.browser.cast import Cast, assemble
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.settling import settled
from tests.support import a_chromium, close_in_time

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}

# How long a busy machine may take is no part of these stories.
expect.set_options(timeout=60_000)

REFUSAL = re.compile(r"status of (403|422)")

OpenBrowser = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("BROWSER") == "none":
        left_out = pytest.mark.skip(reason="BROWSER=none: the browser's tests were left out")
        for item in items:
            if "tests/browser" in item.nodeid:
                item.add_marker(left_out)


class Elsewhere(NamedTuple):
    """A Boucle that somebody else started."""

    url: str


@pytest.fixture(scope="session")
async def house() -> AsyncIterator[Stage | Elsewhere]:
    """Boucle as `make run` starts it, with its demonstration; or the one that BOUCLE_ADDRESS names."""
    if named := os.environ.get("BOUCLE_ADDRESS"):
        yield Elsewhere(named.rstrip("/"))
        return
    async with stage() as standing:
        await standing.start()
        await standing.ready()
        await settled(standing)
        yield standing


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One Chromium for all the tests."""
    async with a_chromium(CHROMIUM, *ARGUMENTS) as browser:
        yield browser


def is_complaint(message: ConsoleMessage, page: Page) -> bool:
    """An error on the console; that a whole page is a refusal in words, which Chromium calls one too, is none."""
    is_refusal = REFUSAL.search(message.text) is not None and message.location["url"] == page.url
    return message.type == "error" and not is_refusal


@pytest.fixture(scope="session")
async def cast(house: Stage, chromium: Browser) -> Cast:
    """Everybody who looks at pages, signed in, with what they look at."""
    return await assemble(house, chromium)


@pytest.fixture
async def open_browser(chromium: Browser, house: Stage | Elsewhere) -> AsyncIterator[OpenBrowser]:
    """Another person's browser: its own cookies, French, a console that must stay silent."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def open_one(**options: object) -> Page:
        context = await chromium.new_context(
            locale="fr-FR",
            timezone_id="Europe/Paris",
            **{"base_url": house.url, "viewport": DESK, **options},  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: complaints.append(message.text) if is_complaint(message, page) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        await close_in_time(context.close)
    assert complaints == []


async def picture(page: Page, name: str) -> None:
    """Keep what the person sees, on a desk and on a phone."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for size, suffix in ((DESK, 1280), (PHONE, 360)):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{name} scrolls sideways at {suffix} px"
        await page.screenshot(path=SCREENSHOTS / f"{name}-{suffix}.png", full_page=True)
    await page.set_viewport_size(DESK)  # type: ignore[arg-type]
