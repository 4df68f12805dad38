"""Record what a confirmed exchange counts for, in the transaction that confirms it: there is no moment between."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.agreements.models import Agreement
from services.catalog.impact.factors import factors
from services.catalog.impact.facts import Amount, ExchangeFacts, SideFacts
from services.catalog.impact.models import Exchange, entry_of
from services.catalog.impact.queries import need_of
from services.catalog.impact.reckoning import HourPrice, Reckoned, reckon
from services.catalog.organisations.models import Organisation, OrganisationRole
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import Figure, figure_of
from services.catalog.parameters.queries import figures_of
from services.catalog.takings.models import Taking
from shared.clock import day_of
from shared.events.impact import ExchangeKind
from shared.messaging.outbox import record
from shared.territory.place import Place


async def record_taking(session: AsyncSession, taking: Taking, now: datetime) -> None:
    """Record a taking that both its sides confirmed; recorded already, nothing happens. Its flow is loaded."""
    exchange = await exchange_of_taking(session, taking, now)
    if exchange is not None:
        await record_exchange(session, exchange, now)


async def record_agreement(session: AsyncSession, agreement: Agreement, now: datetime) -> None:
    """Record an agreement that both its sides completed; recorded already, nothing happens."""
    exchange = await exchange_of_agreement(session, agreement, now)
    if exchange is not None:
        await record_exchange(session, exchange, now)


async def exchange_of_taking(session: AsyncSession, taking: Taking, now: datetime) -> Exchange | None:
    """A confirmed taking with its facts, not kept yet; None where no figure counts."""
    counted = taking.counted
    holder, taker = await _sides(session, taking.organisation_id, taking.taker_id)
    if counted is None or holder is None or taker is None:
        return None
    flow = taking.flow
    facts = ExchangeFacts(
        kind=ExchangeKind.TAKING,
        confirmed_on=day_of(taking.updated_at),
        holder=_side(holder),
        partner=_side(taker),
        categories=tuple(flow.categories),
        counted=Amount(value=counted.value, unit=taking.quantity_unit),
        basis=counted.basis,
        level=taking.level,
        is_free=flow.price_cents == 0,
    )
    made = _exchange(facts, flow.title, flow.place or holder.place, now)
    made.id = taking.id
    made.taking_id, made.organisation_id, made.partner_id = taking.id, holder.id, taker.id
    return made


async def exchange_of_agreement(session: AsyncSession, agreement: Agreement, now: datetime) -> Exchange | None:
    """A completed agreement with its facts, not kept yet."""
    buyer, supplier = await _sides(session, agreement.buyer_id, agreement.supplier_id)
    need, content = await need_of(session, agreement.need_id), agreement.content
    if buyer is None or supplier is None or agreement.completed_at is None:
        return None
    facts = ExchangeFacts(
        kind=ExchangeKind.AGREEMENT,
        confirmed_on=day_of(agreement.completed_at),
        holder=_side(buyer),
        partner=_side(supplier),
        categories=tuple(need.categories) if need else (),
        nature=content.nature,
        total_cents=content.total_cents,
        lines=tuple(Amount(value=line.quantity, unit=line.unit) for line in content.lines),
    )
    made = _exchange(facts, content.title, (need.place if need else None) or buyer.place, now)
    made.id = agreement.id
    made.agreement_id, made.organisation_id, made.partner_id = agreement.id, buyer.id, supplier.id
    return made


async def record_exchange(
    session: AsyncSession, exchange: Exchange, now: datetime, *, figures: list[Reckoned] | None = None
) -> bool:
    """Keep it with all it counts for, and tell of it; False when it is kept already, whoever was first."""
    if figures is None:
        figures = reckon(exchange.facts, factors(), await hour_price(session, exchange.confirmed_on))
    events = exchange.told(figures, now)
    row = {each.key: getattr(exchange, each.key) for each in inspect(Exchange).column_attrs}
    kept = insert(Exchange).values(row).on_conflict_do_nothing().returning(Exchange.id)
    if await session.scalar(kept) is None:
        return False
    session.add_all(entry_of(exchange, figure, version=1, now=now) for figure in figures)
    await session.flush()
    await record(session, *events)
    return True


async def hour_price(session: AsyncSession, on: date) -> HourPrice | None:
    """What an hour of inclusion work costs on a day, by the table of parameters; None where nobody said."""
    return price_among(await figures_of(session, Code.INSERTION_HOUR), on)


def price_among(figures: Iterable[Figure], on: date) -> HourPrice | None:
    """The same, of what was read of the table."""
    found = figure_of(figures, Code.INSERTION_HOUR, on=on)
    if found is None or not found.value:
        return None
    version = f"{Code.INSERTION_HOUR}/{found.valid_from}/{found.set_at:%Y-%m-%dT%H:%M}"
    return HourPrice(found.value, found.source, version)


async def _sides(session: AsyncSession, one: UUID, other: UUID) -> tuple[Organisation | None, Organisation | None]:
    return await organisation_by_id(session, one), await organisation_by_id(session, other)


def _exchange(facts: ExchangeFacts, title: str, place: Place | None, now: datetime) -> Exchange:
    return Exchange(
        kind=facts.kind,
        taking_id=None,
        agreement_id=None,
        title=title,
        confirmed_on=facts.confirmed_on,
        commune_code=place.commune_code if place else None,
        epci_code=place.epci_code if place else None,
        fact_data=facts.model_dump(mode="json"),
        version=0,
        recorded_at=now,
    )


def _side(organisation: Organisation) -> SideFacts:
    place = organisation.place
    return SideFacts(
        is_ess=OrganisationRole.ESS in organisation.roles,
        kinds=tuple(organisation.legal_entity.kinds),
        epci_code=place.epci_code if place else None,
    )
