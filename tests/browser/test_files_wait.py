"""The story of files that a scanner has not looked at: both sides see their names and no way in, until it has."""

import os
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from deploy.bench.stage import Stage, stage
from tests.browser.cast import sign_up
from tests.browser.conftest import DESK, picture
from tests.browser.settling import settled
from tests.browser.test_a_need_arrives import describe_a_need
from tests.browser.test_proposals import propose, told
from tests.clamd import Clamd, clamd

pytestmark = pytest.mark.browser

TITLE = "Goûter pour cent vingt enfants, fin de trimestre"
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
SHEET, PLAN = "fiche technique et allergènes.pdf", "plan d’accès.pdf"
# A timer looks again twice a minute.
LOOKED_AT_MS = 90_000


@pytest.fixture
async def scanner() -> AsyncIterator[Clamd]:
    """A ClamAV that hangs up on whoever asks it."""
    async with clamd() as twin:
        twin.fault = "deaf"
        yield twin


@pytest.fixture
async def scanned_house(scanner: Clamd, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A Boucle that asks it."""
    if os.environ.get("BOUCLE_ADDRESS"):
        pytest.skip("its scanner is somebody else's")
    monkeypatch.setenv("BOUCLE_CATALOG_CLAMAV", scanner.address)
    async with stage() as standing:
        await standing.start()
        await standing.ready()
        await settled(standing)
        yield standing


def named(page: Page, name: str) -> Locator:
    """The line of a file."""
    return page.locator("main li").filter(has_text=name).last


async def waits(page: Page, address: str, name: str) -> None:
    """Its name is there, that it is being looked at, and no way in."""
    await page.goto(address)
    await expect(named(page, name)).to_contain_text("En cours d’analyse")
    await expect(named(page, name).get_by_role("link", name=name)).to_have_count(0)


async def opens(page: Page, address: str, name: str) -> None:
    """It was looked at, and may be opened."""
    link = named(page, name).get_by_role("link", name=name)
    for _ in range(LOOKED_AT_MS // 1000):
        await page.goto(address)
        if await link.count():
            break
        await page.wait_for_timeout(1000)
    await expect(link).to_be_visible()
    async with page.expect_download() as loading:
        await link.click()
    assert (await (await loading.value).path()).read_bytes() == PDF


async def test_a_file_waits_for_both_sides_and_opens_once_it_was_looked_at(
    chromium: Browser, scanned_house: Stage, scanner: Clamd
) -> None:
    contexts = [
        await chromium.new_context(base_url=scanned_house.url, viewport=DESK, locale="fr-FR")  # type: ignore[arg-type]
        for _ in range(2)
    ]
    buyer, supplier = [await each.new_page() for each in contexts]
    await sign_up(buyer, 915, name="École des Pins", comes_for="Publier des besoins")
    await describe_a_need(buyer, TITLE, place="Montaudran")
    need = buyer.url
    await sign_up(supplier, 916, name="La Fournée solidaire", comes_for="Répondre")
    await propose(supplier, need, price="4,20", days=30)
    proposal = supplier.url
    await supplier.set_input_files(
        "#files input[name=file]", FilePayload(name=SHEET, mimeType="application/pdf", buffer=PDF)
    )
    await supplier.locator("#files").get_by_role("button", name="Envoyer").click()
    await expect(named(supplier, SHEET)).to_contain_text("En cours d’analyse")
    await told(buyer, "joint un document à sa proposition")

    exchange = re.sub(r"/proposals/", "/exchanges/", proposal)
    await supplier.goto(exchange)
    await supplier.get_by_label("Votre message").fill("Voici par où arriver avec le camion.")
    await supplier.set_input_files(
        "#write input[name=file]", FilePayload(name=PLAN, mimeType="application/pdf", buffer=PDF)
    )
    await supplier.get_by_role("button", name="Envoyer le message").click()
    for page, whose in ((supplier, "supplier"), (buyer, "buyer")):
        for address, name, where in ((proposal, SHEET, "proposal"), (exchange, PLAN, "exchange")):
            await waits(page, address, name)
            await picture(page, f"file-waits-{where}-{whose}")

    scanner.fault = ""
    for page in (buyer, supplier):
        await opens(page, proposal, SHEET)
        await opens(page, exchange, PLAN)
    for each in contexts:
        await each.close()
