"""Every form by keyboard alone: all of it is reached, in order and visibly; refusals lead to their field."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.cast import Cast
from tests.browser.pages import LOOKS, Look
from tests.browser.viewing import SHOWN_MS, Wire, fill

pytestmark = pytest.mark.browser

# A look of each page that has something to fill in or to press; the wide ones by one of their kind.
FORMS = (
    "sign-in", "sign-up", "link-wanted", "link-forgotten", "link-confirm", "link-reset", "second", "invitation",
    "need-new", "need-step", "need-review", "need-edit", "need-close", "need-own",
    "offer-new", "offer-step", "offer-review", "offer-edit", "offer-own",
    "flow-new", "flow-step", "flow-codes", "flow-review", "flow-edit", "flow-own", "flow-paused",
    "proposal-new", "proposal-received", "agreement-new", "agreement-to-sign", "agreement-cancelling",
    "agreement-running", "exchange", "exchange-written", "lot-take", "taking", "taking-collect", "subscribe",
    "subscription-asked", "subscription-refuse", "flow-subscribers", "need-asking", "question-to-answer",
    "portrait", "portrait-edit", "portrait-statuses", "site", "team", "keys", "founding", "organisations-own",
    "buyer-account", "email", "data", "factors", "factor-new", "factor-remove",
    "imports", "import-new", "import-columns", "import-tried", "exports", "inbox",
    "organisations", "search", "vocabulary", "category", "territory-cockpit", "territory-look",
    "territory-stuck", "territory-audit", "territory-behalf", "territory-need-posted-for", "need-posted-for",
)  # fmt: skip
# What is refused when it is sent; an address that is refused has no button to press.
REFUSALS = tuple(look.name for look in LOOKS if look.status == 422 and look.press)
THINNEST_PX = 2.0

# What Tab must come to in the page's own part, each with a number; of radios of a name the chosen one, or any.
NUMBER = """() => {
  const found = document.querySelectorAll(
    `main :is(a[href], button, input:not([type=hidden]), select, textarea, summary,
    canvas):not(:disabled, [tabindex='-1'])`);
  const seen = [...found].filter((each) => each.checkVisibility({ visibilityProperty: true }));
  const named = new Set();
  let count = 0;
  for (const each of seen) {
    if (each.type === "radio") {
      const group = [...document.getElementsByName(each.name)];
      if (group.some((other) => other.checked) ? !each.checked : named.has(each.name)) continue;
      named.add(each.name);
    }
    each.dataset.number = count++;
  }
  document.getElementById("main").focus();
  return count;
}"""
UNREACHED = """(reached) => [...document.querySelectorAll("[data-number]")]
  .filter((each) => !reached.includes(each.dataset.number))
  .map((each) => each.id || each.textContent.trim().slice(0, 40))"""
FOCUSED = """() => {
  const each = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(each);
  const { top, bottom, left } = each.getBoundingClientRect();
  const group = each.type === "radio" && [...document.getElementsByName(each.name)].find((one) => one.dataset.number);
  return {
    number: (group || each).dataset.number ?? null, outline: outlineStyle === "none" ? 0 : parseFloat(outlineWidth),
    top: top + scrollY, bottom: bottom + scrollY, left, beside: each.closest("aside, .beside") !== null,
    text: each.id || each.textContent.trim().slice(0, 40),
  };
}"""


def look_named(name: str) -> Look:
    return next(look for look in LOOKS if look.name == name)


async def opened(cast: Cast, name: str) -> Page:
    look = look_named(name)
    page = await cast.browsers[look.who].new_page()
    page.set_default_timeout(30_000)
    await page.set_viewport_size({"width": 1280, "height": 900})
    wire = Wire(page, look)
    await page.goto(look.address.format(**cast.ids))
    # A part that comes by itself has places of its own: it is there before they are counted.
    await wire.silence()
    if look.shows and not look.press:
        await page.locator(look.shows).first.wait_for(timeout=SHOWN_MS)
    return page


async def tabbed(page: Page) -> tuple[int, list[dict[str, Any]]]:
    """How many places there are, and those that Tab comes to until it leaves the page's own part."""
    count = await page.evaluate(NUMBER)
    found: list[dict[str, Any]] = []
    for _ in range(count * 4):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(FOCUSED)
        if focused["number"] is None:
            break
        # Inside a date, Tab goes from day to month: one place.
        if not found or found[-1]["number"] != focused["number"]:
            found.append(focused)
    return count, found


def out_of_order(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """True when the eye would have to go back: up, or left on the same line; a column beside begins at its top."""
    if after["beside"] != before["beside"]:
        return False
    same_line = after["top"] < before["bottom"] and before["top"] < after["bottom"]
    return bool(after["left"] < before["left"] if same_line else after["top"] < before["top"])


@pytest.mark.parametrize("name", FORMS)
async def test_tab_reaches_everything_of_a_form_in_order_and_visibly(cast: Cast, name: str) -> None:
    page = await opened(cast, name)

    count, places = await tabbed(page)

    assert count > 0
    assert await page.evaluate(UNREACHED, [place["number"] for place in places]) == []
    assert [place["text"] for place in places if place["outline"] < THINNEST_PX] == []
    pairs = pairwise(places)
    assert [after["text"] for before, after in pairs if out_of_order(before, after)] == []
    await page.close()


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_takes_the_focus_and_leads_to_its_field(cast: Cast, name: str) -> None:
    page = await opened(cast, name)
    await fill(page, look_named(name))
    await page.locator(str(look_named(name).press)).last.focus()

    await page.keyboard.press("Enter")

    summary = page.locator(".errsum")
    await expect(summary).to_be_focused()
    await page.keyboard.press("Tab")
    field = str(await page.locator(":focus").get_attribute("href")).removeprefix("#")
    await page.keyboard.press("Enter")
    await expect(page.locator(f"[id='{field}']")).to_be_focused()
    assert await page.locator(f"[id='{field}']").evaluate("each => each.closest('.fld-err') !== null")
    await page.close()


async def test_enter_in_a_field_sends_the_form(cast: Cast) -> None:
    """INVARIANT: the first button of a form is what Enter presses; the one that shows the list is not it."""
    page = await opened(cast, "need-new-refused")
    await page.locator("#place").press("Enter")
    await expect(page.locator(".errsum")).to_be_focused()
    await page.close()


async def test_escape_closes_a_menu_and_a_dialog_and_gives_the_focus_back(cast: Cast) -> None:
    page = await opened(cast, "need-own")
    account = page.locator("details.menu[name=top]:visible > summary").first
    await account.press("Enter")
    await expect(page.locator("details.menu[open]")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator("details.menu[open]")).to_have_count(0)
    await expect(account).to_be_focused()

    withdraw = page.locator("form[data-confirm] button")
    await withdraw.press("Enter")
    await expect(page.locator("dialog.ask")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog.ask")).to_have_count(0)
    await expect(withdraw).to_be_focused()
    await page.close()


async def test_a_code_is_found_and_chosen_without_a_mouse(cast: Cast) -> None:
    page = await opened(cast, "flow-codes")
    field = page.locator("#ewc")
    await field.fill("")
    await field.press_sequentially("20 01 38; paletes cassee")
    proposed = page.locator("#ewc-codes button", has_text="15 01 03")
    await expect(proposed).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(proposed).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("20 01 38; 15 01 03")
    await expect(field).to_be_focused()
    await expect(proposed).to_have_count(0)
    await page.close()


async def test_the_first_tab_offers_to_skip_to_the_content(cast: Cast) -> None:
    page = await opened(cast, "needs")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()
    await page.close()


async def test_a_status_asks_for_its_source_once_it_is_ticked(cast: Cast) -> None:
    page = await opened(cast, "portrait-statuses")
    first = page.locator(".tick-line").filter(has=page.locator("input[type=checkbox]:not(:checked)")).first
    code = await first.locator("input[type=checkbox]").get_attribute("value")
    await expect(page.locator(f"[name=source_{code}]")).to_be_hidden()
    await page.locator(f"input[type=checkbox][value={code}]").focus()
    await page.keyboard.press("Space")
    await expect(page.locator(f"[name=source_{code}]")).to_be_visible()
    await page.close()
