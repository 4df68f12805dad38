"""Offers as JSON."""

from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from services.catalog.offers.commands import (
    draft_offer,
    pause_offer,
    publish_offer,
    resume_offer,
    update_offer,
    withdraw_offer,
)
from services.catalog.offers.queries import offer_seen_by, open_offers
from services.catalog.offers.schemas import OfferDraft, OfferOut
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Editor, Now, Session, Visitor
from shared.web.transactions import ONCE, SEEN


class Offers(Struct, frozen=True):
    """One page of offers; `next` is the cursor of the following one."""

    items: list[OfferOut]
    next: str | None


@get("/")
async def list_offers(
    session: Session,
    kind: FromQuery[str | None] = None,
    takes_material: FromQuery[bool | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Offers:
    """Open offers, newest first."""
    before = place_of(cursor, UUID)
    rows = await open_offers(session, kind=kind, takes_material=takes_material, before=before, limit=limit + 1)
    return Offers(*listed(rows, limit, OfferOut.of))


@get("/{offer_id:uuid}")
async def read_offer(session: Session, visitor: Visitor, offer_id: FromPath[UUID]) -> OfferOut:
    """One offer."""
    return OfferOut.of(await offer_seen_by(session, offer_id, visitor.organisation_id if visitor else None))


@post("/", dependencies=ONCE)
async def create_offer(session: Session, editor: Editor, now: Now, data: JSONBody[OfferDraft]) -> OfferOut:
    """Draft an offer."""
    return OfferOut.of(await draft_offer(session, editor, data, now=now))


@patch("/{offer_id:uuid}", dependencies=SEEN)
async def change_offer(
    session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID], data: JSONBody[OfferDraft]
) -> OfferOut:
    """Replace an offer's fields."""
    return OfferOut.of(await update_offer(session, editor, data, offer_id=offer_id, now=now))


@post("/{offer_id:uuid}/publish", status_code=200, dependencies=SEEN)
async def publish(session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID]) -> OfferOut:
    """Open an offer to be matched."""
    return OfferOut.of(await publish_offer(session, editor, offer_id=offer_id, now=now))


@post("/{offer_id:uuid}/pause", status_code=200, dependencies=SEEN)
async def pause(session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID]) -> OfferOut:
    """Stop an offer being matched for now."""
    return OfferOut.of(await pause_offer(session, editor, offer_id=offer_id, now=now))


@post("/{offer_id:uuid}/resume", status_code=200, dependencies=SEEN)
async def resume(session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID]) -> OfferOut:
    """Have a paused offer matched again."""
    return OfferOut.of(await resume_offer(session, editor, offer_id=offer_id, now=now))


@post("/{offer_id:uuid}/withdraw", status_code=200, dependencies=SEEN)
async def withdraw(session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID]) -> OfferOut:
    """End an offer."""
    return OfferOut.of(await withdraw_offer(session, editor, offer_id=offer_id, now=now))


ROUTES = [
    Router(
        "/api/v1/offers",
        route_handlers=[list_offers, read_offer, create_offer, change_offer, publish, pause, resume, withdraw],
        tags=["offers"],
    )
]
