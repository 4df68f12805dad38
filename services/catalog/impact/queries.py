"""Every question asked of what came of exchanges."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from services.catalog.impact.models import Entry, Exchange
from shared.events.impact import Measure
from shared.territory.territories import Territory

# Takings and agreements record what they count for, so what counts knows neither.
STILL_CONFIRMED = text("""
    SELECT id FROM takings WHERE id = ANY(:ids) AND state = 'confirmed'
    UNION SELECT id FROM agreements WHERE id = ANY(:ids) AND state = 'completed'
""")
OF_TERRITORY = text("SELECT * FROM territory_impact(:epcis, :communes, :without, :since, :until)")


class Span(NamedTuple):
    """Days of confirmation, both ends included."""

    since: date
    until: date


class Total(NamedTuple):
    """What some figures of one measure and level come to, over how many exchanges; None where it is not said."""

    measure: str
    level: str | None
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    exchanges: int | None


class Way(NamedTuple):
    """How a kind of figure came about: its method, and the source and version of what it was multiplied by."""

    measure: Measure
    method: str
    source: str
    source_version: str


def _theirs(organisation_id: UUID) -> ColumnElement[bool]:
    return or_(Exchange.organisation_id == organisation_id, Exchange.partner_id == organisation_id)


def _within(span: Span) -> ColumnElement[bool]:
    return Exchange.confirmed_on.between(span.since, span.until)


async def totals_of(session: AsyncSession, organisation_id: UUID, span: Span) -> list[Total]:
    """An organisation's sums by measure and level; what has no weight is counted in none."""
    columns = (func.sum(Entry.value), func.sum(Entry.low), func.sum(Entry.high), func.count())
    query = (
        select(Entry.measure, Entry.level, *columns)
        .join(Entry.exchange)
        .where(_theirs(organisation_id), _within(span), Entry.superseded_at.is_(None), Entry.value.is_not(None))
        .group_by(Entry.measure, Entry.level)
    )
    return [Total(*row) for row in await session.execute(query)]


async def territory_totals(session: AsyncSession, territory: Territory, span: Span) -> list[Total]:
    """A territory's sums for its coordinators; a line of fewer than three organisations says none of its figures."""
    about = {"since": span.since, "until": span.until}
    sets = {"epcis": territory.epcis, "communes": territory.communes, "without": territory.without}
    rows = await session.execute(OF_TERRITORY, {**about, **{name: sorted(codes) for name, codes in sets.items()}})
    return [Total(row.measure, row.level, row.value, row.low, row.high, row.exchanges) for row in rows]


def _with_entries() -> Select[Exchange]:
    sides = (joinedload(Exchange.organisation), joinedload(Exchange.partner))
    return select(Exchange).options(*sides, selectinload(Exchange.entries))


async def exchanges_of(
    session: AsyncSession, organisation_id: UUID, span: Span, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Exchange]:
    """An organisation's confirmed exchanges with what they count for, the latest id first."""
    query = _with_entries().where(_theirs(organisation_id), _within(span))
    if before is not None:
        query = query.where(Exchange.id < before)
    return (await session.scalars(query.order_by(Exchange.id.desc()).limit(limit))).all()


async def entries_of(
    session: AsyncSession, organisation_id: UUID, span: Span, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Entry]:
    """An organisation's standing figures with their exchanges, the newest first; `before` is the last id before."""
    sides = joinedload(Entry.exchange).options(joinedload(Exchange.organisation), joinedload(Exchange.partner))
    query = select(Entry).join(Entry.exchange).options(sides)
    query = query.where(_theirs(organisation_id), _within(span), Entry.superseded_at.is_(None))
    if before is not None:
        query = query.where(Entry.id < before)
    return (await session.scalars(query.order_by(Entry.id.desc()).limit(limit))).all()


async def ways_of(session: AsyncSession, organisation_id: UUID, span: Span) -> list[Way]:
    """In which ways an organisation's standing figures came about, each once."""
    query = select(Entry.measure, Entry.method, Entry.source, Entry.source_version).join(Entry.exchange).distinct()
    query = query.where(_theirs(organisation_id), _within(span), Entry.superseded_at.is_(None))
    return [Way(*row) for row in await session.execute(query)]


async def exchange_seen_by(session: AsyncSession, exchange_id: UUID, organisation_id: UUID) -> Exchange | None:
    """What one exchange counts for, to its two sides."""
    return await session.scalar(_with_entries().where(Exchange.id == exchange_id, _theirs(organisation_id)))


async def years_of(session: AsyncSession, organisation_id: UUID) -> Sequence[int]:
    """The years in which something of an organisation's was confirmed, the latest first."""
    year = func.extract("year", Exchange.confirmed_on)
    query = select(year).where(_theirs(organisation_id)).distinct().order_by(year.desc())
    return [int(each) for each in await session.scalars(query)]


async def recorded(session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[Exchange]:
    """Exchanges by id with their standing figures, locked: nobody else computes them anew meanwhile."""
    query = select(Exchange).options(selectinload(Exchange.entries)).order_by(Exchange.id).limit(limit)
    if after is not None:
        query = query.where(Exchange.id > after)
    return (await session.scalars(query.with_for_update(of=Exchange))).all()


async def last_versions(session: AsyncSession, exchange_id: UUID) -> dict[str, int]:
    """The last version of each figure of an exchange, whether or not it stands."""
    query = select(Entry.measure, func.max(Entry.version)).where(Entry.exchange_id == exchange_id)
    return {row[0]: row[1] for row in await session.execute(query.group_by(Entry.measure))}


async def still_confirmed(session: AsyncSession, exchanges: Iterable[Exchange]) -> set[UUID]:
    """Which of these exchanges are confirmed still."""
    return set(await session.scalars(STILL_CONFIRMED, {"ids": [each.id for each in exchanges]}))
