"""Agreements of the cast, from a choice to an end that both said, and what the two sides write each other."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from playwright.async_api import Page

from services.catalog.payments.models import settlement_id_of
from shared.clock import day_of, now

Send = Callable[..., Awaitable[dict[str, Any]]]

TITLE = "Vingt-cinq bureaux à monter et à régler, avec reprise des emballages le jour même"
LINE = {"what": "Montage d'un bureau", "quantity": "25", "unit": "bureau", "price_cents": 3200}
MILESTONES = [
    {"label": "Visite des locaux", "due_on": "2027-01-12"},
    {"label": "Montage terminé et emballages repris", "due_on": "2027-01-29"},
]


SAID = (
    ("supplier", "Bonjour, le monte-charge passe-t-il des caisses de 120 × 80 ? Nous viendrons à deux."),
    ("buyer", "Oui, jusqu’à 300 kg. Demandez le badge à l’accueil, entrée rue des Arts : https://exemple.fr/acces"),
    (
        "supplier",
        "Entendu.\n\nLe plan de montage :\n- lundi : le premier étage\n- mardi : le second\n\n"
        "Référence du réapprovisionnementinterdépartementaldesélectroencéphalographes : à confirmer.",
    ),
)


async def agree(send: Send, pages: Mapping[str, Page], found: dict[str, str]) -> None:
    """Four needs, each with a chosen proposal; three agreements follow: to be signed, running, completed by both.

    The two sides have read what they wrote about the completed one, not all of what waits to be signed.
    """
    buyer, supplier = pages["buyer"], pages["supplier"]
    for name in ("chosen_proposal", "agreed", "running", "completed"):
        need = {"kind": "procurement", "categories": ["catering"], "place": "Montaudran", "title": TITLE}
        need_id = (await send(buyer, "/api/v1/needs", **need))["id"]
        await send(buyer, f"/api/v1/needs/{need_id}/publish")
        said = {"need_id": need_id, "valid_until": "2099-12-31", "starts_on": "2027-01-11", "ends_on": "2027-01-29"}
        proposal = (await send(supplier, "/api/v1/proposals", lines=[LINE], **said))["id"]
        await send(buyer, f"/api/v1/proposals/{proposal}/accept", reason="social")
        found[name] = proposal
        if name == "chosen_proposal":
            continue
        order = {"nature": "order", "purchase_order": "BC-2027-0142", "place": "12 rue des Arts, Montaudran"}
        order |= {"starts_on": "2027-01-11", "ends_on": "2027-01-29"}
        made = await send(buyer, "/api/v1/agreements", proposal_id=proposal, milestones=MILESTONES, **order)
        found[name], found[f"{name}_exchange"] = made["id"], proposal
        if name != "agreed":
            await _sign(send, (supplier, buyer), made)
            await send(supplier, f"/api/v1/agreements/{made['id']}/milestones", number=1)
    for page in (supplier, buyer):
        await send(page, f"/api/v1/agreements/{found['completed']}/complete")
    await _pay(send, pages, found)
    for name in ("agreed", "completed"):
        for who, words in SAID:
            await send(pages[who], f"/api/v1/exchanges/{found[f'{name}_exchange']}/messages", words=words)


async def _pay(send: Send, pages: Mapping[str, Page], found: dict[str, str]) -> None:
    """What the running one makes due is to be paid; of the completed one the buyer says that it was.

    The supplier gave the buyer a mandate to bill, took it back, and gave another.
    """
    today = day_of(now()).isoformat()
    for name in ("running", "completed"):
        found[f"{name}_settlement"] = str(settlement_id_of(UUID(found[name]), milestone=0))
    paid = f"/api/v1/settlements/{found['completed_settlement']}"
    billed = await send(pages["supplier"], f"{paid}/bill", invoice="F-2026-118", invoiced_on=today, vat_cents=16_000)
    mandates = "/api/v1/billing-mandates"
    first = await send(pages["supplier"], mandates, payer_id=billed["payer_id"])
    await send(pages["supplier"], f"{mandates}/{first['id']}/end")
    await send(pages["supplier"], mandates, payer_id=billed["payer_id"])
    await send(pages["buyer"], f"{paid}/declare", means="transfer", paid_on=today, reference="VIR 2026-4711")


async def _sign(send: Send, sides: Iterable[Page], agreement: Mapping[str, Any]) -> None:
    signing = {"document_sha256": agreement["documents"]["fr"], "has_read": True}
    for page in sides:
        await send(page, f"/api/v1/agreements/{agreement['id']}/sign", **signing)
