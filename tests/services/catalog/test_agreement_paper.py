"""An agreement on paper: one for each nature, in two languages, readable aloud, and the bytes that were signed."""

from hashlib import sha256
from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from services.catalog.agreements.paper import on_paper
from shared.events.agreements import Nature
from tests.services.catalog.agreeing import chosen, concluded, document_of
from tests.services.catalog.pages import shown
from tests.services.catalog.test_agreements_states import a_content, a_party, an_agreement
from tests.services.catalog.test_need_paper import read, words
from tests.services.catalog.test_offers_states import NOW

NATURES: dict[Nature, tuple[dict[str, object], list[str], list[str]]] = {
    Nature.ORDER: (
        {"purchase_order": "BC-2030-12"},
        ["Bon de commande", "Acheteur", "Fournisseur", "BC-2030-12", "à payer par Hexaplane", "1 000,00 €", "La TVA"],
        ["Purchase order", "Buyer", "Supplier", "to be paid by Hexaplane", "€1,000.00"],
    ),
    Nature.GIFT: (
        {"given_by": "buyer"},
        ["Convention de don", "Donateur", "Bénéficiaire", "238 bis", "À vérifier"],
        ["Gift agreement", "Donor", "Recipient", "To be checked"],
    ),
    Nature.PARTNERSHIP: (
        {"focus": "skills"},
        ["Convention de partenariat de compétences", "Partenaire", "Des compétences"],
        ["Skills partnership agreement", "Partner", "Skills"],
    ),
    Nature.TRANSFER: (
        {"given_by": "supplier", "provenance": "Démontage du siège"},
        ["Acte de cession", "Cédant", "Cessionnaire", "Provenance", "Démontage du siège", "à vérifier"],
        ["Deed of transfer", "Transferor", "Transferee", "Démontage du siège"],
    ),
    Nature.LOAN: (
        {"given_by": "supplier", "ends_on": "2030-06-28"},
        ["Convention de prêt", "Prêteur", "Emprunteur", "jusqu'à 28 juin 2030", "art. 1875"],
        ["Loan agreement", "Lender", "Borrower", "28 June 2030"],
    ),
}


@pytest.mark.parametrize("nature", Nature)
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_each_nature_has_its_paper_which_can_be_read_aloud(nature: Nature, language: str) -> None:
    changes, french, english = NATURES[nature]
    agreement, _ = an_agreement(a_content(nature, co_contractors=(a_party("Vaisselle et compagnie"),), **changes))
    pdf = await on_paper(agreement, language)
    paper = PdfReader(BytesIO(pdf))
    told = words(paper)
    for each in (french if language == "fr" else english) + ["80 repas par mois", "Vaisselle et compagnie", "Essai"]:
        assert each in told, (each, told)
    root: Any = paper.root_object
    assert root["/Lang"] == language
    assert root["/MarkInfo"].get_object()["/Marked"]
    assert root["/StructTreeRoot"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


async def test_the_same_agreement_gives_the_same_bytes_and_another_one_others() -> None:
    content = a_content()
    agreement, _ = an_agreement(content)
    first = await on_paper(agreement, "fr")
    assert await on_paper(agreement, "fr") == first
    agreement.write(content.model_copy(update={"terms": "Autrement"}), NOW)
    assert sha256(await on_paper(agreement, "fr")).digest() != sha256(first).digest()


async def test_what_is_read_is_what_is_signed(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient) -> None:
    """INVARIANT: the digest that a page shows, and that is signed, is that of the file behind its link."""
    agreement = await concluded(buyer, await chosen(buyer, supplier), purchase_order="BC-7")
    for reader in (buyer, supplier):
        answer = await reader.get(f"{agreement}/paper")
        assert "BC-7" in words(read(answer))
        assert sha256(answer.content).hexdigest() == await document_of(reader, agreement)
    english = await supplier.get(f"/en{agreement}/paper")
    assert sha256(english.content).hexdigest() in await shown(supplier, f"/en{agreement}")
    assert sha256(english.content).hexdigest() != await document_of(supplier, agreement)
    assert "Bon%20de%20commande" in (await buyer.get(f"{agreement}/paper")).headers["content-disposition"]
