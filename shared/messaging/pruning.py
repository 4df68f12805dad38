"""Removes published events that nobody needs any more, and the inbox rows that belong to them.

Needed is: what an aggregate that lasts was last told of, as a whole and since; what is younger than a limit; and
whatever a reader has not received, or has put aside unresolved. The limit is longer than any stream keeps a message,
so no message can come again to an inbox that has forgotten it.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.database import Database
from shared.database.statement import Statement
from shared.events import registry
from shared.messaging.reconciling import LISTED, NOT_SENT, Trace
from shared.messaging.topology import CONSUMERS, STREAMS, ConsumerSpec, pattern_of, publisher_of

KEPT = timedelta(days=90)
# Removed in one transaction: a queue's vacuum and its readers should not notice.
BATCH = 1_000

LONGEST_STREAM: timedelta = max(stream.max_age for stream in STREAMS if stream.max_age is not None)

PAGE = Statement("SELECT max(id) FROM (SELECT id FROM outbox WHERE id > :after ORDER BY id LIMIT :limit) AS page")
# `because` is the event that makes an older one superfluous: a whole one after it, or the end that its aggregate came
# to. It is old enough too, so that what it replaces is not missed while somebody still waits for it.
UNNEEDED = Statement("""
    SELECT o.event_id, o.aggregate_id, o.subject, o.stream_seq, o.created_at AS at, because.event_id AS because,
           because.subject AS because_subject
    FROM outbox o CROSS JOIN LATERAL (
        SELECT newer.event_id, newer.subject FROM outbox newer
        WHERE newer.aggregate_id = o.aggregate_id AND newer.version >= o.version
          AND split_part(newer.type, '.', 1) = split_part(o.type, '.', 1)
          AND split_part(newer.type, '.', 2) = split_part(o.type, '.', 2)
          AND newer.published_at < clock_timestamp() - make_interval(secs => :older)
          AND (newer.version > o.version AND newer.type = ANY(CAST(:whole AS text[]))
               OR newer.type = ANY(CAST(:passing AS text[])) AND NOT EXISTS (
                   SELECT FROM outbox newest WHERE newest.aggregate_id = o.aggregate_id
                     AND newest.version > newer.version
                     AND split_part(newest.type, '.', 1) = split_part(o.type, '.', 1)
                     AND split_part(newest.type, '.', 2) = split_part(o.type, '.', 2)))
        ORDER BY newer.version DESC LIMIT 1
    ) because
    WHERE o.id > :after AND o.id <= :upto AND o.published_at < clock_timestamp() - make_interval(secs => :older)
    ORDER BY o.id
""")
NOT_DONE = Statement("""
    SELECT event_id FROM unnest(CAST(:ids AS uuid[])) AS sent (event_id)
    WHERE NOT EXISTS (SELECT FROM inbox i WHERE i.consumer = :consumer AND i.event_id = sent.event_id
                        AND (i.outcome <> 'quarantined' OR NOT EXISTS (
                            SELECT FROM dead_letter d WHERE d.consumer = :consumer AND d.event_id = sent.event_id
                              AND d.resolved_at IS NULL)))
""")
REMOVE = Statement("""
    DELETE FROM outbox WHERE event_id = ANY(CAST(:ids AS uuid[]))
      AND published_at < clock_timestamp() - make_interval(secs => :older)
""")
OLD_RECEIVED = Statement("""
    SELECT event_id FROM inbox
    WHERE consumer = :consumer AND event_id > :after AND outcome <> 'quarantined'
      AND processed_at < clock_timestamp() - make_interval(secs => :older)
    ORDER BY event_id LIMIT :limit
""")
FORGET = Statement("""
    DELETE FROM inbox WHERE consumer = :consumer AND event_id = ANY(CAST(:ids AS uuid[]))
      AND processed_at < clock_timestamp() - make_interval(secs => :older)
""")


class TooYoung(ValueError):
    """Streams keep messages for longer than that: one could come again to an inbox that has forgotten it."""


@dataclass
class Pruned:
    """What became of one service's outbox: `refused` by reader, the first `LISTED` of each by name."""

    service: str
    removed: int = 0
    forgotten: int = 0
    refused: dict[str, list[Trace]] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)

    def refuse(self, consumer: str, row: Any) -> None:
        """It stays, because that reader has not done with it, or with what replaces it."""
        self.refusals[consumer] = self.refusals.get(consumer, 0) + 1
        listed = self.refused.setdefault(consumer, [])
        if len(listed) < LISTED:
            listed.append(Trace(row.event_id, row.subject, row.stream_seq, row.at))


async def prune(
    service: str,
    *,
    databases: Mapping[str, Database],
    older_than: timedelta = KEPT,
    only_count: bool = False,
) -> Pruned:
    """Remove what nobody needs from one service's outbox, then from its readers' inboxes; safe to interrupt.

    An event goes before its inbox rows: left alone, those would make it look as if it had never been received.
    """
    if older_than <= LONGEST_STREAM:
        raise TooYoung(f"streams keep messages for {LONGEST_STREAM.days} days")
    pruned, older = Pruned(service), older_than.total_seconds()
    readers = [spec for spec in CONSUMERS if publisher_of(spec.stream) == service]
    # Oldest first, and an end leaves last: without it, what came before would seem to be alive.
    staying: set[UUID] = set()
    async for rows in _unneeded(databases[service], older):
        gone = _gone(rows, await _undone(rows, readers, databases), staying, pruned)
        pruned.removed += len(gone)
        if gone and not only_count:
            async with databases[service].sessions.begin() as session:
                await REMOVE.execute(session, ids=gone, older=older)
    for spec in readers:
        pruned.forgotten += await _forget(
            spec, databases[service], databases[spec.service], older=older, only_count=only_count
        )
    return pruned


def _gone(rows: Sequence[Any], undone: Mapping[UUID, set[str]], staying: set[UUID], pruned: Pruned) -> list[UUID]:
    gone = []
    for row in rows:
        is_end = row.because == row.event_id
        waiting = undone.get(row.event_id, set()) | undone.get(row.because, set())
        for consumer in sorted(waiting):
            pruned.refuse(consumer, row)
        if waiting:
            staying.add(row.aggregate_id)
        elif not (is_end and row.aggregate_id in staying):
            gone.append(row.event_id)
    return gone


async def _unneeded(producer: Database, older: float) -> AsyncIterator[Sequence[Any]]:
    kinds = registry().items()
    types = {
        "whole": [name for name, kind in kinds if kind.whole],
        "passing": [name for name, kind in kinds if not kind.lasts],
    }
    after = 0
    while True:
        async with producer.sessions() as session:
            upto = await PAGE.scalar(session, after=after, limit=BATCH)
            if upto is None:
                return
            rows = await UNNEEDED.fetch(session, after=after, upto=upto, older=older, **types)
        if rows:
            yield rows
        after = upto


async def _undone(
    rows: Sequence[Any], readers: Sequence[ConsumerSpec], databases: Mapping[str, Database]
) -> dict[UUID, set[str]]:
    """By event the readers that have not done with it; also of those events which make others superfluous."""
    subjects = {row.event_id: row.subject for row in rows} | {row.because: row.because_subject for row in rows}
    undone: dict[UUID, set[str]] = {}
    for spec in readers:
        consumer, reads = f"{spec.stream}.{spec.durable}", _reads(spec)
        ids = [event_id for event_id, subject in subjects.items() if reads(subject)]
        if not ids:
            continue
        async with databases[spec.service].sessions() as session:
            for event_id in await NOT_DONE.scalars(session, ids=ids, consumer=consumer):
                undone.setdefault(event_id, set()).add(consumer)
    return undone


def _reads(spec: ConsumerSpec) -> Any:
    pattern = re.compile("|".join(pattern_of(subject) for subject in spec.subjects))
    return pattern.match


async def _forget(spec: ConsumerSpec, producer: Database, reader: Database, *, older: float, only_count: bool) -> int:
    """Old inbox rows whose event the outbox does not hold any more."""
    consumer, after, forgotten = f"{spec.stream}.{spec.durable}", UUID(int=0), 0
    while True:
        async with reader.sessions() as session:
            received = await OLD_RECEIVED.scalars(session, consumer=consumer, after=after, older=older, limit=BATCH)
        if not received:
            return forgotten
        async with producer.sessions() as session:
            untold = await NOT_SENT.scalars(session, ids=received)
        if untold and not only_count:
            async with reader.sessions.begin() as session:
                await FORGET.execute(session, consumer=consumer, ids=untold, older=older)
        after, forgotten = received[-1], forgotten + len(untold)
