"""The scripts in a real browser, under the real security policy: live messages, forms, drafts, theme, confirmation."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, expect

from shared.web.assets import BUILT
from shared.web.pages import Templates
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.shared.web.test_components import MEMBER, surroundings
from tests.support import a_chromium, close_in_time

POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}

# How long a busy machine may take is no part of this.
expect.set_options(timeout=60_000)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (BUILT / "manifest.json").exists(), reason="the front end is not built"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]

PAGE = """{% extends "shell.html" %}{% import "components.html" as ui with context %}
{% block title %}Essai{% endblock %}
{% block main %}<h1>Essai</h1>
<p id="fresh" hx-get="/fragment" hx-trigger="live:new-for-you from:body">rien</p>
<div id="place"><form id="form" method="post" action="/form" hx-post="/form" hx-target="#place" data-draft="need">
{{ ui.error_summary(errors) }}{{ ui.field("title", "Titre") }}{{ ui.checkbox("slide", "Peut glisser") }}
{{ ui.draft_state() }}{{ ui.button("Publier", "primary", type="submit") }}</form></div>
<script type="module" src="{{ asset_url("draft.js") }}"></script>
{{ ui.suggested("town", "Commune", "/towns") }}{{ ui.late("Le rapprochement est en cours.", "/late", id="late") }}
{{ ui.post("Retirer", "/withdraw", "danger", confirm="Retirer ce besoin ?") }}
{% if done %}<p data-draft-done="need">Publié</p>{% endif %}
{% endblock %}"""
FORM = """{% import "components.html" as ui with context %}{{ ui.error_summary([("title", "Trop court.")]) }}
{{ ui.field("title", "Titre", error="Trop court.") }}"""


class Site:
    """A small site: one page, one form, and a stream that the test feeds."""

    def __init__(self, folder: Path) -> None:
        (folder / "demo" / "templates").mkdir(parents=True)
        (folder / "demo" / "templates" / "page.html").write_text(PAGE)
        (folder / "demo" / "templates" / "form.html").write_text(FORM)
        self.templates = Templates(folder)
        self.streams: list[asyncio.Queue[str | None]] = []
        self.asked: list[str] = []
        self.posted: list[tuple[str, dict[str, str]]] = []
        self.refusing = False
        self.address = ""
        self.late = 1

    def say(self, number: int, **data: Any) -> None:
        for stream in self.streams:
            stream.put_nowait(f"id: {number}\ndata: {json.dumps(data)}\n\n")

    def cut(self) -> None:
        for stream in self.streams:
            stream.put_nowait(None)

    def render(self, name: str, **context: Any) -> str:
        everything = surroundings(identity=MEMBER, path="/page", unread=2, live_since="40", errors=[], done=False)
        return self.templates.render(name, "fr", everything | context)

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path, query = scope["path"], scope["query_string"].decode()
        if path == "/notifications/stream":
            await self.stream(query, send)
            return
        if scope["method"] == "POST":
            self.posted.append((path, {name.decode(): value.decode() for name, value in scope["headers"]}))
        status, kind, body = self.answer(path, query)
        headers = [(b"content-type", kind.encode()), (b"content-security-policy", POLICY.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def answer(self, path: str, query: str) -> tuple[int, str, bytes]:
        if path.startswith("/static/"):
            file = BUILT / Path(path).name
            return 200, TYPES[file.suffix], file.read_bytes()
        status, text = self.fragment(path, query)
        return status, "text/html; charset=utf-8", text.encode()

    def fragment(self, path: str, query: str) -> tuple[int, str]:
        match path:
            case "/fragment":
                return 200, "arrivé"
            case "/towns":
                return 200, f'<option value="{query}">'
            case "/late":
                self.late -= 1
                return (204, "") if self.late >= 0 else (200, '<p id="late">23 structures</p>')
            case "/form":
                return (500, "<p>oops</p>") if self.refusing else (422, self.render("demo/form.html"))
        return 200, self.render("demo/page.html", done="done" in query)

    async def stream(self, query: str, send: Any) -> None:
        self.asked.append(query)
        if self.refusing:
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self.streams.append(queue)
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"event: heartbeat\ndata: {}\n\n", "more_body": True})
        while (text := await queue.get()) is not None:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        self.streams.remove(queue)
        await send({"type": "http.response.body", "body": b""})


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path)
    server = Server(uvicorn.Config(site, port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    site.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield site
    site.cut()
    server.should_exit = True
    # A page that still listens is not waited for.
    await asyncio.wait({serving}, timeout=5)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with a_chromium(CHROMIUM, *ARGUMENTS) as browser:
        yield browser


@pytest.fixture
async def visitor(browser: Browser, site: Site) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(base_url=site.address)
    context.set_default_timeout(30_000)
    yield context
    await close_in_time(context.close)


async def opened(visitor: BrowserContext, address: str = "/page") -> Page:
    page = await visitor.new_page()
    await page.goto(address)
    await page.wait_for_function("document.documentElement.classList.contains('js') && window.htmx")
    return page


async def until(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


async def test_the_page_runs_under_its_security_policy(visitor: BrowserContext) -> None:
    said: list[str] = []
    page = await visitor.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.goto("/page")
    await page.wait_for_function("window.htmx")
    await page.wait_for_timeout(200)
    assert said == []


async def test_two_tabs_share_one_connection_and_both_hear(visitor: BrowserContext, site: Site) -> None:
    first, second = await opened(visitor), await opened(visitor)
    await until(lambda: site.streams)
    await asyncio.sleep(0.2)
    assert site.asked == ["last=40"]
    site.say(41, kind="new-for-you", title="2,4 t de palettes, Fenouillet", url="/flows/1", unread=3)
    for page in (first, second):
        await expect(page.locator("#fresh")).to_have_text("arrivé")
        await expect(page.locator("[data-bell] .cnt").first).to_have_text("3")
        await expect(page.locator("[data-bell]").first).to_have_attribute("aria-label", "Notifications, 3 nouvelles")
    await expect(second.locator("#toasts a")).to_have_attribute("href", "/flows/1")


async def test_when_the_listening_tab_closes_another_goes_on_from_the_last_message(
    visitor: BrowserContext, site: Site
) -> None:
    first, second = await opened(visitor), await opened(visitor)
    await until(lambda: site.streams)
    site.say(57, kind="answer", unread=9)
    await expect(second.locator("[data-bell] .cnt").first).to_have_text("9")
    await first.close()
    await until(lambda: site.asked[-1] == "last=57")


async def test_a_lost_connection_is_said_and_its_return_too(visitor: BrowserContext, site: Site) -> None:
    page = await opened(visitor)
    await until(lambda: site.streams)
    site.refusing = True
    site.cut()
    await expect(page.locator(".live-state")).to_have_text(
        "Hors ligne, nouvel essai en cours. Ce que vous tapez est gardé."
    )
    site.refusing = False
    await expect(page.locator("body")).to_have_attribute("data-live-state", "back")


async def test_a_silent_connection_is_taken_for_dead_and_made_anew(visitor: BrowserContext, site: Site) -> None:
    page = await visitor.new_page()
    await page.clock.install()
    await page.goto("/page")
    await until(lambda: site.streams)
    # The silence is counted from what was heard last; the page's clock goes on by itself, too.
    site.say(57, kind="answer", unread=9)
    await expect(page.locator("[data-bell] .cnt").first).to_have_text("9")
    await page.clock.fast_forward(25_000)
    await page.wait_for_timeout(200)
    assert len(site.asked) == 1
    await page.clock.fast_forward(17_000)
    await until(lambda: len(site.asked) == 2)


async def test_a_refused_form_comes_back_with_its_errors_and_takes_the_focus(
    visitor: BrowserContext, site: Site
) -> None:
    page = await opened(visitor)
    await page.get_by_role("button", name="Publier", exact=True).click()
    await expect(page.locator(".errsum")).to_be_focused()
    await expect(page.get_by_label("Titre")).to_have_attribute("aria-invalid", "true")
    path, headers = site.posted[-1]
    assert (path, headers["x-csrf-token"]) == ("/form", "token")


async def test_a_failing_server_leaves_the_form_as_it_was_and_is_said(visitor: BrowserContext, site: Site) -> None:
    page = await opened(visitor)
    site.refusing = True
    await page.get_by_label("Titre").fill("80 repas")
    await page.get_by_role("button", name="Publier", exact=True).click()
    await expect(page.locator("#toasts")).to_contain_text("pas pu répondre")
    await expect(page.get_by_label("Titre")).to_have_value("80 repas")


async def test_a_field_suggests_what_the_server_knows(visitor: BrowserContext) -> None:
    page = await opened(visitor)
    await page.get_by_label("Commune").press_sequentially("mur")
    await expect(page.locator("#town-list option")).to_have_attribute("value", "town=mur")


async def test_a_late_part_waits_in_place_and_then_comes(visitor: BrowserContext) -> None:
    page = await opened(visitor)
    await expect(page.locator("#late")).to_have_text("Le rapprochement est en cours.")
    await expect(page.locator("#late")).to_have_text("23 structures")


async def test_escape_closes_a_menu_and_gives_the_focus_back(visitor: BrowserContext) -> None:
    page = await opened(visitor)
    await page.locator("summary.org").click()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("link", name="Tableau de bord")).to_be_hidden()
    await expect(page.locator("summary.org")).to_be_focused()


async def test_what_was_typed_is_found_again_and_forgotten_once_sent(visitor: BrowserContext) -> None:
    page = await opened(visitor)
    await page.get_by_label("Titre").fill("80 repas par mois")
    await page.get_by_label("Peut glisser").check()
    await expect(page.locator("[data-draft-state]")).to_have_text("Gardé sur cet appareil")
    again = await opened(visitor)
    await expect(again.get_by_label("Titre")).to_have_value("80 repas par mois")
    await expect(again.get_by_label("Peut glisser")).to_be_checked()
    await opened(visitor, "/page?done")
    await expect((await opened(visitor)).get_by_label("Titre")).to_have_value("")


async def test_a_grave_action_is_sent_only_once_confirmed(visitor: BrowserContext, site: Site) -> None:
    page = await opened(visitor)
    await page.get_by_role("button", name="Retirer").click()
    dialog = page.get_by_role("dialog", name="Retirer ce besoin")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    assert site.posted == []
    await page.get_by_role("button", name="Retirer").click()
    await dialog.get_by_role("button", name="Retirer").click()
    await until(lambda: [path for path, _ in site.posted] == ["/withdraw"])


async def test_the_chosen_theme_is_kept_and_set_before_the_first_paint(visitor: BrowserContext) -> None:
    page = await opened(visitor)
    paper = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await page.locator("summary.org").click()
    await page.get_by_role("button", name="Sombre").first.click()
    night = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert night != paper
    again = await opened(visitor)
    assert await again.evaluate("document.documentElement.dataset.theme") == "dark"
    assert await again.evaluate("getComputedStyle(document.body).backgroundColor") == night


async def test_without_a_choice_the_system_decides_even_without_scripts(browser: Browser, site: Site) -> None:
    colours: list[str] = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        context = await browser.new_context(base_url=site.address, java_script_enabled=False, color_scheme=scheme)
        page = await context.new_page()
        await page.goto("/page")
        colours.append(await page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor"))
        await expect(page.locator(".themes").first).to_be_hidden()
        await close_in_time(context.close)
    assert colours == ["rgb(248, 243, 235)", "rgb(15, 22, 32)"]


@pytest.mark.parametrize("width", [360, 1280])
async def test_no_page_scrolls_sideways(visitor: BrowserContext, width: int) -> None:
    page = await opened(visitor)
    await page.set_viewport_size({"width": width, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
