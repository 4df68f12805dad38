"""The compiled index of one database: it reads what changed there since it last looked, and then searches in memory.

INVARIANT: the later event of a pair finds the earlier one. Whoever searches holds matching's turn, so all that was
handled before is committed; every row written takes the next number of one sequence inside that turn, so what is new
is what has a higher number than the last one read. The other side's rows only: a search never looks for its own.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.index.compiled import snapshot
from services.matching.index.compiled.encoding import row_of_demand, row_of_supply
from services.matching.index.compiled.rack import Rack
from services.matching.index.compiled.rules import rules_of
from services.matching.index.compiled.searching import Engine, Hits
from services.matching.index.shelf import Kept, Shelf, demand_shelf, supply_shelf
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import weights
from shared.clock import day_of
from shared.database import Database, now_of
from shared.database.statement import Speaker, Statement
from shared.observability.pulse import in_turns

# A need that a thousand suppliers fit has no use for the next one; all of them are counted.
MOST, MISSES = 1000, 50
# As many of those that changed as one statement brings.
AT_ONCE = 500

# Always a row, which tells when rows were last taken away; what changed comes beside it.
NEW = """
    SELECT l.lost, s.* FROM (SELECT coalesce(max(changed), 0) AS lost FROM losses) l LEFT JOIN LATERAL (
        SELECT changed, digest, id, {searched} AS is_searched, state::text AS state FROM {side}
        WHERE changed > :seen ORDER BY changed LIMIT :most
    ) s ON true ORDER BY s.changed
"""
NEW_SUPPLIES = Statement(NEW.format(side="supplies", searched="status <> 'withdrawn' AND digest <> 0"))
NEW_DEMANDS = Statement(NEW.format(side="demands", searched="status = 'open'"))
# By id, which has an index: nothing but the index in memory asks for digests.
SUPPLY_STATES = Statement("SELECT digest, state::text AS state FROM supplies WHERE id = ANY(CAST(:ids AS uuid[]))")
DEMAND_STATES = Statement("SELECT digest, state::text AS state FROM demands WHERE id = ANY(CAST(:ids AS uuid[]))")


class Foreseen(NamedTuple):
    """The supplies that fit a demand and those that almost do, and what memory held when it was asked."""

    fitting: Sequence[Supply]
    missing: Sequence[Supply]
    engine: Engine
    seen: int


class Market:
    """Both sides in memory, and how far each has been read."""

    def __init__(self, *, at_once: int = AT_ONCE) -> None:
        self.at_once = at_once
        # One reader at a time: what another one read before would overwrite what this one reads after.
        self._reading = asyncio.Lock()
        self.begin_again()

    def begin_again(self, lost: int | None = None) -> None:
        """Hold nothing; `lost` is when rows were last taken away, as far as is known."""
        self.engine = Engine(rules_of(weights()))
        self.supplies_seen = self.demands_seen = 0
        self.lost = lost

    async def read_supplies(self, session: Speaker) -> int:
        """Take in some of the supplies that changed; returns how many, `at_once` when there may be more."""
        async with self._reading:
            rows = await self._changed(session, NEW_SUPPLIES, self.supplies_seen)
            async for row in in_turns(rows):
                self._put_supply(row)
                self.supplies_seen = row.changed
        return len(rows)

    async def read_demands(self, session: AsyncSession) -> int:
        """Take in some of the demands that changed; returns how many, `at_once` when there may be more."""
        async with self._reading:
            rows = await self._changed(session, NEW_DEMANDS, self.demands_seen)
            async for row in in_turns(rows):
                self._put_demand(row)
                self.demands_seen = row.changed
        return len(rows)

    async def tidy(self) -> None:
        """Lay rows side by side again once many came or went, beside: searches go on, what changes is read after."""
        for side in ("supplies", "demands"):
            async with self._reading:
                rack: Rack = getattr(self.engine, side)
                if rack.is_untidy:
                    setattr(self.engine, side, await asyncio.to_thread(rack.side_by_side))

    async def save(self, folder: Path, *, of: str) -> None:
        """Write it to a folder, beside: searches go on, what changes is read after; `of` names the database."""
        async with self._reading:
            seen = {"supplies": self.supplies_seen, "demands": self.demands_seen, "lost": self.lost or 0}
            writing = asyncio.create_task(asyncio.to_thread(snapshot.save, self.engine, folder, seen, of=of))
            try:
                await asyncio.shield(writing)
            finally:
                # A thread goes on when its job is called off, and nothing may change while it reads.
                await asyncio.wait([writing])

    def foresee(self, demand: Demand, *, today: date) -> Foreseen | None:
        """The supplies that fit a demand or almost do, of each the best first, unless the database knows more; None
        where memory lacks what a supply says.
        """
        hits = self.engine.supplies_for(demand, today=today, most=MOST, misses=MISSES)
        tags = self.engine.supplies.tags[hits.slots].tolist()
        known = supply_shelf.take(tags)
        if len(known) < len(tags):
            return None
        supplies, fit = list(known.values()), len(hits.matches)
        return Foreseen(supplies[:fit], supplies[fit:], self.engine, self.supplies_seen)

    async def _changed(self, session: Speaker, new: Statement, seen: int) -> list[Any]:
        rows = await new.fetch(session, seen=seen, most=self.at_once)
        if rows[0].lost != self.lost:
            # Somebody took rows away, which no number tells of: everything is read anew.
            self.begin_again(rows[0].lost)
            if seen:
                rows = await new.fetch(session, seen=0, most=self.at_once)
        return [row for row in rows if row.changed is not None]

    def _put_supply(self, row: Any) -> None:
        if not row.is_searched:
            self.engine.supplies.remove(row.id)
        elif self.engine.supplies.tag_of(row.id) != row.digest:
            supply = _decoded(supply_shelf, row)
            self.engine.supplies.add(row_of_supply(supply, self.engine.numbering), tag=row.digest)

    def _put_demand(self, row: Any) -> None:
        if not row.is_searched:
            self.engine.demands.remove(row.id)
        elif self.engine.demands.tag_of(row.id) != row.digest:
            demand = _decoded(demand_shelf, row)
            self.engine.demands.add(row_of_demand(demand, self.engine.numbering), tag=row.digest)


_markets: WeakKeyDictionary[object, Market] = WeakKeyDictionary()


def market_of(session: AsyncSession) -> Market:
    """The one market of the database that a session speaks to."""
    return _market_at(session.sync_session.get_bind())


def market_at(database: Database) -> Market:
    """The same for who holds the database itself."""
    return _market_at(database.bind)


def _market_at(bind: object) -> Market:
    if bind not in _markets:
        _markets[bind] = Market()
    return _markets[bind]


class CompiledIndex:
    """Finds exactly what `judge` accepts, the best thousand of it; the caller judges these for their reasons."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._market = market_of(session)

    async def candidates(self, demand: Demand) -> Sequence[Supply]:
        """The supplies that fit a demand or almost do, of each the best first."""
        engine = await self.with_supplies()
        hits = engine.supplies_for(demand, today=self._today, most=MOST, misses=MISSES)
        tagged = _tagged(hits, engine.supplies)
        known = await self.supplies_tagged(tagged)
        return [known[tag] for tag in tagged]

    async def holds(self, foreseen: Foreseen) -> bool:
        """Whether the database knew no more; asked by whoever has matching's turn."""
        return await self.with_supplies() is foreseen.engine and self._market.supplies_seen == foreseen.seen

    async def with_supplies(self) -> Engine:
        """The index in memory, when it knows of every supply that is committed."""
        while await self._market.read_supplies(self._session) == self._market.at_once:
            pass
        return self._market.engine

    async def supplies_tagged(self, tagged: Mapping[int, UUID]) -> dict[int, Supply]:
        """Supplies by the tags of their rows, given with their ids; who holds no lock may find that one has changed
        and is not there.
        """
        return await _read(self._session, supply_shelf, SUPPLY_STATES, tagged)

    async def demands_for(self, supply: Supply) -> Sequence[Demand]:
        """The open demands that a supply fits or almost does."""
        while await self._market.read_demands(self._session) == self._market.at_once:
            pass
        engine = self._market.engine
        hits = engine.demands_for(supply, today=self._today, most=MOST, misses=MISSES)
        tagged = _tagged(hits, engine.demands)
        known = await _read(self._session, demand_shelf, DEMAND_STATES, tagged)
        return [known[tag] for tag in tagged]

    @property
    def _today(self) -> date:
        return day_of(now_of(self._session))


def _tagged(hits: Hits, rack: Rack) -> dict[int, UUID]:
    """The tags of the hits, best first, with their ids."""
    return dict(zip(rack.tags[hits.slots].tolist(), rack.ids_of(hits.slots), strict=True))


def _decoded(shelf: Shelf[Kept], row: Any) -> Kept:
    if shelf.missing([row.digest]):
        shelf.add({row.digest: row.state})
    return shelf.take([row.digest])[row.digest]


async def _read(
    session: AsyncSession, shelf: Shelf[Kept], states: Statement, tagged: Mapping[int, UUID]
) -> dict[int, Kept]:
    if missing := shelf.missing(tagged):
        rows = await states.fetch(session, ids=[tagged[digest] for digest in missing])
        shelf.add({row.digest: row.state for row in rows})
    return shelf.take(tagged)
