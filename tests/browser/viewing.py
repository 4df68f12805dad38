"""Looks at pages: each in two languages, two themes and two widths, and measures what a person would run into."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import CDPSession, Error, Page

from services.catalog.app import __file__ as catalog_app
from shared.web.errors import TITLES
from shared.web.pages import Templates
from shared.web.urls import in_language
from tests.browser.cast import Cast
from tests.browser.look import Look
from tests.shared.web.test_components import surroundings

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LANGUAGES, THEMES, WIDTHS = ("fr", "en"), ("light", "dark"), (1280, 360)
# Each page in each language, theme and width, and in each two of them together: what three do together is one of two.
Views = Mapping[str, Sequence[tuple[int, str]]]
VIEWS: Views = {"fr": ((1280, "light"), (360, "dark")), "en": ((1280, "dark"), (360, "light"))}
EVERY_VIEW: Views = dict.fromkeys(LANGUAGES, (*product(WIDTHS, THEMES),))
HEIGHTS = {1280: 900, 360: 740}
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
AT_ONCE = 3
# Three windows at once make Chromium fill one now and then with the tiles of another: such a picture is taken again.
TAKES = 6
CORNER = (96, 56)
QUIET_S = 0.12
# A live map is drawn in software here, several at once.
SHOWN_MS = 60_000
STREAM = "/notifications/stream"
GIVEN_UP = "net::ERR_ABORTED"
NOTHING, NO_PAGE = "/between-two-looks", '<link rel="icon" href="data:,">'
OF_A_MAP = re.compile(r"/static/map(libre)?[.-]|/matching/map/(outlines/|picture\.svg)")
# No page of the house breaks at will: what its error handlers would say is handed to the browser in its stead.
BROKEN = {"/broken": 500, "/away": 503}

CHECK = """async (rules) => {
  // A theme that has just changed fades in where a style forgets that motion is reduced.
  await Promise.allSettled(document.getAnimations().map((each) => each.finished));
  const look = async () => (await axe.run(document, {
    runOnly: rules, resultTypes: ["violations"], elementRef: false, preload: false,
  })).violations;
  let violations = await look();
  if (violations.length) {
    // On a busy machine the frame with the new colours may still be to come: what is wrong stays wrong.
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    violations = await look();
  }
  const { scrollWidth, clientWidth, lang } = document.documentElement;
  const drawn = [...document.querySelectorAll("svg use")].filter((use) => use.checkVisibility());
  const blank = drawn.filter((use) => use.getBBox().width === 0 && use.getBBox().height === 0);
  return {
    violations: violations.map(({ id, help, nodes }) => {
      const places = nodes.map((node) => node.target.join(" ")).slice(0, 3);
      return `${id} (${help}): ${places.join(", ")}`;
    }),
    overflow: scrollWidth - clientWidth,
    blank: [...new Set(blank.map((use) => use.getAttribute("href")))],
    lang,
    headings: document.querySelectorAll("h1").length,
    title: document.title,
  };
}"""


@dataclass
class Sight:
    """One page as one person saw it; `weight` is what its first visit brought over the wire, in bytes.

    `map_weight` is what a live map brought beside that: its library, its worker, its styles, the outlines.
    """

    look: Look
    language: str
    theme: str
    width: int
    status: int
    lang: str = ""
    title: str = ""
    headings: int = 0
    overflow: int = 0
    weight: int = 0
    map_weight: int = 0
    violations: list[str] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.look.name} {self.language} {self.theme} {self.width}"

    @property
    def picture(self) -> str:
        """The file that shows it."""
        return f"{self.look.name}-{self.language}-{self.theme}-{self.width}.png"


class Wire:
    """What goes over the wire for one page: its weight, what failed, and whether anything is still on its way."""

    def __init__(self, page: Page, look: Look) -> None:
        self.begin(look)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._open.add(request.url))
        page.on("requestfinished", lambda request: self._open.discard(request.url))
        page.on("requestfailed", self._failed)

    def begin(self, look: Look) -> None:
        """Count for this look from here on."""
        self.weight = self.map_weight = 0
        self.complaints: list[str] = []
        self._look = look
        self._open: set[str] = set()
        self._headers: dict[str, int] = {}
        self._of_maps: set[str] = set()

    async def weigh(self, session: CDPSession) -> None:
        """Every load is a first one from here on."""
        await session.send("Network.enable")
        await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.responseReceived", self._began)
        session.on("Network.loadingFinished", self._arrived)

    async def silence(self) -> None:
        """Wait until nothing but the live stream is on its way."""
        while any(STREAM not in address for address in self._open):
            await asyncio.sleep(QUIET_S / 4)
        await asyncio.sleep(QUIET_S)
        if any(STREAM not in address for address in self._open):
            await self.silence()

    def _began(self, event: dict[str, Any]) -> None:
        self._headers[event["requestId"]] = int(event["response"]["encodedDataLength"])
        if OF_A_MAP.search(event["response"]["url"]):
            self._of_maps.add(event["requestId"])

    def _arrived(self, event: dict[str, Any]) -> None:
        arrived = int(event["encodedDataLength"]) - self._headers.get(event["requestId"], 0)
        if event["requestId"] in self._of_maps:
            self.map_weight += arrived
        else:
            self.weight += arrived

    def _said(self, message: Any) -> None:
        expected = self._look.status >= 400 and f"status of {self._look.status}" in message.text
        if message.type == "error" and not expected:
            self.complaints.append(message.text)

    def _failed(self, request: Any) -> None:
        """What the browser itself gives up, as a picture of the theme that is not shown, failed nobody."""
        self._open.discard(request.url)
        if STREAM not in request.url and request.failure != GIVEN_UP:
            self.complaints.append(f"{request.url}: {request.failure}")


async def view_all(
    cast: Cast, looks: Iterable[Look], *, views: Views = VIEWS, pictures: Path | None = None
) -> list[Sight]:
    """Every look in the views of every language; with `pictures`, what was seen is kept there."""
    work = _Work(cast, views, AXE.read_text(encoding="utf-8"), pictures)
    turn = asyncio.Semaphore(AT_ONCE)
    by_person: dict[str, list[Look]] = defaultdict(list)
    seen: dict[tuple[str, str], list[Sight]] = {}
    for look in looks:
        by_person[look.who].append(look)
        seen |= {(look.name, language): [] for language in LANGUAGES}

    async def go_through(who: str, todo: Iterator[tuple[Look, str]]) -> None:
        async with turn:
            async for sights in _in_one_window(work, who, todo):
                seen[sights[0].look.name, sights[0].language] = sights

    queues = {who: iter([*product(looks, LANGUAGES)]) for who, looks in by_person.items()}
    await asyncio.gather(*(go_through(who, todo) for who, todo in queues.items() for _ in range(AT_ONCE)))
    return [sight for sights in seen.values() for sight in sights]


@dataclass(frozen=True)
class _Work:
    """What is the same for every look."""

    cast: Cast
    views: Views
    axe: str
    pictures: Path | None


async def _in_one_window(work: _Work, who: str, todo: Iterator[tuple[Look, str]]) -> AsyncIterator[list[Sight]]:
    """One look after another: a window for each would cost Chromium a process, and axe its first, slow, steps."""
    page, wire = None, None
    for look, language in todo:
        if page is None or wire is None or page.is_closed():
            page = await work.cast.browsers[who].new_page()
            page.set_default_timeout(60_000)
            await page.add_init_script(work.axe)
            wire = Wire(page, look)
            await wire.weigh(await page.context.new_cdp_session(page))
        wire.begin(look)
        yield await _view(work, page, wire, look, language)
    if page is not None:
        await page.close()


async def _view(work: _Work, page: Page, wire: Wire, look: Look, language: str) -> list[Sight]:
    """The views of one language; what fails is said, and its window closed."""
    try:
        status, weight = await _open(page, wire, work.cast, look, language)
        sights = []
        for width, theme in work.views[language]:
            await page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            found = await page.evaluate(CHECK, RULES)
            sight = Sight(look, language, theme, width, status, weight=weight, **found)
            sight.map_weight = wire.map_weight
            if work.pictures:
                await _photograph(page, width, work.pictures / sight.picture)
            sights.append(sight)
        sights[0].complaints = [*wire.complaints]
        await _leave(page)
    except Error as error:
        # Said like everything else that is wrong, so that one page does not hide the others.
        seen = (await page.locator("body").inner_text())[:400]
        await page.close()
        return [Sight(look, language, "light", 1280, 0, complaints=[*wire.complaints, str(error), seen])]
    return sights


async def _leave(page: Page) -> None:
    """To where nothing is: what comes from here on is of the next look.

    It is of the same site, or Chromium would begin the next page in a process of its own, which takes longer.
    """
    await page.evaluate("sessionStorage.clear()")
    await page.unroute_all()
    await page.route(f"**{NOTHING}", lambda route: route.fulfill(content_type="text/html", body=NO_PAGE))
    await page.goto(NOTHING)


async def _photograph(page: Page, width: int, path: Path) -> None:
    """All of the page: a window as tall as it is, since Chromium's own way repeats the top of a page more often."""
    height = await page.evaluate("document.documentElement.scrollHeight")
    for _ in range(TAKES):
        await page.set_viewport_size({"width": width, "height": height})
        await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        await page.screenshot(path=path)
        if not repeats(path):
            return
        # Another size makes Chromium lay out its tiles again.
        await page.set_viewport_size({"width": width, "height": height + 1})
        await asyncio.sleep(QUIET_S)


def repeats(path: Path) -> bool:
    """Whether a picture shows the page's top left corner, its row of bricks and its logo, a second time."""
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    narrow = min(WIDTHS)
    if whole.width > narrow:
        beside = whole.crop((narrow, 0, narrow + CORNER[0], CORNER[1]))
        if beside.tobytes() == whole.crop((0, 0, *CORNER)).tobytes():
            return True
    column = whole.crop((0, 0, CORNER[0], whole.height)).tobytes()
    return column.find(column[: CORNER[0] * CORNER[1] * 3], 1) > 0


async def fill(page: Page, look: Look) -> None:
    """Fill in what the look fills before it presses."""
    if look.fills:
        field, text = look.fills
        await page.locator(field).fill(text)


async def _open(page: Page, wire: Wire, cast: Cast, look: Look, language: str) -> tuple[int, int]:
    """Load the page, press what is to be pressed, wait for its parts; returns the last page's status and weight.

    What a press brings into a page, or a part that only comes after it, is not in the weight.
    """
    if look.address in BROKEN:
        answer_of = broken(BROKEN[look.address], language)
        await page.route(f"**{look.address}", lambda route: route.fulfill(**answer_of))
    # As a new window would, whatever the look before has left.
    await page.set_viewport_size({"width": 1280, "height": HEIGHTS[1280]})
    await page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    answer = await page.goto(in_language(look.address.format(**cast.ids), language), wait_until="load")
    if answer is None:
        raise RuntimeError("no answer")
    status = answer.status
    await wire.silence()
    if look.press and look.status >= 400:
        wire.weight = wire.map_weight = 0
        await fill(page, look)
        async with page.expect_navigation() as moving:
            await page.locator(look.press).last.click()
        status = (await moving.value).status
        await wire.silence()
    weight = 0 if look.address in BROKEN else wire.weight
    if look.press and look.status < 400:
        await fill(page, look)
        await page.locator(look.press).last.click()
        await wire.silence()
    if look.shows:
        await page.locator(look.shows).first.wait_for(timeout=SHOWN_MS)
    return status, weight


def broken(status: int, language: str) -> dict[str, Any]:
    """The answer of `shared.web.errors` to a crash, as the browser gets it."""
    templates = Templates(Path(catalog_app).parent)
    title = templates.gettext(language)(TITLES[status])
    context = surroundings(path="/", url=lambda path: in_language(path, language), section="")
    body = templates.render(
        "problem.html", language, {**context, "title": title, "detail": None, "problem_status": status}
    )
    return {"status": status, "content_type": "text/html; charset=utf-8", "body": body}
