"""What else is kept once a call to Stripe is known to be done, or refused, in that same transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Machine
from services.catalog.payments.commands import keep_moves, kept_step
from services.catalog.payments.online import moving
from services.catalog.payments.online.applying import begin_back
from services.catalog.payments.online.calling import Follows
from services.catalog.payments.online.models import CallState, PaymentAccount, StripeCall, What
from services.catalog.payments.online.queries import payment_named, settlement_of_anybody
from services.catalog.payments.online.seen import Standing
from services.catalog.payments.online.till import refund


async def keep_account(session: AsyncSession, call: StripeCall, now: datetime) -> None:
    """The account that was made is its organisation's; what it may do is read from Stripe."""
    if call.state is CallState.DONE:
        session.add(
            PaymentAccount(
                organisation_id=call.about, account_id=call.object_id, standing=Standing.ASKED, asked=[], made_at=now,
                updated_at=now,
            )
        )  # fmt: skip


async def passed_on(session: AsyncSession, call: StripeCall, now: datetime) -> None:
    """What the platform held is with its payee; refused, it stays held and a timer's log says so."""
    settlement = await settlement_of_anybody(session, call.about)
    payment = await payment_named(session, call.parameters["metadata"]["payment"])
    if call.state is not CallState.DONE or settlement is None or payment is None or payment.transfer_id:
        return
    payment.transfer_id = call.object_id
    await keep_moves(session, settlement.id, settlement.sides.pass_on(payment.cents, payment.fee_cents), now)


async def refund_next(session: AsyncSession, call: StripeCall, now: datetime) -> None:
    """Its payee gave back what it got: now its payer gets it."""
    cents = call.parameters["metadata"].get("refund_cents")
    settlement = await settlement_of_anybody(session, call.about)
    payment = await payment_named(session, call.parameters["metadata"]["payment"])
    if cents is None or settlement is None or payment is None:
        return
    if call.state is CallState.DONE:
        await begin_back(session, What.REFUND, settlement, refund(payment, int(cents)), now)
    else:
        await keep_refused(session, call, now)


async def keep_refused(session: AsyncSession, call: StripeCall, now: datetime) -> None:
    """What Stripe will not send back stays with who was paid, who hears of it; what it does send, a notice tells."""
    settlement = await settlement_of_anybody(session, call.about)
    if call.state is not CallState.REFUSED or settlement is None or not settlement.returning_cents:
        return
    payee = Machine(settlement.payee_id)
    told = moving.keep(settlement, now)
    await kept_step(session, payee, settlement, told, action="settlement.refund-refused", now=now)


FOLLOWS: Follows = {
    What.ACCOUNT: keep_account,
    What.TRANSFER: passed_on,
    What.REVERSAL: refund_next,
    What.REFUND: keep_refused,
}
