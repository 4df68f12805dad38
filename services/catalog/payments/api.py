"""Settlements as JSON, the moves of each, and what this installation can do."""

from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from services.catalog.payments.commands import (
    bill_settlement,
    confirm_settlement,
    credit_settlement,
    declare_settlement,
    dispute_settlement,
    give_back,
    take_back,
)
from services.catalog.payments.queries import moves_under, settlement_seen_by, settlements_of
from services.catalog.payments.schemas import (
    Billing,
    Capabilities,
    Crediting,
    Declaring,
    Disputing,
    GivingBack,
    MoveOut,
    Moves,
    Payments,
    SettlementOut,
    Settlements,
    TakingBack,
)
from shared.web.cursors import Cursor, Limit, cursor_at, cut, place_of
from shared.web.pages import Req
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import SEEN


@get("/")
async def list_settlements(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Settlements:
    """What one's organisation pays or is paid, the newest first."""
    own = member.organisation_id
    rows = await settlements_of(session, own, before=place_of(cursor, UUID), limit=limit + 1)
    found, last = cut(rows, limit)
    return Settlements([SettlementOut.of(each, own) for each in found], cursor_at(last.id) if last else None)


@get("/{settlement_id:uuid}")
async def read_settlement(session: Session, member: Member, settlement_id: FromPath[UUID]) -> SettlementOut:
    """One settlement, to its two sides."""
    own = member.organisation_id
    return SettlementOut.of(await settlement_seen_by(session, settlement_id, own), own)


@get("/{settlement_id:uuid}/moves")
async def list_moves(
    session: Session, member: Member, settlement_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> Moves:
    """The moves of the ledger that a settlement made, the first one first."""
    settlement = await settlement_seen_by(session, settlement_id, member.organisation_id)
    rows = await moves_under(session, settlement.id, after=place_of(cursor, UUID), limit=limit + 1)
    found, last = cut(rows, limit)
    return Moves([MoveOut.of(each) for each in found], cursor_at(last.id) if last else None)


@post("/{settlement_id:uuid}/bill", status_code=200, dependencies=SEEN)
async def bill(
    session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID], data: JSONBody[Billing]
) -> SettlementOut:
    """Name one's invoice, as who is paid, with its VAT; or, as who pays, the other's, under its mandate."""
    done = await bill_settlement(session, editor, data, settlement_id=settlement_id, now=now)
    return SettlementOut.of(done, editor.organisation_id)


@post("/{settlement_id:uuid}/credit", status_code=200, dependencies=SEEN)
async def credit(
    session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID], data: JSONBody[Crediting]
) -> SettlementOut:
    """Name the credit note for what was given back or called off; as who pays, under a mandate."""
    done = await credit_settlement(session, editor, data, settlement_id=settlement_id, now=now)
    return SettlementOut.of(done, editor.organisation_id)


@post("/{settlement_id:uuid}/declare", status_code=200, dependencies=SEEN)
async def declare(
    session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID], data: JSONBody[Declaring]
) -> SettlementOut:
    """Say, as who pays, that it was paid; who is paid confirms it."""
    done = await declare_settlement(session, editor, data, settlement_id=settlement_id, now=now)
    return SettlementOut.of(done, editor.organisation_id)


@post("/{settlement_id:uuid}/confirm", status_code=200, dependencies=SEEN)
async def confirm(session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID]) -> SettlementOut:
    """Say, as who is paid, that the money is there."""
    done = await confirm_settlement(session, editor, settlement_id=settlement_id, now=now)
    return SettlementOut.of(done, editor.organisation_id)


@post("/{settlement_id:uuid}/dispute", status_code=200, dependencies=SEEN)
async def dispute(
    session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID], data: JSONBody[Disputing]
) -> SettlementOut:
    """Say, as who is paid, that what was declared is not there: it is owed again."""
    done = await dispute_settlement(session, editor, data, settlement_id=settlement_id, now=now)
    return SettlementOut.of(done, editor.organisation_id)


@post("/{settlement_id:uuid}/give-back", status_code=200, dependencies=SEEN)
async def return_money(
    session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID], data: JSONBody[GivingBack]
) -> SettlementOut:
    """Say, as who was paid, that some of it was given back; who paid confirms it."""
    done = await give_back(session, editor, data, settlement_id=settlement_id, now=now)
    return SettlementOut.of(done, editor.organisation_id)


@post("/{settlement_id:uuid}/take-back", status_code=200, dependencies=SEEN)
async def confirm_return(
    session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID], data: JSONBody[TakingBack]
) -> SettlementOut:
    """Say, as who paid, that what was given back is there, or that it is not."""
    done = await take_back(session, editor, data, settlement_id=settlement_id, now=now)
    return SettlementOut.of(done, editor.organisation_id)


@get("/api/v1/capabilities", tags=["about"])
async def read_capabilities(request: Req) -> Capabilities:
    """What this installation can do: how money moves here, and whether it is real money."""
    return _capabilities(request)


@get("/api/capabilities", include_in_schema=False)
async def capabilities(request: Req) -> Capabilities:
    """The same where programs look first, which know no version yet."""
    return _capabilities(request)


def _capabilities(request: Req) -> Capabilities:
    settings = request.app.state.settings
    return Capabilities(payments=Payments(mode=settings.payment_mode, is_live=settings.payments_are_live))


ROUTES: list[ControllerRouterHandler] = [
    Router(
        "/api/v1/settlements",
        route_handlers=[
            list_settlements,
            read_settlement,
            list_moves,
            bill,
            credit,
            declare,
            confirm,
            dispute,
            return_money,
            confirm_return,
        ],
        tags=["settlements"],
    ),
    read_capabilities,
    capabilities,
]
