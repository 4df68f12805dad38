"""A second copy of a projection beside the first, made of the producer's outbox and the reader's inbox.

It is a temporary table of the same name: a connection's temporary tables come first where a statement names no schema,
so the service's own statements write there, untouched, and everything is gone when the connection is.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.database import Database
from shared.database.statement import Statement
from shared.events import decode
from shared.messaging.projection import Projection

# Of one transaction: its keepers may hold a lock that the service's own writers wait for.
PAGE, BATCH = 2_000, 50
# No transaction of an application lasts longer than a minute (its role's transaction_timeout): what was received
# before that is seen by now.
MARGIN_S = 120.0

# Whatever an aggregate's newest whole event was told over is not needed.
TOLD = Statement("""
    SELECT id, event_id, aggregate_id, payload::text AS payload FROM outbox o
    WHERE id > :after AND type = ANY(CAST(:types AS text[])) AND NOT EXISTS (
        SELECT FROM outbox newer WHERE newer.aggregate_id = o.aggregate_id AND newer.version > o.version
          AND newer.type = ANY(CAST(:whole AS text[])))
    ORDER BY id LIMIT :limit
""")
STORY = Statement("""
    SELECT id, event_id, aggregate_id, payload::text AS payload FROM outbox
    WHERE aggregate_id = ANY(CAST(:ids AS uuid[])) AND type = ANY(CAST(:types AS text[])) ORDER BY id
""")
ABOUT = Statement("""
    SELECT DISTINCT aggregate_id FROM outbox
    WHERE event_id = ANY(CAST(:ids AS uuid[])) AND type = ANY(CAST(:types AS text[]))
""")
KNOWN = Statement("""
    SELECT DISTINCT aggregate_id FROM outbox
    WHERE aggregate_id = ANY(CAST(:ids AS uuid[])) AND type = ANY(CAST(:types AS text[]))
""")
ARRIVED = Statement("""
    SELECT event_id FROM inbox
    WHERE consumer = :consumer AND event_id = ANY(CAST(:ids AS uuid[])) AND outcome <> 'quarantined'
""")
RECENT = Statement("""
    SELECT event_id FROM inbox
    WHERE consumer = :consumer AND outcome <> 'quarantined'
      AND processed_at > CAST(:since AS timestamptz) - make_interval(secs => :margin)
""")
NOW = Statement("SELECT clock_timestamp()")
COLUMNS = Statement("""
    SELECT a.attname, i.indrelid IS NOT NULL AS is_key FROM pg_attribute a
    LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY(i.indkey)
    WHERE a.attrelid = to_regclass('public.' || quote_ident(:table)) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
""")


class Shadow:
    """The copy, on a connection that may make temporary tables; `key` and `told` are its columns' names."""

    def __init__(self, projection: Projection, *, producer: Database, reader: Database, on: AsyncConnection) -> None:
        self.projection = projection
        self.sessions = reader.sessions_on(on)
        self.key = ""
        self.told: list[str] = []
        self._producer = producer
        self._since: Any = None
        self._seen: set[UUID] = set()

    async def make(self) -> None:
        """Empty, and aware of what arrived lately: only what arrives from now on has to be caught up with."""
        apart = {*self.projection.own, self.projection.cache_key}
        async with self.sessions.begin() as session:
            columns = await COLUMNS.fetch(session, table=self.projection.table)
            (self.key,) = [each.attname for each in columns if each.is_key]
            self.told = [each.attname for each in columns if not each.is_key and each.attname not in apart]
            table = self.projection.table
            await Statement(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING DEFAULTS)").execute(session)
            await Statement(f"ALTER TABLE pg_temp.{table} ADD PRIMARY KEY ({self.key})").execute(session)
            self._since = await NOW.scalar(session)
            self._seen = set(await self._recent(session))

    async def feed(self) -> int:
        """Apply everything told so far; returns how many events that took.

        What is on its way yet may hide what arrived before it: such an aggregate is told from its beginning.
        """
        after, events = 0, 0
        while page := await self._ask(TOLD, after=after, whole=self.projection.whole_types, limit=PAGE):
            after = page[-1].id
            async with self.sessions() as session:
                arrived = await self._arrived(session, page)
            told = [each for each in page if each.event_id in arrived]
            for begin in range(0, len(told), BATCH):
                async with self.sessions.begin() as session:
                    await self._apply(session, told[begin : begin + BATCH])
            await self._retell_in_batches({each.aggregate_id for each in page if each.event_id not in arrived})
            events += len(told)
        return events

    async def catch_up(self) -> int:
        """Apply what arrived since the last time; returns how many events arrived."""
        async with self.sessions() as session:
            fresh = await self._fresh(session)
        await self._retell_in_batches(await self._about(fresh))
        return len(fresh)

    async def catch_up_within(self, session: AsyncSession) -> None:
        """The same in a transaction that keeps the writers waiting, so that nothing can arrive behind it."""
        await self._retell(session, await self._about(await self._fresh(session)))

    async def known(self, ids: Sequence[UUID]) -> set[UUID]:
        """Those of which the producer tells anything, arrived or not."""
        return {row.aggregate_id for row in await self._ask(KNOWN, ids=ids)} if ids else set()

    async def _fresh(self, session: AsyncSession) -> list[UUID]:
        fresh = [each for each in await self._recent(session) if each not in self._seen]
        self._seen.update(fresh)
        return fresh

    async def _recent(self, session: AsyncSession) -> list[UUID]:
        return await RECENT.scalars(session, consumer=self.projection.consumer, since=self._since, margin=MARGIN_S)

    async def _about(self, ids: Sequence[UUID]) -> set[UUID]:
        return {row.aggregate_id for row in await self._ask(ABOUT, ids=ids)} if ids else set()

    async def _retell_in_batches(self, aggregates: set[UUID]) -> None:
        waiting = list(aggregates)
        for begin in range(0, len(waiting), BATCH):
            async with self.sessions.begin() as session:
                await self._retell(session, waiting[begin : begin + BATCH])

    async def _retell(self, session: AsyncSession, aggregates: Collection[UUID]) -> None:
        if not aggregates:
            return
        ids = list(aggregates)
        story = await self._ask(STORY, ids=ids)
        arrived = await self._arrived(session, story)
        table = self.projection.table
        await Statement(f"DELETE FROM pg_temp.{table} WHERE {self.key} = ANY(CAST(:ids AS uuid[]))").execute(
            session, ids=ids
        )
        await self._apply(session, [each for each in story if each.event_id in arrived])

    async def _apply(self, session: AsyncSession, events: Iterable[Any]) -> None:
        for each in events:
            event = decode(each.payload.encode()).data
            await self.projection.keepers[type(event)](session, event)

    async def _arrived(self, session: AsyncSession, events: Sequence[Any]) -> set[UUID]:
        ids = [each.event_id for each in events]
        return set(await ARRIVED.scalars(session, consumer=self.projection.consumer, ids=ids))

    async def _ask(self, statement: Statement, **values: Any) -> Sequence[Any]:
        async with self._producer.sessions() as session:
            return await statement.fetch(session, types=self.projection.types, **values)
