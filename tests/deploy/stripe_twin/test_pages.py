"""The twin's pages: two languages, no script, a watermark, and what every button does."""

from __future__ import annotations

import re

import pytest

from deploy.stripe_twin.pages import _texts
from tests.deploy.stripe_twin.marketplace import Marketplace


def buttons(page: str) -> list[str]:
    return re.findall(r'<button name="choice" value="(\w+)">', page)


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", ("Simulation : aucun paiement réel", "120,00\xa0€")), ("en", ("no real payment", "€120.00"))],
)
async def test_the_page_says_in_two_languages_that_it_is_a_simulation(
    market: Marketplace, language: str, words: tuple[str, ...]
) -> None:
    session = await market.session(locale=language)
    answer = await market.twin.door.get(str(session.url))
    assert f'<html lang="{language}">' in answer.text
    assert all(word in answer.text for word in words)
    assert "script" not in answer.text
    assert "'none'" in answer.headers["content-security-policy"]
    other = "en" if language == "fr" else "fr"
    assert f'<html lang="{other}">' in (await market.twin.door.get(f"{session.url}?lang={other}")).text


def test_both_languages_have_every_sentence() -> None:
    texts = _texts()
    assert texts["fr"].keys() == texts["en"].keys()
    assert all(text.strip() for language in texts.values() for text in language.values())


async def test_only_what_can_pay_has_a_button(market: Marketplace) -> None:
    customer = await market.customer()
    pages = [
        (await market.twin.door.get(str(session.url))).text
        for session in (
            await market.session(customer=customer),
            await market.session(allowed_payment_method_types=["sepa_debit"]),
            await market.session(payment_intent_data={"capture_method": "manual"}),
        )
    ]
    assert [buttons(page) for page in pages] == [
        ["card", "card_refused", "sepa", "sepa_refused", "transfer"],
        ["sepa", "sepa_refused"],
        ["card", "card_refused"],
    ]
    assert "Autoriser la carte" in pages[2]


async def test_a_transfer_leads_to_the_bank_and_back(market: Marketplace) -> None:
    customer = await market.customer()
    session = await market.session(customer=customer, client_reference_id="AG-7")
    assert "AG-7" in (await market.twin.door.get("/")).text
    answer = await market.twin.press(str(session.url), "transfer")
    assert answer.headers["location"].startswith("https://boucle.test/paid")
    bank = re.search(r'href="(/bank/\w+)', (await market.twin.door.get("/")).text)
    assert bank is not None
    page = (await market.twin.door.get(bank[1])).text
    assert ("FR76" in page, buttons(page)) == (True, ["agreed"])
    await market.twin.press(bank[1], "agreed")
    assert "le paiement est réglé" in (await market.twin.door.get(bank[1])).text
    await market.twin.press(bank[1], "agreed")
    assert [each["kind"] for each in await market.twin.told("effects")] == ["payment"]
    assert "Aucun paiement n’attend" in (await market.twin.door.get("/")).text


async def test_names_are_written_as_they_are(market: Marketplace) -> None:
    account = await market.account("<b>Atelier</b> & fils")
    page = (await market.twin.door.get(await market.link(account))).text
    assert "&lt;b&gt;Atelier&lt;/b&gt; &amp; fils" in page


@pytest.mark.parametrize("address", ["/pay/cs_test_nobody", "/bank/pi_nobody", "/onboarding/link_nobody"])
async def test_an_address_of_nothing_is_not_found(market: Marketplace, address: str) -> None:
    assert (await market.twin.door.get(address)).status_code == 404
