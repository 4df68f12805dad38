"""Compute all entries anew from confirmed exchanges and the factors in force: what differs, and why; or keep it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.impact.commands import price_among, record_exchange
from services.catalog.impact.factors import Factor
from services.catalog.impact.models import Entry, Exchange, entry_of
from services.catalog.impact.queries import last_versions, recorded, still_confirmed
from services.catalog.impact.reckoning import Reckoned, reckon
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import Figure
from services.catalog.parameters.queries import figures_of
from shared.database import Database
from shared.events.impact import Measure
from shared.messaging.outbox import record

AT_ONCE = 50


class Confirmed(Protocol):
    """A row that its two sides confirmed."""

    @property
    def id(self) -> UUID:
        """Its id, which becomes its exchange's."""


Row = TypeVar("Row", bound=Confirmed)


@dataclass(frozen=True)
class Kind(Generic[Row]):
    """Confirmed exchanges of a kind: some that nothing was recorded of, after an id, and what is recorded of one."""

    find: Callable[[AsyncSession, UUID | None, int], Awaitable[Sequence[Row]]]
    make: Callable[[AsyncSession, Row, datetime], Awaitable[Exchange | None]]


class Why(StrEnum):
    """Why an entry is not what would be recorded today."""

    MISSING = "missing"
    UNCONFIRMED = "unconfirmed"
    SOURCE = "source"
    RULE = "rule"


class Change(NamedTuple):
    """One figure of one exchange that differs; `old` or `new` is None where there was or would be none."""

    exchange_id: UUID
    measure: Measure
    old: Reckoned | None
    new: Reckoned | None
    why: Why


class Basics(NamedTuple):
    """What figures follow from besides an exchange's facts."""

    factors: Sequence[Factor]
    parameters: Sequence[Figure]


async def recompute(
    database: Database, factors: Sequence[Factor], kinds: Iterable[Kind[Any]], *, now: datetime, keep: bool = False
) -> AsyncIterator[Change]:
    """Every figure that differs, some exchanges a transaction; with `keep` as a new version beside the old one.

    `kinds` find what was confirmed before there was anything to record it in.
    """
    last: UUID | None = None
    while True:
        async with database.sessions.begin() as session:
            basics = Basics(factors, await figures_of(session, Code.INSERTION_HOUR))
            found = await recorded(session, after=last, limit=AT_ONCE)
            confirmed = await still_confirmed(session, found)
            changes = []
            for exchange in found:
                own = list(_changes_of(exchange, basics, is_confirmed=exchange.id in confirmed))
                if own and keep:
                    await _keep(session, exchange, own, now)
                changes += own
        for change in changes:
            yield change
        if len(found) < AT_ONCE:
            break
        last = found[-1].id
    for kind in kinds:
        async for change in _recorded_late(database, factors, kind, now=now, keep=keep):
            yield change


async def _recorded_late(
    database: Database, factors: Sequence[Factor], kind: Kind[Row], *, now: datetime, keep: bool
) -> AsyncIterator[Change]:
    last: UUID | None = None
    while True:
        async with database.sessions.begin() as session:
            basics = Basics(factors, await figures_of(session, Code.INSERTION_HOUR))
            rows = await kind.find(session, last, AT_ONCE)
            changes: list[Change] = []
            for row in rows:
                exchange = await kind.make(session, row, now)
                if exchange is None:
                    continue
                new = _figures(exchange, basics)
                changes += [Change(exchange.id, each.measure, None, each, Why.MISSING) for each in new]
                if keep:
                    await record_exchange(session, exchange, now, figures=new)
        for change in changes:
            yield change
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].id


def _figures(exchange: Exchange, basics: Basics) -> list[Reckoned]:
    return reckon(exchange.facts, basics.factors, price_among(basics.parameters, exchange.confirmed_on))


def _changes_of(exchange: Exchange, basics: Basics, *, is_confirmed: bool) -> Iterator[Change]:
    old = {each.measure: each.reckoned for each in exchange.entries}
    new = {each.measure: each for each in _figures(exchange, basics)} if is_confirmed else {}
    for measure in Measure:
        before, after = old.get(measure), new.get(measure)
        if before != after:
            yield Change(exchange.id, measure, before, after, _why(before, after, is_confirmed=is_confirmed))


def _why(before: Reckoned | None, after: Reckoned | None, *, is_confirmed: bool) -> Why:
    if not is_confirmed:
        return Why.UNCONFIRMED
    versions = {each.source_version for each in (before, after) if each is not None}
    return Why.SOURCE if versions != {""} and (len(versions) > 1 or None in (before, after)) else Why.RULE


async def _keep(session: AsyncSession, exchange: Exchange, changes: Sequence[Change], now: datetime) -> None:
    standing: dict[Measure, Entry] = {each.measure: each for each in exchange.entries}
    versions = await last_versions(session, exchange.id)
    why = {change.measure: change.why for change in changes}
    for measure in why.keys() & standing.keys():
        standing[measure].superseded_at, standing[measure].superseded_for = now, why[measure]
    # The old one stops standing before the new one does.
    await session.flush()
    new = {change.measure: change.new for change in changes if change.new is not None}
    for measure, figure in new.items():
        session.add(entry_of(exchange, figure, version=versions.get(measure, 0) + 1, now=now))
    kept = [each.reckoned for measure, each in standing.items() if measure not in why]
    events = exchange.told([*kept, *new.values()], now)
    await session.flush()
    await record(session, *events)
