"""Paying online, for programs: the page where a settlement is paid, refunds, and the account that one is paid on."""

from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody

from services.catalog.payments.online.counter import opened_checkout, opened_onboarding, refuse_others
from services.catalog.payments.online.holding import release_held, take_held
from services.catalog.payments.online.queries import account_of
from services.catalog.payments.online.till import refund_online
from services.catalog.payments.schemas import Checkout, GivingBackOnline, PaymentAccountOut, SettlementOut
from shared.web.pages import Req
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import ONCE, SEEN


@post("/settlements/{settlement_id:uuid}/pay", status_code=200, dependencies=SEEN)
async def pay(request: Req, session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID]) -> Checkout:
    """Open a page of Stripe's for what is owed, as who pays; the one that is open already is that one."""
    return Checkout.of(await opened_checkout(request, editor, settlement_id=settlement_id, now=now, asked=session))


@post("/settlements/{settlement_id:uuid}/hold", status_code=200, dependencies=SEEN)
async def hold(request: Req, session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID]) -> Checkout:
    """The same, by a card that is taken only once both say that all is done, or `capture` says so."""
    return Checkout.of(
        await opened_checkout(request, editor, settlement_id=settlement_id, now=now, holds=True, asked=session)
    )


@post("/settlements/{settlement_id:uuid}/capture", status_code=200, dependencies=SEEN)
async def capture(session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID]) -> SettlementOut:
    """Take what one's card holds, as who pays; Stripe says when it is done."""
    done = await take_held(session, editor, settlement_id=settlement_id, now=now)
    return SettlementOut.of(done, editor.organisation_id)


@post("/settlements/{settlement_id:uuid}/release", status_code=200, dependencies=SEEN)
async def release(session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID]) -> SettlementOut:
    """Let the card go, as who was to be paid; it is owed as before."""
    done = await release_held(session, editor, settlement_id=settlement_id, now=now)
    return SettlementOut.of(done, editor.organisation_id)


@post("/settlements/{settlement_id:uuid}/refund", status_code=200, dependencies=SEEN)
async def refund(
    session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID], data: JSONBody[GivingBackOnline]
) -> SettlementOut:
    """Give some of an online payment back, as who was paid; Stripe sends it."""
    done = await refund_online(session, editor, data, settlement_id=settlement_id, now=now)
    return SettlementOut.of(done, editor.organisation_id)


@get("/payment-account")
async def read_account(session: Session, member: Member) -> PaymentAccountOut:
    """What one's organisation is paid on, and what Stripe still asks."""
    return PaymentAccountOut.of(await account_of(session, member.organisation_id))


@post("/payment-account", status_code=200, dependencies=ONCE)
async def ask_account(request: Req, session: Session, editor: Editor, now: Now) -> Checkout:
    """Where Stripe asks what it has to know to pay one's organisation; for its owners, open for minutes."""
    refuse_others(editor)
    return Checkout.of(await opened_onboarding(request, editor, now))


ROUTES = [
    Router(
        "/api/v1", route_handlers=[pay, hold, capture, release, refund, read_account, ask_account], tags=["settlements"]
    )
]
