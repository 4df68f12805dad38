"""A supplier asks about a need, its buyer answers, and a competitor reads both without learning who asked."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.cast import sign_up
from tests.browser.conftest import PHONE, OpenBrowser, picture
from tests.browser.test_without_javascript import press

pytestmark = pytest.mark.browser

ASKED = "Peut-on livrer par l’arrière-cour ?"
REPLIED = "Oui, entre six et huit heures du matin."
ASKER = "La Table curieuse"


async def publish(page: Page, title: str) -> str:
    """The address of a need, published from the form that is one page."""
    await page.goto("/needs/whole")
    await page.get_by_label("Titre").fill(title)
    await page.get_by_label("Lieu").fill("Balma")
    await press(page, "Publier le besoin")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    return page.url


async def answer_from_the_list(buyer: Page) -> None:
    """From the dashboard to the list of what waits, to the answer."""
    await buyer.goto("/dashboard")
    await buyer.get_by_role("link", name="Répondre aux questions").click()
    await expect(buyer.get_by_text(ASKER)).to_have_count(0)
    await buyer.get_by_role("link", name=f"Répondre à : {ASKED}").click()
    await press(buyer, "Publier la réponse")
    await expect(buyer.locator(".errsum a")).to_have_attribute("href", "#reply")
    await buyer.get_by_label("Votre réponse").fill(REPLIED)
    await press(buyer, "Publier la réponse")
    await expect(buyer).to_have_url(re.compile(r"/needs/[0-9a-f-]+/questions#question-[0-9a-f-]+$"))
    await expect(buyer.get_by_text(REPLIED)).to_be_visible()


async def test_who_asked_stays_unknown_and_the_answer_is_everybodys(open_browser: OpenBrowser) -> None:
    buyer, asker, rival = await open_browser(), await open_browser(), await open_browser()
    await sign_up(buyer, 591, name="Achats de la Cour", comes_for="Publier des besoins")
    await sign_up(asker, 592, name=ASKER, comes_for="Répondre")
    await sign_up(rival, 593, name="La Rivale", comes_for="Répondre")
    need = await publish(buyer, "Traiteur pour une inauguration dans la cour")

    await asker.goto(need)
    # The part has come by itself into the page of the need.
    await asker.get_by_text("Poser une question").click()
    await press(asker, "Envoyer la question")
    await expect(asker.locator(".errsum a")).to_have_attribute("href", "#words")
    await asker.get_by_label("Votre question").fill(ASKED)
    await press(asker, "Envoyer la question")
    await expect(asker.get_by_text("Attend sa réponse")).to_be_visible()
    await picture(asker, "question-asked")

    await rival.goto(need)
    await expect(rival.get_by_text("question attend sa réponse")).to_be_visible()
    await expect(rival.get_by_text(ASKED)).to_have_count(0)

    await answer_from_the_list(buyer)
    await picture(buyer, "question-answered")

    await rival.goto(need)
    await expect(rival.get_by_text(ASKED)).to_be_visible()
    await expect(rival.get_by_text(REPLIED)).to_be_visible()
    assert ASKER not in await rival.content()


async def test_the_same_works_without_javascript(open_browser: OpenBrowser) -> None:
    buyer, asker = [await open_browser(java_script_enabled=False, viewport=PHONE) for _ in range(2)]
    await sign_up(buyer, 594, name="Achats sans script de la Cour", comes_for="Publier des besoins")
    await sign_up(asker, 595, name=ASKER, comes_for="Répondre")
    need = await publish(buyer, "Traiteur pour une inauguration sans script")
    await asker.goto(need)
    await asker.get_by_role("link", name="Lire les questions, ou en poser une").click()
    await asker.get_by_label("Votre question").fill(ASKED)
    await press(asker, "Envoyer la question")
    await expect(asker.get_by_text("Attend sa réponse")).to_be_visible()
    await answer_from_the_list(buyer)
    await asker.reload()
    await expect(asker.get_by_text(REPLIED)).to_be_visible()
