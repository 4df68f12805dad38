"""What becomes due under an agreement, and what its two sides say about it; each step moves the ledger."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import value_of
from services.catalog.parameters.queries import figures_of
from services.catalog.payments.errors import (
    AmountMissing,
    CreditedAnotherDay,
    InvoicedFarAway,
    PaidTooEarly,
    PayeeAlone,
    PayerAlone,
    ReasonMissing,
    VatTooHigh,
)
from services.catalog.payments.ledger import Move
from services.catalog.payments.mandates.errors import MandateMissing
from services.catalog.payments.mandates.queries import mandate_between
from services.catalog.payments.models import Bill, LedgerMove, Settlement, Share, State, Told, settlement_of
from services.catalog.payments.queries import settlement_to_change, settlements_under, siren_of
from services.catalog.payments.schemas import Billing, Crediting, Declaring, Disputing, GivingBack, TakingBack
from services.catalog.vat.errors import VatDiffers
from services.catalog.vat.lines import checked_number, in_euros, line_at, vat_of
from shared.clock import day_of
from shared.database import new_id
from shared.database.versions import ChangedMeanwhile
from shared.messaging.outbox import record

A_YEAR = timedelta(days=366)


async def make_due(
    session: AsyncSession, actor: Actor, shares: Sequence[Share], *, agreement_id: UUID, now: datetime
) -> None:
    """Make due what both sides of an agreement have just signed for; made already, nothing happens."""
    if await settlements_under(session, agreement_id, actor.organisation_id):
        return
    for share in shares:
        settlement = settlement_of(share, agreement_id, now)
        told = settlement.begin(now)
        session.add(settlement)
        await kept_step(session, actor, settlement, told, now=now, action="settlement.due", cents=settlement.cents)


async def void_settlements(session: AsyncSession, actor: Actor, agreement_id: UUID, now: datetime) -> None:
    """Nothing more is owed under an agreement that was cancelled; what was declared or paid stays."""
    for settlement in await settlements_under(session, agreement_id, actor.organisation_id, for_update=True):
        await kept_step(session, actor, settlement, settlement.void(now), now=now, action="settlement.voided")


async def bill_settlement(
    session: AsyncSession,
    biller: Actor,
    billing: Billing,
    *,
    settlement_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Settlement:
    """Name the invoice, and the VAT on it: what is to be paid is known then. Its payer may, under a mandate."""
    settlement = await settlement_of_biller(session, biller, settlement_id, seen)
    if not day_of(settlement.made_at) - A_YEAR <= billing.invoiced_on <= day_of(now) + A_YEAR:
        raise InvoicedFarAway
    highest = value_of(await figures_of(session, Code.VAT_HIGHEST), Code.VAT_HIGHEST, on=billing.invoiced_on)
    if billing.vat > settlement.net_cents * highest / 100:
        raise VatTooHigh(most=f"{highest.normalize():f}", amount=in_euros(settlement.net_cents))
    bill = await _bill_of(session, settlement, billing)
    told = settlement.bill(bill._replace(is_self_billed=biller.organisation_id == settlement.payer_id), now)
    await kept_step(session, biller, settlement, told, now=now, action="settlement.billed", vat_cents=bill.vat_cents)
    return settlement


async def credit_settlement(
    session: AsyncSession,
    biller: Actor,
    crediting: Crediting,
    *,
    settlement_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Settlement:
    """Name the credit note of what was given back or called off; its payer may, under a mandate."""
    settlement = await settlement_of_biller(session, biller, settlement_id, seen)
    _refuse_day(settlement, crediting.credited_on, now, field="credited_on", kind=CreditedAnotherDay)
    told = settlement.credit(crediting.credit_note, crediting.credited_on, biller.organisation_id, now)
    await kept_step(session, biller, settlement, told, now=now, action="settlement.credited")
    return settlement


async def _bill_of(session: AsyncSession, settlement: Settlement, billing: Billing) -> Bill:
    vat, lines = billing.vat, billing.vat_lines
    if billing.vat_rate and not lines:
        lines = [line_at(billing.vat_rate, settlement.net_cents, billing.invoiced_on)]
    elif not lines and vat == settlement.vat_cents:
        # Only the sum is named: the same one again leaves its lines as they were.
        lines = settlement.vat_lines
    if lines:
        vat = vat_of(lines, settlement.net_cents, billing.invoiced_on)
        if billing.vat not in (0, vat):
            refusal = VatDiffers(sum=in_euros(vat))
            refusal.field = "vat_cents" if billing.vat_euros is None else "vat_euros"
            raise refusal
    number = settlement.vat_number
    if billing.vat_number:
        number = checked_number(billing.vat_number, await siren_of(session, settlement.payee_id))
    return Bill(billing.invoice, billing.invoiced_on, vat, lines, number)


async def declare_settlement(
    session: AsyncSession,
    payer: Actor,
    declaring: Declaring,
    *,
    settlement_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Settlement:
    """Say that it was paid; declared alike already, nothing happens."""
    settlement = await settlement_of_payer(session, payer, settlement_id, seen=None)
    said = (declaring.means, declaring.paid_on, declaring.reference)
    if settlement.state is State.DECLARED and said == (settlement.means, settlement.paid_on, settlement.reference):
        return settlement
    _refuse_changed(settlement, seen)
    _refuse_day(settlement, declaring.paid_on, now)
    told = settlement.declare(*said, now)
    await kept_step(session, payer, settlement, told, now=now, action="settlement.declared", means=declaring.means)
    return settlement


async def confirm_settlement(
    session: AsyncSession, payee: Actor, *, settlement_id: UUID, now: datetime, seen: int | None = None
) -> Settlement:
    """Say that the money is there; said already, nothing happens."""
    settlement = await settlement_of_payee(session, payee, settlement_id, seen)
    await kept_step(session, payee, settlement, settlement.confirm(now), now=now, action="settlement.confirmed")
    return settlement


async def dispute_settlement(
    session: AsyncSession,
    payee: Actor,
    disputing: Disputing,
    *,
    settlement_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Settlement:
    """Say that what was declared is not there, and why."""
    settlement = await settlement_of_payee(session, payee, settlement_id, seen)
    if disputing.reason is None:
        raise ReasonMissing
    told = settlement.dispute(disputing.reason, disputing.words, now)
    await kept_step(session, payee, settlement, told, now=now, action="settlement.disputed", reason=disputing.reason)
    return settlement


async def give_back(
    session: AsyncSession,
    payee: Actor,
    giving: GivingBack,
    *,
    settlement_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Settlement:
    """Say that some of what was received was given back."""
    settlement = await settlement_of_payee(session, payee, settlement_id, seen)
    if not giving.cents:
        raise AmountMissing
    _refuse_day(settlement, giving.returned_on, now, field="returned_on")
    told = settlement.give_back(giving.cents, giving.returned_on, giving.reference, now)
    await kept_step(session, payee, settlement, told, now=now, action="settlement.returned", cents=giving.cents)
    return settlement


async def take_back(
    session: AsyncSession,
    payer: Actor,
    taking: TakingBack,
    *,
    settlement_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Settlement:
    """Say that what was given back is there, or that it is not."""
    settlement = await settlement_of_payer(session, payer, settlement_id, seen)
    arrived = taking.arrived
    action = "settlement.refunded" if arrived else "settlement.return-disputed"
    await kept_step(session, payer, settlement, settlement.take_back(now, arrived=arrived), now=now, action=action)
    return settlement


async def settlement_of_payer(session: AsyncSession, actor: Actor, settlement_id: UUID, seen: int | None) -> Settlement:
    """One that its payer changes, locked; raises `PayerAlone`."""
    settlement = await settlement_to_change(session, settlement_id, actor.organisation_id)
    if settlement.payer_id != actor.organisation_id:
        raise PayerAlone
    _refuse_changed(settlement, seen)
    return settlement


async def settlement_of_payee(session: AsyncSession, actor: Actor, settlement_id: UUID, seen: int | None) -> Settlement:
    """One that its payee changes, locked; raises `PayeeAlone`."""
    settlement = await settlement_to_change(session, settlement_id, actor.organisation_id)
    if settlement.payee_id != actor.organisation_id:
        raise PayeeAlone
    _refuse_changed(settlement, seen)
    return settlement


async def settlement_of_biller(
    session: AsyncSession, actor: Actor, settlement_id: UUID, seen: int | None
) -> Settlement:
    """One that its payee changes, or its payer where it may bill in the other's name; raises `MandateMissing`."""
    settlement = await settlement_to_change(session, settlement_id, actor.organisation_id)
    between = {"payee_id": settlement.payee_id, "payer_id": settlement.payer_id}
    if settlement.payer_id == actor.organisation_id and await mandate_between(session, **between) is None:
        raise MandateMissing(name=settlement.payee_name)
    _refuse_changed(settlement, seen)
    return settlement


def _refuse_changed(settlement: Settlement, seen: int | None) -> None:
    if seen is not None and seen != settlement.version:
        raise ChangedMeanwhile


def _refuse_day(
    settlement: Settlement,
    day: date,
    now: datetime,
    field: str = "paid_on",
    kind: type[PaidTooEarly | CreditedAnotherDay] = PaidTooEarly,
) -> None:
    if not day_of(settlement.made_at) <= day <= day_of(now):
        refusal = kind()
        refusal.field = field
        raise refusal


async def kept_step(
    session: AsyncSession,
    actor: Actor,
    settlement: Settlement,
    told: Told,
    *,
    action: str,
    now: datetime,
    **about: Any,
) -> None:
    """Keep the moves of a step, tell of it and note who did it; a step that changed nothing leaves no trace."""
    events, moves = told
    if not events:
        return
    await session.flush()
    await keep_moves(session, settlement.id, moves, now)
    # Whoever reads of it elsewhere has to know that no money moved.
    told_of = {"is_simulated": session.info.get("payments_are_simulated", False)}
    await record(session, *(event.model_copy(update=told_of) for event in events))
    agreement = str(settlement.agreement_id)
    await note(
        session, actor.member_id, actor.organisation_id, action, about=settlement.id, agreement=agreement, **about
    )


async def keep_moves(session: AsyncSession, settlement_id: UUID, moves: Sequence[Move], now: datetime) -> None:
    """Write moves into the ledger, in this transaction."""
    session.add_all(
        LedgerMove(
            id=new_id(),
            settlement_id=settlement_id,
            why=move.why,
            source_kind=move.source.kind,
            source_id=move.source.organisation_id,
            target_kind=move.target.kind,
            target_id=move.target.organisation_id,
            cents=move.cents,
            at=now,
        )
        for move in moves
    )
    await session.flush()
