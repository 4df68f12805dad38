"""A gift in kind, from the promise to its receipt: each says its own part, and a receipt comes after a check only."""

import re
from io import BytesIO

from playwright.async_api import Page, expect
from pypdf import PdfReader

from deploy.bench.stage import Stage
from shared.clock import day_of, now
from tests.browser.cast import coordinate, sign_up
from tests.browser.conftest import PHONE, SCREENSHOTS, OpenBrowser, picture
from tests.browser.sending import send
from tests.browser.test_agreements import press, sign
from tests.browser.test_proposals import told

DONOR, RECIPIENT = "Ateliers de la Garonne", "Le Mobilier partagé"
TITLE = "Soixante bureaux et leurs caissons, plateau du premier étage"
DESKS = [
    {"what": "Bureaux de 160 cm", "quantity": "60", "unit": "unité", "price_cents": 0},
    {"what": "Caissons à tiroirs", "quantity": "60", "unit": "unité", "price_cents": 0},
]
DECREE = "Décret du 3 mars 2015, JO n° 54"
TODAY = day_of(now())
RECEIPT = "Reçu fiscal"


async def chosen(donor: Page, recipient: Page) -> str:
    """The address of what the association proposes, and the company has chosen."""
    need = {"kind": "patronage", "means": "goods", "categories": ["desks"], "place": "Blagnac", "title": TITLE}
    need_id = (await send(donor, "/api/v1/needs", **need))["id"]
    await send(donor, f"/api/v1/needs/{need_id}/publish")
    proposed = {"need_id": need_id, "valid_until": "2099-12-31", "lines": DESKS}
    proposal = (await send(recipient, "/api/v1/proposals", **proposed))["id"]
    await send(donor, f"/api/v1/proposals/{proposal}/accept", reason="social")
    return f"/proposals/{proposal}"


async def promised(donor: Page, recipient: Page) -> str:
    """The address of the gift that both have signed for."""
    await donor.goto(await chosen(donor, recipient))
    await donor.get_by_role("link", name="Conclure ou voir l’accord").click()
    await donor.get_by_label("Don", exact=False).first.check()
    await donor.locator("input[name=given_by][value=buyer]").check()
    await press(donor, "Conclure l’accord")
    await expect(donor.get_by_role("heading", name="Convention de don")).to_be_visible()
    agreement = donor.url
    await recipient.goto(agreement)
    await sign(recipient)
    await sign(donor)
    await expect(donor.get_by_text("En cours").first).to_be_visible()
    await donor.goto("/gifts")
    await donor.get_by_role("link", name=TITLE).first.click()
    await expect(donor.get_by_text("À vous : dites ce que vaut ce don")).to_be_visible()
    return donor.url


async def describe(page: Page, **said: str) -> None:
    """Say what papers say of one's structure."""
    await page.goto("/gifts/profile")
    for name, words in said.items():
        await page.locator(f"#{name}").fill(words)
    await press(page, "Enregistrer")
    await expect(page.get_by_text("Les documents déjà établis restent")).to_be_visible()


async def value(donor: Page, gift: str, *euros: str) -> None:
    """Say what each line is worth, alone."""
    await donor.goto(gift)
    for number, each in enumerate(euros, start=1):
        await donor.locator(f"#euros_{number}").fill(each)
        await donor.locator(f"#basis_{number}").select_option("book")
    await donor.locator("#value-words").fill("Valeur nette comptable au registre des immobilisations.")
    await donor.locator("#alone").check()
    await press(donor, "Enregistrer la valeur")
    await expect(donor.get_by_text("Valeur enregistrée").first).to_be_visible()


async def count(recipient: Page, gift: str, *arrived: str) -> None:
    """Say what arrived, on a phone, beside the lorry."""
    await recipient.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await recipient.goto(gift)
    await recipient.locator("#on").fill(TODAY.isoformat())
    for number, each in enumerate(arrived, start=1):
        await recipient.locator(f"#received_{number}").fill(each)
    await recipient.locator("#delivery-words").fill("Deux caissons sans clé.")
    await press(recipient, "Confirmer ce qui est reçu")
    await expect(recipient.get_by_text("le donateur est prévenu").first).to_be_visible()


async def declare(recipient: Page) -> None:
    """Declare that one may issue receipts, and on what that rests."""
    await recipient.goto("/organisation/eligibility")
    fact = recipient.locator("#tax_receipts")
    await fact.locator("summary").click()
    await fact.locator("[name=article]").select_option("public_utility")
    await fact.locator("[name=decision]").fill(DECREE)
    await fact.locator("[name=decided_on]").fill("2015-03-03")
    await fact.get_by_role("button", name="Déclarer", exact=True).click()
    await expect(recipient.get_by_text("Un coordinateur du territoire le vérifie").first).to_be_visible()


async def judge(coordinator: Page, finding: str, words: str = "") -> None:
    """A coordinator's word about what the association declared."""
    await coordinator.goto("/territory/eligibility")
    declared = coordinator.locator("section", has=coordinator.get_by_role("heading", name=RECIPIENT)).last
    await expect(declared).to_contain_text(DECREE.replace("'", "’"))
    if words:
        await declared.locator("textarea").fill(words)
    await declared.get_by_role("button", name=finding).click()
    await expect(coordinator.get_by_text("C’est noté, et la structure est prévenue").first).to_be_visible()


async def refused(recipient: Page, gift: str, name: str) -> None:
    """Who is not checked reads why no receipt comes of it, and what may be issued instead."""
    await recipient.goto(gift)
    await expect(recipient.locator("#issue")).to_contain_text("n’est pas vérifiée pour les reçus fiscaux")
    await expect(recipient.locator("#issue").get_by_role("link", name=RECEIPT)).to_have_count(0)
    await recipient.goto(f"{gift}/papers/receipt")
    await expect(recipient.get_by_text("n’est pas déclarée et vérifiée").first).to_be_visible()
    await expect(recipient.get_by_role("button", name="Établir le document")).to_have_count(0)
    await expect(recipient.get_by_role("link", name="Établir une attestation de réception")).to_be_visible()
    await picture(recipient, name)


async def issue(recipient: Page, gift: str, paper: str) -> None:
    """Read the paper beforehand, sign it, and have its number."""
    await recipient.goto(gift)
    await recipient.locator("#issue").get_by_role("link", name=paper).click()
    await recipient.locator("#signatory").fill("Nadia Benali")
    await recipient.locator("#capacity").fill("présidente")
    await press(recipient, "Établir le document")
    await expect(recipient.get_by_text(f"Document n° {TODAY.year}-0001 établi").first).to_be_visible()


async def test_sixty_desks_have_a_receipt_once_a_coordinator_has_looked(
    open_browser: OpenBrowser, house: Stage
) -> None:
    donor, recipient, coordinator = [await open_browser() for _ in range(3)]
    await sign_up(donor, 925, name=DONOR, comes_for="Publier des besoins")
    await sign_up(recipient, 926, name=RECIPIENT, comes_for="Répondre")
    await coordinate(house, coordinator)
    gift = await promised(donor, recipient)
    await picture(donor, "story-gift-1-promised")

    # The donor's word, and nobody else's; the count is the recipient's, and two of them did not come.
    await value(donor, gift, "5 400", "1 200,50")
    await told(recipient, TITLE)
    await count(recipient, gift, "60", "58")
    await donor.goto(gift)
    await expect(donor.get_by_text("À vous : dites ce que vaut ce qui est arrivé")).to_be_visible()
    await value(donor, gift, "5 400", "1 160")
    await picture(donor, "story-gift-2-valued-again")

    # Declared is not checked, and refused is not either: no receipt, and the reason in words.
    await refused(recipient, gift, "story-gift-3-not-eligible")
    await declare(recipient)
    await refused(recipient, gift, "story-gift-4-declared")
    await judge(coordinator, "Refuser", "Le décret joint est celui d’une autre association.")
    await told(recipient, "Éligibilité refusée")
    await recipient.goto("/organisation/eligibility")
    await expect(recipient.locator("#tax_receipts")).to_contain_text("celui d’une autre association")
    await declare(recipient)
    await judge(coordinator, "Justificatif vu")

    # What is missing is named with where it is given; nothing is issued with a gap.
    await recipient.goto(f"{gift}/papers/receipt")
    await expect(recipient.locator("#missing")).to_contain_text("Au donateur de le dire")
    await picture(recipient, "story-gift-5-missing")
    await describe(donor, legal_form="SAS", address="12 rue des Ormes, 31770 Colomiers")
    theirs = {"legal_form": "Association loi 1901", "address": "3 place du Marché, 31000 Toulouse"}
    await describe(recipient, **theirs, purpose="Réemployer le mobilier")
    await issue(recipient, gift, RECEIPT)
    await picture(recipient, "story-gift-6-issued")

    await told(donor, "a établi un document")
    await donor.goto(gift)
    await expect(donor.get_by_text("Le reçu est établi : vous pouvez le télécharger")).to_be_visible()
    link = await donor.locator("#papers").get_by_role("link").first.get_attribute("href")
    paper = await (await donor.request.get(str(link))).body()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    (SCREENSHOTS / "story-gift-receipt.pdf").write_bytes(paper)
    text = " ".join(" ".join(each.extract_text() for each in PdfReader(BytesIO(paper)).pages).split())
    for each in (
        f"{TODAY.year}-0001",
        DONOR,
        RECIPIENT,
        "6 560,00",
        "238 bis",
        DECREE,
        "Nadia Benali",
        "Bureaux de 160",
    ):
        assert each in text.replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'"), (each, text)

    # What the donor adds up at the end of the year.
    await donor.goto(f"/gifts/statement?year={TODAY.year}")
    await expect(donor.locator("#receipts")).to_contain_text(re.compile(r"6\s560,00"))
    await picture(donor, "story-gift-7-statement")


async def test_who_is_not_eligible_attests_what_arrived_without_a_word_of_tax(open_browser: OpenBrowser) -> None:
    donor, recipient = [await open_browser(viewport=PHONE) for _ in range(2)]
    await sign_up(donor, 927, name="Bureaux de Gramont", comes_for="Publier des besoins")
    await sign_up(recipient, 928, name="La Ressourcerie de Gramont", comes_for="Répondre")
    gift = await promised(donor, recipient)
    await value(donor, gift, "300", "40")
    await count(recipient, gift, "60", "60")
    await describe(donor, legal_form="SAS", address="1 rue de Gramont, 31200 Toulouse")
    await describe(recipient, legal_form="Association loi 1901", address="2 rue de Gramont, 31200 Toulouse")
    await refused(recipient, gift, "story-gift-8-not-eligible")
    await recipient.get_by_role("link", name="Établir une attestation de réception").click()
    await recipient.locator("#signatory").fill("Camille Durand")
    await recipient.locator("#capacity").fill("trésorière")
    await press(recipient, "Établir le document")
    await expect(recipient.locator("#papers")).to_contain_text(f"{TODAY.year}-0001")
    link = await recipient.locator("#papers").get_by_role("link").first.get_attribute("href")
    pages = PdfReader(BytesIO(await (await recipient.request.get(str(link))).body())).pages
    plain = " ".join(" ".join(each.extract_text() for each in pages).lower().split())
    assert "bureaux de 160" in plain
    # It says of itself that it is none, and nothing else of tax.
    for each in ("sans mention fiscale", "n’est pas un reçu fiscal"):
        assert each in plain, (each, plain)
        plain = plain.replace(each, "")
    for each in ("fiscal", "238", "impôt"):
        assert each not in plain, (each, plain)
    await picture(recipient, "story-gift-9-attested")
