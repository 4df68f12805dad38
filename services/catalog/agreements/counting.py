"""What a completed agreement counts for, recorded in the transaction that completes it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.agreements.models import Agreement, AgreementState
from services.catalog.flows.models import Flow
from services.catalog.impact.commands import both_sides, exchange_of, record_exchange, side_facts
from services.catalog.impact.facts import Amount, ExchangeFacts
from services.catalog.impact.models import Exchange
from services.catalog.needs.models import Need
from shared.clock import day_of
from shared.events.impact import ExchangeKind


async def record_agreement(session: AsyncSession, agreement: Agreement, now: datetime) -> None:
    """Record an agreement that both its sides completed; recorded already, nothing happens."""
    exchange = await exchange_of_agreement(session, agreement, now)
    if exchange is not None:
        await record_exchange(session, exchange, now)


async def exchange_of_agreement(session: AsyncSession, agreement: Agreement, now: datetime) -> Exchange | None:
    """A completed agreement with its facts, not kept yet."""
    buyer, supplier = await both_sides(session, agreement.buyer_id, agreement.supplier_id)
    posting, content = await _posting_of(session, agreement), agreement.content
    if buyer is None or supplier is None or agreement.completed_at is None:
        return None
    facts = ExchangeFacts(
        kind=ExchangeKind.AGREEMENT,
        confirmed_on=day_of(agreement.completed_at),
        holder=side_facts(buyer),
        partner=side_facts(supplier),
        categories=tuple(posting.categories) if posting else (),
        of_taking=agreement.taking_id is not None,
        nature=content.nature,
        total_cents=content.total_cents,
        lines=tuple(Amount(value=line.quantity, unit=line.unit) for line in content.lines),
    )
    made = exchange_of(facts, content.title, (posting.place if posting else None) or buyer.place, now)
    made.id = agreement.id
    made.agreement_id, made.organisation_id, made.partner_id = agreement.id, buyer.id, supplier.id
    return made


async def unrecorded_agreements(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Agreement]:
    """Completed agreements that nothing was recorded of."""
    is_new = ~select(Exchange.id).where(Exchange.id == Agreement.id).exists()
    query = select(Agreement).where(Agreement.state == AgreementState.COMPLETED, is_new)
    query = query.where(*([Agreement.id > after] if after else []))
    return (await session.scalars(query.order_by(Agreement.id).limit(limit))).all()


async def _posting_of(session: AsyncSession, agreement: Agreement) -> Need | Flow | None:
    """The need or the flow that it is about, as its two sides may read it."""
    if agreement.flow_id is not None:
        return await session.scalar(select(Flow).where(Flow.id == agreement.flow_id))
    return await session.scalar(select(Need).where(Need.id == agreement.need_id))
