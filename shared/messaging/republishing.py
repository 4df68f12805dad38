"""Lets the relay send again what it had sent: the same events with the same ids, in their order.

Why no reader applies them twice: its inbox knows the ids. Why the broker may swallow them: for the length of a
stream's duplicate window it knows them too, unless the stream was made anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.database import Database
from shared.database.statement import Statement
from shared.messaging.topology import StreamSpec

# Of one commit: a lower id is free to leave before a higher one, so the order per aggregate holds between commits.
BATCH = 5_000

# The longest any of the services' streams remembers an id.
DUPLICATE_WINDOW: timedelta = StreamSpec.duplicate_window

# Within an aggregate ids follow versions: a writer holds the aggregate's row until its commit. An id may be shared by
# two families (a member and its contact), each of which has a newest event.
NO_NEWER = """NOT EXISTS (
    SELECT FROM outbox newer WHERE newer.aggregate_id = o.aggregate_id AND newer.id > o.id
      AND split_part(newer.type, '.', 1) = split_part(o.type, '.', 1)
      AND split_part(newer.type, '.', 2) = split_part(o.type, '.', 2))"""

COUNT = """
SELECT count(*) AS events, coalesce(max(id), 0) AS last,
       count(*) FILTER (WHERE published_at > clock_timestamp() - make_interval(secs => :window)) AS recent
FROM outbox o WHERE published_at IS NOT NULL AND {chosen}
"""
FREE = """
WITH batch AS (
    SELECT id FROM outbox o WHERE id > :after AND id <= :last AND published_at IS NOT NULL AND {chosen}
    ORDER BY id LIMIT :limit FOR UPDATE
), freed AS (
    UPDATE outbox SET published_at = NULL, stream_seq = NULL FROM batch WHERE outbox.id = batch.id RETURNING outbox.id
)
SELECT count(*) AS events, max(id) AS last FROM freed
"""
HELD = Statement("""
    SELECT count(*) FROM outbox o WHERE published_at IS NULL AND parked_at IS NULL
      AND EXISTS (SELECT FROM outbox p WHERE p.aggregate_id = o.aggregate_id AND p.parked_at IS NOT NULL)
""")


@dataclass(frozen=True)
class Choice:
    """Which published events are meant; each of the functions below makes one."""

    chosen: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def statement(self, sql: str) -> Statement:
        """The statement about these events."""
        return Statement(sql.format(chosen=self.chosen))


def recorded_between(since: datetime | None, until: datetime | None) -> Choice:
    """The events recorded from `since` on and before `until`; None is open."""
    far = datetime(9999, 1, 1, tzinfo=UTC)
    values = {"since": since or datetime(1970, 1, 1, tzinfo=UTC), "until": until or far}
    return Choice("created_at >= :since AND created_at < :until", values)


def of_aggregate(aggregate_id: UUID) -> Choice:
    """The whole story of one aggregate."""
    return Choice("aggregate_id = :aggregate", {"aggregate": aggregate_id})


def newest_of_each() -> Choice:
    """The newest event of every aggregate: events carry state, so this is the state of today."""
    return Choice(NO_NEWER)


@dataclass(frozen=True)
class Extent:
    """What a choice amounts to: `recent` were sent within the duplicate window; `last` bounds the choice by id."""

    events: int
    recent: int
    last: int


async def extent(database: Database, choice: Choice) -> Extent:
    """How many events would be sent again, changing nothing."""
    async with database.sessions() as session:
        (row,) = await choice.statement(COUNT).fetch(session, window=DUPLICATE_WINDOW.total_seconds(), **choice.values)
    return Extent(row.events, row.recent, row.last)


async def republish(database: Database, choice: Choice, *, last: int) -> int:
    """Free the events up to the outbox id `last` to be sent again; returns how many.

    Bounded by `last`, because the relay marks the first ones as sent while later ones are still being freed. What is
    on its way for the first time is left alone. Interrupted, it may be run again.
    """
    free, after, events = choice.statement(FREE), 0, 0
    while True:
        async with database.sessions.begin() as session:
            (row,) = await free.fetch(session, after=after, last=last, limit=BATCH, **choice.values)
        if not row.events:
            return events
        after, events = row.last, events + row.events


async def held_back(database: Database) -> int:
    """How many events cannot leave because a dead letter of the relay stops their aggregate."""
    async with database.sessions() as session:
        return int(await HELD.scalar(session))
