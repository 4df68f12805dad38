"""Gifts of the cast: one that waits for both sides' words, and one that arrived, with a paper about it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from playwright.async_api import Page

from shared.clock import day_of, now

Send = Callable[..., Awaitable[dict[str, Any]]]

TITLE = "Cent vingt bureaux déclassés, avec leurs caissons et quarante fauteuils à remettre en état"
LINES = [
    {"what": "Bureaux de 160 cm avec caisson", "quantity": "120", "unit": "unité", "price_cents": 0},
    {"what": "Fauteuils réapprovisionnésinterdépartementalement", "quantity": "40", "unit": "unité", "price_cents": 0},
]
GIFTS = "async () => (await (await fetch('/api/v1/gifts')).json()).items.map(each => each.id)"
SIGNED = {"signatory": "Nadia Benali", "capacity": "présidente"}
VALUED = {
    "lines": [{"euros": "5400", "basis": "book"}, {"euros": "1200.50", "basis": "cost"}],
    "words": "Valeur nette comptable au registre des immobilisations, coût de revient des fauteuils.",
    "alone": True,
    "is_unsold": True,
    "counterpart_euros": "150",
    "counterpart_words": "Notre nom sur l’affiche de la remise.",
}


async def give(send: Send, pages: Mapping[str, Page], found: dict[str, str]) -> None:
    """Two gifts of desks from the buyer to the supplier: one promised, one valued, arrived and attested."""
    buyer, supplier = pages["buyer"], pages["supplier"]
    for name in ("gift", "gift_arrived"):
        await _promise(send, buyer, supplier)
        found[name] = (await buyer.evaluate(GIFTS))[0]
    today = day_of(now())
    arrived, found["gift_year"] = found["gift_arrived"], str(today.year)
    profile = {"legal_form": "SAS", "address": "12 rue des Ormes, 31770 Colomiers"}
    await send(buyer, "/api/v1/gifts/profile", **profile)
    theirs = {"legal_form": "Association loi 1901", "address": "3 place du Marché, 31000 Toulouse"}
    await send(supplier, "/api/v1/gifts/profile", **theirs, purpose="Réemployer le mobilier")
    await send(buyer, f"/api/v1/gifts/{arrived}/value", **VALUED)
    said = {"on": today.isoformat(), "received": ["120", "38"], "words": "Deux fauteuils cassés au déchargement."}
    await send(supplier, f"/api/v1/gifts/{arrived}/deliver", **said)
    paper = await send(supplier, "/api/v1/gifts/papers", gift_id=arrived, kind="reception", **SIGNED)
    form = {**SIGNED, "reason": "Un fauteuil de plus a été retrouvé dans le camion."}
    found["gift_paper"] = (await send(supplier, "/api/v1/gifts/replacements", paper_id=paper["id"], **form))["id"]
    declared = {"article": "public_utility", "decision": "Décret du 3 mars 2015, JO n° 54", "decided_on": "2015-03-03"}
    await send(supplier, "/api/v1/eligibility", code="tax_receipts", **declared)


async def _promise(send: Send, buyer: Page, supplier: Page) -> None:
    need = {"kind": "csr", "categories": ["catering"], "place": "Montaudran", "title": TITLE}
    need_id = (await send(buyer, "/api/v1/needs", **need))["id"]
    await send(buyer, f"/api/v1/needs/{need_id}/publish")
    proposed = {"need_id": need_id, "valid_until": "2099-12-31", "lines": LINES}
    proposal = (await send(supplier, "/api/v1/proposals", **proposed))["id"]
    await send(buyer, f"/api/v1/proposals/{proposal}/accept", reason="social")
    made = await send(buyer, "/api/v1/agreements", proposal_id=proposal, nature="gift", given_by="buyer")
    signing = {"document_sha256": made["documents"]["fr"], "has_read": True}
    for page in (supplier, buyer):
        await send(page, f"/api/v1/agreements/{made['id']}/sign", **signing)
