"""Paying a settlement through Stripe, and giving such a payment back: what is asked, for whom, how much."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.payments.commands import kept_step, settlement_of_payee, settlement_of_payer
from services.catalog.payments.errors import (
    AmountMissing,
    BackAlready,
    MoreThanReceived,
    NothingOwed,
    NothingToGiveBack,
    NotOnline,
    NotPassedOn,
    PayeeNotReady,
    TooSmallOnline,
)
from services.catalog.payments.models import Settlement
from services.catalog.payments.online.calling import begin, begin_unless
from services.catalog.payments.online.models import (
    OnlinePayment,
    PaymentAccount,
    Stake,
    StripeCall,
    What,
)
from services.catalog.payments.online.modes import Stripe
from services.catalog.payments.online.moving import ask_back
from services.catalog.payments.online.queries import account_of, calls_about, payments_of, shares_under
from services.catalog.payments.schemas import GivingBackOnline

# Stripe's own limit for euros.
LEAST_CENTS = 50


class Shop(NamedTuple):
    """What a checkout has to know of this installation: its address, and what it keeps of a payment."""

    stripe: Stripe
    public_url: str
    language: str = "fr"

    def fee_of(self, cents: int) -> int:
        """What the platform keeps."""
        return cents * self.stripe.fee_permille // 1000


async def begin_customer(session: AsyncSession, payer: Actor, name: str, now: datetime) -> StripeCall:
    """Who pays, as Stripe knows it; a transfer needs one. Once for each organisation."""
    parameters = {"name": name, "metadata": {"organisation": str(payer.organisation_id)}}
    return await begin_unless(session, What.CUSTOMER, payer.organisation_id, parameters=parameters, now=now)


async def begin_checkout(
    session: AsyncSession,
    shop: Shop,
    payer: Actor,
    *,
    settlement_id: UUID,
    customer: str,
    now: datetime,
    holds: bool = False,
    seen: int | None = None,
) -> StripeCall:
    """The call that opens a checkout; one that is open for the same amount is that one. `holds`: a card, until it is
    done."""
    settlement = await settlement_of_payer(session, payer, settlement_id, seen)
    account = await payable(session, settlement)
    asked = await calls_about(session, settlement.id, What.CHECKOUT)
    if asked and _is_still(asked[0], settlement, now, holds=holds):
        return asked[0]
    is_separate = await shares_under(session, settlement.agreement_id) > 1
    call = await begin(
        session,
        What.CHECKOUT,
        settlement.id,
        organisation_id=payer.organisation_id,
        parameters=_checkout(shop, settlement, account, customer=customer, is_separate=is_separate, holds=holds),
        now=now,
        number=len(asked) + 1,
        is_awaited=True,
    )
    agreement = str(settlement.agreement_id)
    await note(
        session, payer.member_id, payer.organisation_id, "settlement.checkout", about=settlement.id, agreement=agreement
    )
    return call


async def payable(session: AsyncSession, settlement: Settlement) -> PaymentAccount:
    """The account that it is paid to; raises what does not allow it."""
    if not settlement.is_open:
        raise NothingOwed
    if settlement.cents < LEAST_CENTS:
        raise TooSmallOnline(least=f"{LEAST_CENTS / 100:.2f} €".replace(".", ","))
    account = await account_of(session, settlement.payee_id)
    if account is None or not account.is_enabled:
        raise PayeeNotReady(name=settlement.payee_name)
    return account


def _is_still(call: StripeCall, settlement: Settlement, now: datetime, *, holds: bool) -> bool:
    """Whether a checkout that was asked for is the one to go to: same amount and way, and open or about to be."""
    if call.parameters["line_items"][0]["price_data"]["unit_amount"] != settlement.cents:
        return False
    if ("capture_method" in call.parameters["payment_intent_data"]) is not holds:
        return False
    return call.may_be_asked(now) or call.leads_on(now)


def _checkout(
    shop: Shop, settlement: Settlement, account: PaymentAccount, *, customer: str, is_separate: bool, holds: bool
) -> Mapping[str, Any]:
    fee = shop.fee_of(settlement.cents)
    page = f"{shop.public_url}/{shop.language}/payments/{settlement.id}"
    about = {"settlement": str(settlement.id), "agreement": str(settlement.agreement_id)}
    data: dict[str, Any] = {"metadata": about, "transfer_group": str(settlement.agreement_id)}
    if is_separate:
        data["metadata"] = {**about, "separate": "yes", "fee_cents": str(fee)}
    else:
        data["transfer_data"] = {"destination": account.account_id}
        if fee:
            data["application_fee_amount"] = fee
    price = {"currency": "eur", "unit_amount": settlement.cents, "product_data": {"name": settlement.title[:250]}}
    transfer = {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "FR"}}
    means = {
        "allowed_payment_method_types": [*shop.stripe.means],
        "payment_method_options": {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": transfer}},
    }
    if holds:
        # No debit and no transfer can be held.
        data["capture_method"] = "manual"
        means = {"allowed_payment_method_types": ["card"]}
    return {
        "mode": "payment",
        "locale": shop.language,
        "customer": customer,
        "client_reference_id": str(settlement.id),
        "metadata": about,
        "line_items": [{"quantity": 1, "price_data": price}],
        **means,
        "payment_intent_data": data,
        "success_url": f"{page}?checkout=done",
        "cancel_url": page,
    }


async def refund_online(
    session: AsyncSession,
    payee: Actor,
    giving: GivingBackOnline,
    *,
    settlement_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Settlement:
    """Give some of an online payment back: Stripe sends it, the platform its part of the fee."""
    settlement = await settlement_of_payee(session, payee, settlement_id, seen)
    cents = giving.cents
    payment = next((each for each in await payments_of(session, settlement.id) if each.stake is Stake.RECEIVED), None)
    if payment is None or not settlement.is_online:
        raise NotOnline
    if not cents:
        raise AmountMissing
    if settlement.returning_cents:
        raise BackAlready
    if not settlement.kept_cents:
        raise NothingToGiveBack
    if cents > settlement.kept_cents:
        raise MoreThanReceived(most=f"{settlement.kept_cents / 100:.2f} €".replace(".", ","))
    if payment.is_separate and not payment.transfer_id:
        raise NotPassedOn
    told = ask_back(settlement, cents, now)
    await kept_step(session, payee, settlement, told, now=now, action="settlement.refund-asked", cents=cents)
    what = What.REVERSAL if payment.is_separate else What.REFUND
    asked = len(await calls_about(session, settlement.id, what))
    make = reversal if payment.is_separate else refund
    await begin(
        session, what, settlement.id, organisation_id=payee.organisation_id, parameters=make(payment, cents), now=now,
        number=asked + 1,
    )  # fmt: skip
    return settlement


def refund(payment: OnlinePayment, cents: int) -> dict[str, Any]:
    """Of one that went straight to the payee, it and the fee are taken back with it."""
    asked = {"payment_intent": payment.intent_id, "amount": cents, "metadata": _about(payment)}
    if payment.is_separate:
        return asked
    return {**asked, "reverse_transfer": True, **({"refund_application_fee": True} if payment.fee_cents else {})}


def reversal(payment: OnlinePayment, cents: int) -> dict[str, Any]:
    """Of one that was passed on, the payee gives what it got of it; a refund follows."""
    part = payment.fee_part(cents)
    return {
        "to": payment.transfer_id,
        "amount": cents - part,
        "metadata": {**_about(payment), "refund_cents": str(cents), "fee_cents": str(part)},
    }


def transfer(payment: OnlinePayment, settlement: Settlement, account_id: str) -> dict[str, Any]:
    """What the platform passes on of a payment, less its fee."""
    return {
        "amount": payment.cents - payment.fee_cents,
        "currency": "eur",
        "destination": account_id,
        "source_transaction": payment.charge_id,
        "transfer_group": str(settlement.agreement_id),
        "metadata": _about(payment),
    }


def _about(payment: OnlinePayment) -> dict[str, str]:
    return {"settlement": str(payment.settlement_id), "payment": payment.intent_id}
