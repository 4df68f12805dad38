"""Agreements of the cast: one to be signed, one that runs, and a chosen proposal without one."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from playwright.async_api import Page

Send = Callable[..., Awaitable[dict[str, Any]]]

TITLE = "Vingt-cinq bureaux à monter et à régler, avec reprise des emballages le jour même"
LINE = {"what": "Montage d'un bureau", "quantity": "25", "unit": "bureau", "price_cents": 3200}
MILESTONES = [
    {"label": "Visite des locaux", "due_on": "2027-01-12"},
    {"label": "Montage terminé et emballages repris", "due_on": "2027-01-29"},
]


async def agree(send: Send, pages: Mapping[str, Page], found: dict[str, str]) -> None:
    """Three needs, each with a chosen proposal; from two of these an agreement is concluded, and one is signed."""
    buyer, supplier = pages["buyer"], pages["supplier"]
    for name in ("chosen_proposal", "agreed", "running"):
        need = {"kind": "procurement", "categories": ["catering"], "place": "Montaudran", "title": TITLE}
        need_id = (await send(buyer, "/api/v1/needs", **need))["id"]
        await send(buyer, f"/api/v1/needs/{need_id}/publish")
        said = {"need_id": need_id, "valid_until": "2099-12-31", "starts_on": "2027-01-11", "ends_on": "2027-01-29"}
        proposal = (await send(supplier, "/api/v1/proposals", lines=[LINE], **said))["id"]
        await send(buyer, f"/api/v1/proposals/{proposal}/accept", reason="social")
        found[name] = proposal
        if name != "chosen_proposal":
            order = {"nature": "order", "purchase_order": "BC-2027-0142", "place": "12 rue des Arts, Montaudran"}
            made = await send(buyer, "/api/v1/agreements", proposal_id=proposal, milestones=MILESTONES, **order)
            found[name] = made["id"]
    signing = {"document_sha256": made["documents"]["fr"], "has_read": True}
    for page in (supplier, buyer):
        await send(page, f"/api/v1/agreements/{made['id']}/sign", **signing)
    await send(supplier, f"/api/v1/agreements/{made['id']}/milestones", number=1)
