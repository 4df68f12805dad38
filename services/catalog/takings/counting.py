"""What a confirmed taking counts for, recorded in the transaction that confirms it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.flows.models import Flow
from services.catalog.impact.commands import both_sides, exchange_of, record_exchange, side_facts
from services.catalog.impact.facts import Amount, ExchangeFacts
from services.catalog.impact.models import Exchange
from services.catalog.organisations.models import Organisation
from services.catalog.takings.models import State, Taking
from shared.clock import day_of
from shared.events.impact import ExchangeKind


async def record_taking(session: AsyncSession, taking: Taking, now: datetime) -> None:
    """Record a taking that both its sides confirmed; recorded already, nothing happens. Its flow is loaded."""
    exchange = await exchange_of_taking(session, taking, now)
    if exchange is not None:
        await record_exchange(session, exchange, now)


async def exchange_of_taking(session: AsyncSession, taking: Taking, now: datetime) -> Exchange | None:
    """A confirmed taking with its facts, not kept yet; None where no figure counts."""
    counted = taking.counted
    holder, taker = await both_sides(session, taking.organisation_id, taking.taker_id)
    if counted is None or holder is None or taker is None:
        return None
    flow = taking.flow
    facts = ExchangeFacts(
        kind=ExchangeKind.TAKING,
        confirmed_on=day_of(taking.updated_at),
        holder=side_facts(holder),
        partner=side_facts(taker),
        categories=tuple(flow.categories),
        counted=Amount(value=counted.value, unit=taking.quantity_unit),
        basis=counted.basis,
        level=taking.level,
        is_free=flow.price_cents == 0,
    )
    made = exchange_of(facts, flow.title, flow.place or holder.place, now)
    made.id = taking.id
    made.taking_id, made.organisation_id, made.partner_id = taking.id, holder.id, taker.id
    return made


async def unrecorded_takings(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Taking]:
    """Confirmed takings that nothing was recorded of: from before there was anything to record them in."""
    missing = and_(Taking.state == State.CONFIRMED, ~select(Exchange.id).where(Exchange.id == Taking.id).exists())
    query = select(Taking).options(
        joinedload(Taking.flow).joinedload(Flow.organisation),
        joinedload(Taking.organisation).joinedload(Organisation.legal_entity),
        joinedload(Taking.taker).joinedload(Organisation.legal_entity),
    )
    query = query.where(missing, *([Taking.id > after] if after else []))
    return (await session.scalars(query.order_by(Taking.id).limit(limit))).all()
