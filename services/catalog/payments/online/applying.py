"""What was read at Stripe, brought into the ledger: what a payment, a dispute or an account is, not what was told.

Each is compared with what is known and only the difference moves, so that nothing depends on the order or the number of
notices. The worker alone runs this: its role writes what pages may only read.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Machine
from services.catalog.audit.commands import note
from services.catalog.payments.commands import keep_moves, kept_step
from services.catalog.payments.models import Settlement, Told
from services.catalog.payments.online import moving
from services.catalog.payments.online.calling import begin
from services.catalog.payments.online.models import OnlinePayment, Stake, What
from services.catalog.payments.online.queries import (
    account_named,
    account_of,
    call_that_made,
    calls_about,
    payment_named,
    settlement_of_anybody,
)
from services.catalog.payments.online.seen import AccountSeen, Bank, CheckoutSeen, DisputeSeen, PaymentSeen, Step
from services.catalog.payments.online.till import refund, reversal, transfer

log = structlog.get_logger(__name__)


async def apply_checkout(session: AsyncSession, seen: CheckoutSeen, now: datetime) -> None:
    """One that is over leads nowhere; its payment is what matters."""
    if not seen.is_open and (call := await call_that_made(session, What.CHECKOUT, seen.session_id)) is not None:
        call.ends_at = min(call.ends_at or now, now)
    if seen.payment is not None:
        await apply_payment(session, seen.payment, now)


async def apply_payment(session: AsyncSession, seen: PaymentSeen, now: datetime) -> None:
    """Bring a payment's state and its refunds into the ledger; one that is not ours changes nothing."""
    settlement = await settlement_of_anybody(session, seen.settlement_id) if seen.settlement_id else None
    if settlement is None:
        log.info("stripe_payment_of_nobody", intent=seen.intent_id)
        return
    payment = await payment_named(session, seen.intent_id) or _first_seen(session, seen, now)
    if _is_older(payment, seen):
        return
    payment.step, payment.failure, payment.url = seen.step, seen.failure[:500], seen.url
    payment.charge_id, payment.held_until, payment.updated_at = seen.charge_id, seen.held_until, now
    payment.means = seen.means
    payment.transfer_id = payment.transfer_id or seen.transfer_id
    match seen.step:
        case Step.UNDERWAY | Step.HELD:
            await _charge(session, settlement, payment, now)
        case Step.PAID:
            await _receive(session, settlement, payment, now)
            await _refund(session, settlement, payment, seen, now)
        case Step.FAILED | Step.AWAITED:
            await _fail(session, settlement, payment, now)


def _first_seen(session: AsyncSession, seen: PaymentSeen, now: datetime) -> OnlinePayment:
    assert seen.settlement_id is not None  # noqa: S101 - its caller looked it up
    payment = OnlinePayment(
        intent_id=seen.intent_id, settlement_id=seen.settlement_id, cents=seen.cents, fee_cents=seen.fee_cents,
        is_separate=seen.is_separate, means=seen.means, step=seen.step, stake=Stake.NONE, charge_id="", transfer_id="",
        refunded_cents=0, fee_refunded_cents=0, bank=None, contested_cents=0, failure="", url="", held_until=None,
        made_at=now, updated_at=now,
    )  # fmt: skip
    session.add(payment)
    return payment


def _is_older(payment: OnlinePayment, seen: PaymentSeen) -> bool:
    """What is paid stays paid: another reading was quicker."""
    return payment.step is Step.PAID and seen.step is not Step.PAID


async def _charge(session: AsyncSession, settlement: Settlement, payment: OnlinePayment, now: datetime) -> bool:
    """Let the settlement count on a payment; False when nothing is owed, or not so much."""
    if payment.stake is Stake.CHARGED:
        return True
    if payment.stake is not Stake.NONE or not settlement.is_open or settlement.cents != payment.cents:
        return False
    payment.stake = Stake.CHARGED
    told = moving.charge(settlement, payment.means, now)
    await _step(session, settlement, settlement.payer_id, told, now=now, action="settlement.charged", payment=payment)
    return True


async def _receive(session: AsyncSession, settlement: Settlement, payment: OnlinePayment, now: datetime) -> None:
    if payment.stake in (Stake.RECEIVED, Stake.SURPLUS):
        return
    if not await _charge(session, settlement, payment, now):
        await _give_surplus_back(session, settlement, payment, now)
        return
    payment.stake = Stake.RECEIVED
    told = moving.receive(settlement, payment.fee_cents, now, is_held=payment.is_separate)
    await _step(session, settlement, settlement.payee_id, told, now=now, action="settlement.received", payment=payment)
    if payment.is_separate:
        account = await account_of(session, settlement.payee_id)
        if account is None:
            raise LookupError(f"{settlement.payee_id} is paid and has no account")
        await begin(
            session, What.TRANSFER, settlement.id, organisation_id=settlement.payee_id, now=now,
            parameters=transfer(payment, settlement, account.account_id),
            number=len(await calls_about(session, settlement.id, What.TRANSFER)) + 1,
        )  # fmt: skip


async def _give_surplus_back(
    session: AsyncSession, settlement: Settlement, payment: OnlinePayment, now: datetime
) -> None:
    """It was paid twice, or when nothing was owed, or another amount: all of it goes back."""
    payment.stake = Stake.SURPLUS
    await keep_moves(session, settlement.id, settlement.sides.overpay(payment.cents), now)
    await _note(session, settlement, settlement.payer_id, "settlement.surplus", payment)
    await begin_back(session, What.REFUND, settlement, refund(payment, payment.cents), now)


async def begin_back(
    session: AsyncSession, what: What, settlement: Settlement, parameters: dict[str, Any], now: datetime
) -> None:
    """Begin a refund or a reversal, the next of its kind about a settlement."""
    number = len(await calls_about(session, settlement.id, what)) + 1
    await begin(
        session, what, settlement.id, organisation_id=settlement.payee_id, parameters=parameters, now=now, number=number
    )


async def _refund(
    session: AsyncSession, settlement: Settlement, payment: OnlinePayment, seen: PaymentSeen, now: datetime
) -> None:
    """What came back since; what a bank sent back again is with the payee, or the platform, as before."""
    more = seen.refunded_cents - payment.refunded_cents
    if more <= 0 or payment.bank is Bank.LOST:
        return
    if payment.stake is Stake.SURPLUS:
        await keep_moves(session, settlement.id, settlement.sides.overpay(-more), now)
        payment.refunded_cents = seen.refunded_cents
        return
    fee = payment.fee_part(more) if payment.is_separate else seen.fee_refunded_cents - payment.fee_refunded_cents
    payment.refunded_cents, payment.fee_refunded_cents = seen.refunded_cents, payment.fee_refunded_cents + fee
    told = moving.refund(settlement, more, fee, now)
    await _step(session, settlement, settlement.payee_id, told, now=now, action="settlement.refunded", payment=payment)


async def _fail(session: AsyncSession, settlement: Settlement, payment: OnlinePayment, now: datetime) -> None:
    if payment.stake is not Stake.CHARGED:
        return
    payment.stake = Stake.NONE
    told = moving.fail(settlement, now)
    await _step(session, settlement, settlement.payer_id, told, now=now, action="settlement.failed", payment=payment)


async def apply_dispute(session: AsyncSession, seen: DisputeSeen, now: datetime) -> None:
    """Bring what a payer's bank takes, gives again or keeps into the ledger."""
    payment = await payment_named(session, seen.intent_id)
    if payment is None or seen.bank is None or payment.stake is not Stake.RECEIVED:
        return
    settlement = await settlement_of_anybody(session, payment.settlement_id)
    if settlement is None or payment.bank in (Bank.WON, Bank.LOST):
        return
    if payment.bank is None:
        payment.bank, payment.contested_cents = Bank.OPEN, seen.cents
        told = moving.contest(settlement, seen.cents, now)
        await _step(
            session, settlement, settlement.payer_id, told, now=now, action="settlement.contested", payment=payment
        )
    if seen.bank is not Bank.OPEN:
        await _decide(session, settlement, payment, seen, now)


async def _decide(
    session: AsyncSession, settlement: Settlement, payment: OnlinePayment, seen: DisputeSeen, now: datetime
) -> None:
    won = seen.bank is Bank.WON
    payment.bank = seen.bank
    fee = 0 if won else payment.fee_part(seen.cents)
    if not won:
        asked = reversal(payment, seen.cents)
        del asked["metadata"]["refund_cents"]
        if not payment.is_separate:
            # A destination charge was passed on whole, and the fee taken of it.
            asked["amount"] = seen.cents
            if payment.fee_cents:
                asked["refund_application_fee"] = True
        await begin_back(session, What.REVERSAL, settlement, asked, now)
    told = moving.decide(settlement, seen.cents, fee, now, won=won)
    await _step(session, settlement, settlement.payer_id, told, now=now, action="settlement.decided", payment=payment)


async def apply_account(session: AsyncSession, seen: AccountSeen, now: datetime) -> None:
    """What an account may do now, and what is still asked of it."""
    account = await account_named(session, seen.account_id)
    if account is None or (account.standing, account.asked) == (seen.standing, seen.asked):
        return
    account.standing, account.asked, account.updated_at = seen.standing, seen.asked, now
    await note(
        session, None, account.organisation_id, "payment-account.changed", about=account.organisation_id,
        standing=seen.standing,
    )  # fmt: skip


async def _step(
    session: AsyncSession,
    settlement: Settlement,
    organisation_id: UUID,
    told: Told,
    *,
    now: datetime,
    action: str,
    payment: OnlinePayment,
) -> None:
    await kept_step(
        session, Machine(organisation_id), settlement, told, action=action, now=now, payment=payment.intent_id
    )


async def _note(
    session: AsyncSession, settlement: Settlement, organisation_id: UUID, action: str, payment: OnlinePayment
) -> None:
    agreement = str(settlement.agreement_id)
    await note(
        session, None, organisation_id, action, about=settlement.id, agreement=agreement, payment=payment.intent_id
    )
