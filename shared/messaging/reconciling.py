"""Compares what a service published with what each of its readers has in its inbox.

Two passes, each asking the later place second: what is published was in the outbox before it can be in an inbox. Ids
go from one database to the other in batches, and only those without a counterpart come back.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.database import Database
from shared.database.statement import Statement
from shared.messaging.letters import count_open_letters
from shared.messaging.topology import STREAMS, ConsumerSpec, pattern_of

BATCH = 10_000
# A message that fails is tried for 48 s (consumer.RETRY_DELAYS_S) before it becomes a letter.
GRACE_S = 60.0
# Listed by id; beyond that they are counted, so that a lost database does not fill the memory.
LISTED = 1_000

# The outbox is walked in pages of rows, whatever they are: a reader of few subjects would have one statement search it
# to the end.
PAGE = Statement("""
    SELECT max(id) FROM (SELECT id FROM outbox WHERE id > :after ORDER BY id LIMIT :limit) AS page
""")
SENT = Statement("""
    SELECT event_id FROM outbox
    WHERE id > :after AND id <= :upto AND subject ~ ANY(CAST(:patterns AS text[]))
      AND published_at < clock_timestamp() - make_interval(secs => :grace)
    ORDER BY id
""")
# What could not be read has no inbox row, and lies in an open letter without an event's id: the header has it.
NOT_RECEIVED = Statement("""
    SELECT event_id FROM unnest(CAST(:ids AS uuid[])) AS sent (event_id)
    WHERE NOT EXISTS (SELECT FROM inbox WHERE inbox.consumer = :consumer AND inbox.event_id = sent.event_id)
      AND NOT EXISTS (SELECT FROM dead_letter WHERE dead_letter.consumer = :consumer
                      AND dead_letter.event_id IS NULL AND dead_letter.resolved_at IS NULL
                      AND dead_letter.headers ->> 'Nats-Msg-Id' = sent.event_id::text)
""")
DETAILS = Statement("""
    SELECT event_id, subject, stream_seq, created_at AS at FROM outbox
    WHERE event_id = ANY(CAST(:ids AS uuid[])) ORDER BY id
""")
RECEIVED = Statement("""
    SELECT event_id FROM inbox WHERE consumer = :consumer AND event_id > :after ORDER BY event_id LIMIT :limit
""")
NOT_SENT = Statement("""
    SELECT event_id FROM unnest(CAST(:ids AS uuid[])) AS received (event_id)
    WHERE NOT EXISTS (SELECT FROM outbox WHERE outbox.event_id = received.event_id)
""")
EXTRA_DETAILS = Statement("""
    SELECT event_id, NULL AS subject, stream_seq, processed_at AS at FROM inbox
    WHERE consumer = :consumer AND event_id = ANY(CAST(:ids AS uuid[])) ORDER BY event_id
""")


@dataclass(frozen=True)
class Trace:
    """One event on one side only: `at` is when it was recorded, or for an extra one when it was received."""

    event_id: UUID
    subject: str | None
    stream_seq: int | None
    at: datetime


@dataclass
class Traces:
    """Events on one side only: how many, where they lie, and the first `LISTED` of them."""

    count: int = 0
    first_seq: int | None = None
    last_seq: int | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    events: list[Trace] = field(default_factory=list)

    def add(self, rows: Sequence[Any]) -> None:
        """Count these too."""
        found = [Trace(*row) for row in rows]
        self.count += len(found)
        self.events += found[: LISTED - len(self.events)]
        numbers = [trace.stream_seq for trace in found if trace.stream_seq is not None]
        self.first_seq, self.last_seq = _widened(self.first_seq, self.last_seq, numbers)
        self.first_at, self.last_at = _widened(self.first_at, self.last_at, [trace.at for trace in found])


def _widened(low: Any, high: Any, values: list[Any]) -> tuple[Any, Any]:
    everything = [*(each for each in (low, high) if each is not None), *values]
    return (min(everything), max(everything)) if everything else (None, None)


@dataclass(frozen=True)
class Comparison:
    """One reader of one stream: `letters` wait open on its side, known but not applied."""

    spec: ConsumerSpec
    sent: int
    missing: Traces
    extra: Traces
    letters: int


async def compare(spec: ConsumerSpec, *, producer: Database, reader: Database, grace_s: float = GRACE_S) -> Comparison:
    """What was published more than `grace_s` ago and is not in the inbox, and what is there without being told.

    A stream that keeps the last message only has nothing extra: an older contact is erased where it was recorded.
    """
    consumer, missing, extra, sent = f"{spec.stream}.{spec.durable}", Traces(), Traces(), 0
    async for ids in _sent(producer, spec, grace_s):
        sent += len(ids)
        if lost := await _ask(reader, NOT_RECEIVED, ids=ids, consumer=consumer):
            missing.add(await _rows(producer, DETAILS, ids=lost))
    if not _keeps_last_only(spec):
        async for ids in _received(reader, consumer):
            if untold := await _ask(producer, NOT_SENT, ids=ids):
                extra.add(await _rows(reader, EXTRA_DETAILS, ids=untold, consumer=consumer))
    async with reader.sessions() as session:
        letters = await count_open_letters(session, consumer)
    return Comparison(spec, sent, missing, extra, letters)


async def _sent(producer: Database, spec: ConsumerSpec, grace_s: float) -> AsyncIterator[list[UUID]]:
    after, patterns = 0, [pattern_of(subject) for subject in spec.subjects]
    while (upto := (await _ask(producer, PAGE, after=after, limit=BATCH))[0]) is not None:
        yield await _ask(producer, SENT, after=after, upto=upto, patterns=patterns, grace=grace_s)
        after = upto


async def _received(reader: Database, consumer: str) -> AsyncIterator[list[UUID]]:
    after = UUID(int=0)
    while ids := await _ask(reader, RECEIVED, consumer=consumer, after=after, limit=BATCH):
        yield ids
        after = ids[-1]


async def _rows(database: Database, statement: Statement, **values: Any) -> Sequence[Any]:
    async with database.sessions() as session:
        return await statement.fetch(session, **values)


async def _ask(database: Database, statement: Statement, **values: Any) -> list[Any]:
    async with database.sessions() as session:
        return await statement.scalars(session, **values)


def _keeps_last_only(spec: ConsumerSpec) -> bool:
    return any(stream.name == spec.stream and stream.last_only for stream in STREAMS)
