"""Builds a projection again beside the one in use, says what differs, and mends that, while both are read and written.

The table stays: its rights, policies, foreign keys and the statements prepared on it. Rows that are right are not
touched; rows that are wrong or missing are written from the copy, some at a time, each in the transaction that also
does what follows from it. No reader ever sees less than before.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.database import Database
from shared.database.statement import Statement
from shared.messaging.projection import Projection
from shared.messaging.shadow import Shadow
from shared.messaging.transient import is_transient

# Catching up once more is cheap; beyond so many rounds the traffic is faster. The last round is made under the lock.
ROUNDS, FEW = 10, 20
TRIES, PAUSE_S = 10, 0.5


class Difference(NamedTuple):
    """Rows by how they differ from what was told: `wrong`, `missing`, and `untold`, of which nobody ever told."""

    wrong: frozenset[UUID] = frozenset()
    missing: frozenset[UUID] = frozenset()
    untold: frozenset[UUID] = frozenset()

    @property
    def mendable(self) -> list[UUID]:
        """Those that the copy has."""
        return sorted(self.wrong | self.missing)

    def __bool__(self) -> bool:
        return bool(self.wrong or self.missing or self.untold)


@dataclass
class Rebuilt:
    """What a rebuild found: `events` were told again; `found` is what differed and `left` what still does.

    `told` and `kept` are the checksums of the copy and of the table, taken while nobody could write.
    """

    projection: Projection
    events: int = 0
    rows: int = 0
    told: str = ""
    kept: str = ""
    found: Difference = field(default_factory=Difference)
    left: Difference = field(default_factory=Difference)

    @property
    def is_equal(self) -> bool:
        """The table holds what was told, row by row."""
        return self.told == self.kept and not self.left


async def rebuild(
    projection: Projection,
    *,
    producer: Database,
    reader: Database,
    only_compare: bool = False,
    end_untold: bool = False,
) -> Rebuilt:
    """Build, compare, mend, compare again. `reader` is the owner's: only owners make tables.

    `end_untold` also ends the rows of which the producer knows nothing: after a restore of the producer's database
    those may be what it lost, so nobody but a person decides.
    """
    async with _connection_of_its_own(reader) as connection:
        shadow = Shadow(projection, producer=producer, reader=reader, on=connection)
        await shadow.make()
        result = Rebuilt(projection, events=await shadow.feed())
        for _ in range(ROUNDS):
            if await shadow.catch_up() <= FEW:
                break
        mending = _Mending(shadow)
        result.found = await mending.compare(result)
        if result.found and not only_compare:
            await mending.mend(result.found.mendable)
            if end_untold:
                await mending.end(sorted(result.found.untold))
            await mending.compare(result)
        return result


@asynccontextmanager
async def _connection_of_its_own(reader: Database) -> AsyncIterator[AsyncConnection]:
    """One that nobody uses afterwards: its temporary tables would stand before the service's."""
    async with reader.engine.connect() as connection:
        try:
            yield connection
        finally:
            await connection.invalidate()


class _Mending:
    """Brings the table to what the shadow says, in short transactions that keep its writers waiting."""

    def __init__(self, shadow: Shadow) -> None:
        self._shadow = shadow
        self._projection = shadow.projection
        self._sql = _Sql(shadow)

    async def compare(self, result: Rebuilt) -> Difference:
        """Count, hash and compare everything, while nobody writes."""
        async with self._alone() as session:
            found = await self._difference(session, self._sql.differ)
            row = (await self._sql.checksums.fetch(session))[0]
        result.rows, result.told, result.kept, result.left = row.rows, row.told, row.kept, found
        return found

    async def mend(self, ids: Sequence[UUID]) -> None:
        """Write what the shadow has over what the table has, where it still differs, with what follows from that."""
        for some in _chunks(ids, self._projection.chunk):
            async with self._alone() as session:
                keys = (await self._difference(session, self._sql.differ_among, ids=some)).mendable
                await self._sql.write.execute(session, ids=keys)
                await self._follow(session, keys)

    async def end(self, ids: Sequence[UUID]) -> None:
        """End (or remove) rows of which nobody ever told."""
        for some in _chunks(ids, self._projection.chunk):
            async with self._alone() as session:
                keys = sorted((await self._difference(session, self._sql.differ_among, ids=some)).untold)
                await self._sql.end.execute(session, ids=keys)
                await self._follow(session, keys)

    async def _follow(self, session: AsyncSession, ids: Sequence[UUID]) -> None:
        if self._projection.follow is not None and ids:
            # From here to the commit names mean the service's own tables.
            await Statement("SET LOCAL search_path = public, pg_temp").execute(session)
            await self._projection.follow(session, ids)

    async def _difference(self, session: AsyncSession, question: Statement, **values: Any) -> Difference:
        rows = await question.fetch(session, **values)
        untold = [row.id for row in rows if row.what == "untold"]
        # What was told and did not arrive (its inbox row is gone) is no reason to end anything.
        known = await self._shadow.known(untold)
        by = {what: frozenset(row.id for row in rows if row.what == what) for what in ("wrong", "missing")}
        return Difference(**by, untold=frozenset(untold) - known)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[AsyncSession]:
        """A transaction in which nobody else writes the table and the shadow has all that arrived; readers read on."""
        session = self._shadow.sessions()
        try:
            await self._enter(session)
            yield session
            await session.commit()
        finally:
            await session.close()

    async def _enter(self, session: AsyncSession) -> None:
        for more in reversed(range(TRIES)):
            try:
                if self._projection.turn is not None:
                    await self._projection.turn(session)
                await self._sql.lock.execute(session)
                break
            except Exception as error:
                # Somebody wrote for longer than owners wait for a lock.
                await session.rollback()
                if not more or not is_transient(error):
                    raise
                await asyncio.sleep(PAUSE_S)
        await self._shadow.catch_up_within(session)


class _Sql:
    """The statements about one projection and its shadow: `l` is the table in use, `s` its shadow."""

    def __init__(self, shadow: Shadow) -> None:
        projection, key, told = shadow.projection, shadow.key, shadow.told
        table, cache = projection.table, projection.cache_key
        kept, wanted = (f"ROW({', '.join(f'{of}.{each}' for each in told)})" for of in ("l", "s"))
        wrong = f"{kept} IS DISTINCT FROM {wanted}"
        if cache:
            wrong = f"({wrong} OR l.{cache} NOT IN (s.{cache}, {_other(f's.{cache}')}))"
        both = f"public.{table} l FULL JOIN pg_temp.{table} s ON l.{key} = s.{key}"
        differ = f"""
            SELECT coalesce(l.{key}, s.{key}) AS id,
                   CASE WHEN l.{key} IS NULL THEN 'missing' WHEN s.{key} IS NULL THEN 'untold' ELSE 'wrong' END AS what
            FROM {both}
            WHERE (l.{key} IS NULL OR s.{key} IS NULL AND NOT ({projection.ended})
                   OR s.{key} IS NOT NULL AND {wrong})"""
        self.lock = Statement(f"LOCK TABLE public.{table} IN SHARE ROW EXCLUSIVE MODE")
        self.differ = Statement(differ)
        self.differ_among = Statement(f"{differ} AND coalesce(l.{key}, s.{key}) = ANY(CAST(:ids AS uuid[]))")
        # Over the same rows on both sides: those that ended long ago have outlived their events.
        self.checksums = Statement(f"""
            SELECT count(l.{key}) AS rows, {_hash("s", key, wanted)} AS told, {_hash("l", key, kept)} AS kept
            FROM {both} WHERE s.{key} IS NOT NULL OR NOT ({projection.ended})""")
        self.write = Statement(_write(table, key, told, cache))
        ending = f"UPDATE public.{table} SET {projection.end}" if projection.end else f"DELETE FROM public.{table}"
        self.end = Statement(f"{ending} WHERE {key} = ANY(CAST(:ids AS uuid[]))")


def _hash(of: str, key: str, row: str) -> str:
    text = f"md5({of}.{key}::text || {row}::text)"
    return f"md5(coalesce(string_agg({text}, '' ORDER BY {of}.{key}) FILTER (WHERE {of}.{key} IS NOT NULL), ''))"


def _write(table: str, key: str, told: Sequence[str], cache: str | None) -> str:
    columns = [key, *told, *([cache] if cache else [])]
    news = [f"{each} = excluded.{each}" for each in told]
    if cache:
        # Who kept the wrong row in memory, kept it by this key: it must not be found there again.
        other = _other(f"excluded.{cache}")
        news.append(f"{cache} = CASE WHEN l.{cache} = excluded.{cache} THEN {other} ELSE excluded.{cache} END")
    return f"""
        INSERT INTO public.{table} AS l ({", ".join(columns)})
        SELECT {", ".join(columns)} FROM pg_temp.{table} WHERE {key} = ANY(CAST(:ids AS uuid[]))
        ON CONFLICT ({key}) DO UPDATE SET {", ".join(news)}"""


def _other(cache_key: str) -> str:
    """The one other value that the key of a decoded row may have."""
    return f"({cache_key} # 1)"


def _chunks(ids: Sequence[UUID], size: int) -> list[Sequence[UUID]]:
    return [ids[begin : begin + size] for begin in range(0, len(ids), size)]
