"""Mandates to bill as JSON."""

from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from services.catalog.payments.mandates.commands import end_mandate, give_mandate
from services.catalog.payments.mandates.queries import mandate_seen_by, mandates_of
from services.catalog.payments.mandates.schemas import MandateGiving, MandateOut, Mandates
from services.catalog.payments.mandates.words import words_of
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.pages import Req
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import ONCE, SEEN


@get("/")
async def list_mandates(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Mandates:
    """The mandates to bill that one's organisation gave, or was given, the newest first."""
    rows = await mandates_of(session, member.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    return Mandates(*listed(rows, limit, MandateOut.of))


@get("/{mandate_id:uuid}")
async def read_mandate(session: Session, member: Member, mandate_id: FromPath[UUID]) -> MandateOut:
    """One mandate, to its two sides."""
    return MandateOut.of(await mandate_seen_by(session, mandate_id, member.organisation_id))


@post("/", dependencies=ONCE)
async def create_mandate(
    request: Req, session: Session, editor: Editor, now: Now, data: JSONBody[MandateGiving]
) -> MandateOut:
    """Let who pays write one's invoices in one's name."""
    words = words_of(request)
    return MandateOut.of(await give_mandate(session, editor, payer_id=data.payer_id, words=words, now=now))


@post("/{mandate_id:uuid}/end", status_code=200, dependencies=SEEN)
async def finish_mandate(session: Session, editor: Editor, now: Now, mandate_id: FromPath[UUID]) -> MandateOut:
    """End a mandate, as either of the two; what was billed under it stays."""
    return MandateOut.of(await end_mandate(session, editor, mandate_id=mandate_id, now=now))


ROUTES: list[ControllerRouterHandler] = [
    Router(
        "/api/v1/billing-mandates",
        route_handlers=[list_mandates, read_mandate, create_mandate, finish_mandate],
        tags=["settlements"],
    )
]
