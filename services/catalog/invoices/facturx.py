"""The data of an invoice as Factur-X: a PDF/A-3 that carries Cross Industry Invoice XML, profile BASIC WL.

It is data to take over: the invoice itself goes through its supplier's own platform.
"""

import asyncio
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from facturx import generate_from_binary, xml_check_xsd
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.agreements.content import Content, Party
from services.catalog.agreements.paper import say_in
from services.catalog.agreements.queries import agreement_seen_by
from services.catalog.invoices.errors import NotBilledByRate
from services.catalog.payments.mandates.words import source
from services.catalog.payments.models import Settlement
from services.catalog.vat.lines import VatLine, exemptions_on, in_euros
from shared.papers.printing import print_paper
from shared.web import i18n

TEMPLATE: Final = Path(__file__).parent / "papers" / "invoice.typ"
PROFILE: Final = "urn:factur-x.eu:1p0:basicwl"
LEVEL: Final = "basicwl"
# UNTDID 1001.
INVOICE: Final = "380"
SELF_BILLED: Final = "389"
SIREN: Final = "0002"
ARCHIVED: Final = "a-3b"
UN: Final = "urn:un:unece:uncefact:data:standard:"
NAMES: Final = {
    "rsm": f"{UN}CrossIndustryInvoice:100",
    "ram": f"{UN}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{UN}UnqualifiedDataType:100",
}
for prefix, name in NAMES.items():
    register_namespace(prefix, name)


def xml_of(settlement: Settlement, payee: Party, payer: Party) -> bytes:
    """The invoice's data as XML, checked against the schema of its profile; raises `NotBilledByRate`."""
    if not settlement.vat_lines or settlement.invoiced_on is None:
        raise NotBilledByRate
    root = Element(_named("rsm:CrossIndustryInvoice"))
    _put(root, "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", PROFILE)
    document = _put(root, "rsm:ExchangedDocument")
    _put(document, "ram:ID", settlement.invoice)
    _put(document, "ram:TypeCode", SELF_BILLED if settlement.is_self_billed else INVOICE)
    _day(_put(document, "ram:IssueDateTime"), settlement.invoiced_on)
    if settlement.is_self_billed:
        _put(document, "ram:IncludedNote/ram:Content", source().mention)
    deal = _put(root, "rsm:SupplyChainTradeTransaction")
    agreed = _put(deal, "ram:ApplicableHeaderTradeAgreement")
    seller = _put(agreed, "ram:SellerTradeParty")
    _party(seller, payee, settlement.vat_number)
    if payee.siren and not settlement.vat_number:
        # EN 16931 asks for one of the two of whoever says a rate, or why none is due (BR-S-02, BR-E-02).
        _put(seller, "ram:SpecifiedTaxRegistration/ram:ID", payee.siren).set("schemeID", "FC")
    _party(_put(agreed, "ram:BuyerTradeParty"), payer)
    _put(deal, "ram:ApplicableHeaderTradeDelivery")
    _settle(_put(deal, "ram:ApplicableHeaderTradeSettlement"), settlement, settlement.invoiced_on)
    xml: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    xml_check_xsd(xml, flavor="factur-x", level=LEVEL)
    return xml


async def facturx_of(settlement: Settlement, content: Content, language: str) -> bytes:
    """The PDF with the data in it; raises `NotBilledByRate`."""
    payee = _of(content, settlement.payee_id)
    xml = xml_of(settlement, payee, _of(content, settlement.payer_id))
    said = _said(settlement, content, language)
    paper = await print_paper(TEMPLATE, said, at=settlement.updated_at, standard=ARCHIVED)
    about = {
        "author": payee.name,
        "title": said["title"],
        "subject": settlement.title,
        "keywords": "Factur-X",
    }
    made: bytes = await asyncio.to_thread(
        generate_from_binary, paper, xml, flavor="factur-x", level=LEVEL, pdf_metadata=about, lang=language
    )
    return made


async def facturx_under(session: AsyncSession, settlement: Settlement, reader_id: UUID, language: str) -> bytes:
    """The PDF for one of the two sides of what was agreed; raises `NotBilledByRate`."""
    agreement = await agreement_seen_by(session, settlement.agreement_id, reader_id)
    return await facturx_of(settlement, agreement.content, language)


def _said(settlement: Settlement, content: Content, language: str) -> dict[str, Any]:
    say = say_in(language)
    payee, payer = _of(content, settlement.payee_id), _of(content, settlement.payer_id)
    on = settlement.invoiced_on or settlement.due_on
    return {
        "language": language,
        "title": say("Données de la facture {number}").format(number=settlement.invoice),
        "about": f"{settlement.title}. {source().mention}" if settlement.is_self_billed else settlement.title,
        "warning": say(
            "Ce document n'est pas une facture. Ce sont des données à reprendre dans la plateforme agréée de la "
            "structure qui est payée : la facture elle-même passe par celle-ci. À vérifier avant tout usage."
        ),
        "parties": [
            _paper_party(say("Vendeur"), payee, settlement.vat_number),
            _paper_party(say("Acheteur"), payer),
        ],
        "dates": [
            [say("Date de la facture"), i18n.full_day(on, language)],
            [say("À payer au plus tard"), i18n.full_day(settlement.due_on, language)],
        ],
        "heads": [say("Taux de TVA"), say("Hors taxes"), say("TVA")],
        "lines": [
            [_rate(each, on), in_euros(each.net_cents), in_euros(each.vat_cents)] for each in settlement.vat_lines
        ],
        "total": [say("Total TTC"), in_euros(settlement.cents)],
        "foot": say("Page {page} sur {pages}"),
    }


def _rate(line: VatLine, on: date) -> str:
    exemption = exemptions_on(on).get(line.exemption or "")
    percent = f"{line.rate.replace('.', ',')} %"
    return f"{percent} ({exemption.words})" if exemption else percent


def _paper_party(role: str, party: Party, vat_number: str = "") -> dict[str, Any]:
    numbers = [each for each in (party.siren and f"SIREN {party.siren}", vat_number and f"TVA {vat_number}") if each]
    return {"role": role, "name": party.entity_name, "lines": [party.address, *numbers]}


def _of(content: Content, organisation_id: object) -> Party:
    return content.buyer if content.buyer.organisation_id == organisation_id else content.supplier


def _party(element: Element, party: Party, vat_number: str = "") -> None:
    _put(element, "ram:Name", party.entity_name)
    if party.siren:
        _put(element, "ram:SpecifiedLegalOrganization/ram:ID", party.siren).set("schemeID", SIREN)
    address = _put(element, "ram:PostalTradeAddress")
    _put(address, "ram:LineOne", party.address)
    _put(address, "ram:CountryID", "FR")
    if vat_number:
        _put(element, "ram:SpecifiedTaxRegistration/ram:ID", vat_number).set("schemeID", "VA")


def _settle(element: Element, settlement: Settlement, on: date) -> None:
    _put(element, "ram:InvoiceCurrencyCode", "EUR")
    for line in settlement.vat_lines:
        tax = _put(element, "ram:ApplicableTradeTax")
        exemption = exemptions_on(on).get(line.exemption or "")
        _put(tax, "ram:CalculatedAmount", _amount(line.vat_cents))
        _put(tax, "ram:TypeCode", "VAT")
        if exemption:
            _put(tax, "ram:ExemptionReason", exemption.words)
        _put(tax, "ram:BasisAmount", _amount(line.net_cents))
        _put(tax, "ram:CategoryCode", "E" if exemption else "S")
        if exemption:
            _put(tax, "ram:ExemptionReasonCode", exemption.vatex)
        _put(tax, "ram:RateApplicablePercent", line.rate)
    _day(_put(element, "ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime"), settlement.due_on)
    sums = _put(element, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    _put(sums, "ram:LineTotalAmount", _amount(settlement.net_cents))
    _put(sums, "ram:TaxBasisTotalAmount", _amount(settlement.net_cents))
    _put(sums, "ram:TaxTotalAmount", _amount(settlement.vat_cents)).set("currencyID", "EUR")
    _put(sums, "ram:GrandTotalAmount", _amount(settlement.cents))
    _put(sums, "ram:DuePayableAmount", _amount(settlement.cents))


def _amount(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


def _day(element: Element, day: date) -> None:
    _put(element, "udt:DateTimeString", f"{day:%Y%m%d}").set("format", "102")


def _put(parent: Element, path: str, words: str | None = None) -> Element:
    for step in path.split("/"):
        parent = SubElement(parent, _named(step))
    parent.text = words
    return parent


def _named(step: str) -> str:
    prefix, name = step.split(":")
    return f"{{{NAMES[prefix]}}}{name}"
