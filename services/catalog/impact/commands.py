"""Record what a confirmed exchange counts for, in the transaction that confirms it: there is no moment between."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.impact.factors import factors
from services.catalog.impact.facts import ExchangeFacts, SideFacts
from services.catalog.impact.models import Exchange, entry_of
from services.catalog.impact.reckoning import HourPrice, Reckoned, reckon
from services.catalog.organisations.models import Organisation, OrganisationRole
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import Figure, figure_of
from services.catalog.parameters.queries import figures_of
from shared.messaging.outbox import record
from shared.territory.place import Place


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


async def both_sides(session: AsyncSession, one: UUID, other: UUID) -> tuple[Organisation | None, Organisation | None]:
    """The two of an exchange as they are now; None for one that is no more."""
    return await organisation_by_id(session, one), await organisation_by_id(session, other)


def exchange_of(facts: ExchangeFacts, title: str, place: Place | None, now: datetime) -> Exchange:
    """An exchange with its facts, not kept yet; whoever makes it says whose it is."""
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


def side_facts(organisation: Organisation) -> SideFacts:
    """One of the two as it is now."""
    place = organisation.place
    return SideFacts(
        is_ess=OrganisationRole.ESS in organisation.roles,
        kinds=tuple(organisation.legal_entity.kinds),
        epci_code=place.epci_code if place else None,
    )
