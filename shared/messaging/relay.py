"""The relay: publishes what the outbox holds, in order per aggregate, and marks it.

One relay a service is active at a time: it holds an advisory lock on a connection of its own (a pooled connection
would leak or drop the lock). A second relay could only repeat a message, which the inbox of every consumer ignores.
"""

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import APIError

from shared.messaging.aside import Aside
from shared.messaging.topology import stream_for

log = structlog.get_logger(__name__)

POLL_S = 0.25
BATCH = 256
CONCURRENCY = 64
PUBLISH_TIMEOUT_S = 5.0
# Marks are written together: a synced commit for each event would cost as much as the fact itself. A relay that dies
# before marking publishes those again with the same ids, which the broker and every inbox ignore.
MARK_AFTER_S, MARK_AT = 0.1, 512
LOCK_RETRY_S = 1.0
# The same number in every replica of a service; another database has locks of its own.
LOCK_KEY = 0x626F75636C65

# JetStream: "message size exceeds maximum allowed"; a NATS server's own limit raises MaxPayloadError in the client.
TOO_LARGE = 10054

UNPUBLISHED = """
SELECT id, event_id, aggregate_id, subject, payload FROM outbox o
WHERE published_at IS NULL AND parked_at IS NULL AND id <> ALL($2::bigint[])
  AND aggregate_id <> ALL($3::uuid[]) AND upper(split_part(subject, '.', 1)) <> ALL($4::text[])
  AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.aggregate_id = o.aggregate_id AND p.parked_at IS NOT NULL)
ORDER BY id LIMIT $1
"""
MARK = """
UPDATE outbox SET published_at = clock_timestamp(), stream_seq = done.seq, last_error = NULL
FROM unnest($1::bigint[], $2::bigint[]) AS done(id, seq) WHERE outbox.id = done.id
"""
PARK = "UPDATE outbox SET parked_at = clock_timestamp(), last_error = $2 WHERE id = $1"
LETTER = """
INSERT INTO dead_letter (id, consumer, event_id, subject, payload, reason, fingerprint, attempts)
VALUES ($1, 'relay', $1, $2, $3, $4, 'TooLarge', 1) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class _Pending:
    id: int
    event_id: UUID
    aggregate_id: UUID
    subject: str
    payload: str


@dataclass
class _Result:
    """What became of one aggregate's rows in a batch: `published` maps the row's id to its place in the stream."""

    aggregate_id: UUID
    stream: str
    published: dict[int, int] = field(default_factory=dict)
    failed: _Pending | None = None
    too_large: _Pending | None = None


class TooLarge(Exception):
    """The broker will never accept this message."""


class Relay:
    """Publishes one service's outbox until cancelled.

    `filled` is set by commits in this process; the poll finds what other processes wrote. With patience, commits that
    follow each other closely are published together.
    """

    def __init__(self, dsn: str, client: Client, *, filled: asyncio.Event, patience_s: float = 0.0) -> None:
        self._dsn = dsn
        self._client = client
        self._jetstream: JetStreamContext = client.jetstream()
        self._filled = filled
        self._patience_s = patience_s
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._unmarked: dict[int, int] = {}
        self._aggregates_aside: Aside[UUID] = Aside()
        self._streams_aside: Aside[str] = Aside()
        # Of the batch that is under way.
        self._troubled: set[str] = set()
        self.is_leader = False
        self.published = 0
        self.progressed_at = datetime.now(UTC)

    async def run(self) -> None:
        """Take the lock, publish, and start over on a new connection whenever this one is lost."""
        while True:
            connection: asyncpg.Connection[Any] | None = None
            try:
                connection = await asyncpg.connect(self._dsn, timeout=5, command_timeout=15)
                await self._lead(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("relay_lost_database", error=repr(error))
                await asyncio.sleep(LOCK_RETRY_S)
            finally:
                self.is_leader = False
                if connection is not None:
                    with contextlib.suppress(Exception):
                        await self.mark(connection)
                        await connection.close(timeout=1)
                self._unmarked.clear()

    async def _lead(self, connection: "asyncpg.Connection[Any]") -> None:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY):  # noqa: ASYNC110 - a lock in PostgreSQL
            await asyncio.sleep(LOCK_RETRY_S)
        self.is_leader = True
        while True:
            self._filled.clear()
            full = await self.publish_once(connection)
            self.progressed_at = datetime.now(UTC)
            if full:
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._filled.wait(), MARK_AFTER_S if self._unmarked else POLL_S)
                await asyncio.sleep(self._patience_s)
                continue
            await self.mark(connection)

    async def publish_once(self, connection: "asyncpg.Connection[Any]") -> bool:
        """Publish one batch; True when there is surely more. `mark` it later."""
        if not self._client.is_connected:
            return False
        aside = self._aggregates_aside.keys(), self._streams_aside.keys()
        pending = [_Pending(*row) for row in await connection.fetch(UNPUBLISHED, BATCH, list(self._unmarked), *aside)]
        if not pending:
            return False
        by_aggregate: dict[UUID, list[_Pending]] = defaultdict(list)
        for row in pending:
            by_aggregate[row.aggregate_id].append(row)
        self._troubled.clear()
        results = await asyncio.gather(*(self._publish_in_order(rows) for rows in by_aggregate.values()))
        for result in results:
            self._unmarked |= result.published
            self.published += len(result.published)
        self._put_aside(results)
        if len(self._unmarked) >= MARK_AT:
            await self.mark(connection)
        for result in results:
            if result.too_large is not None:
                await self._park(connection, result.too_large)
        return len(pending) == BATCH

    def _put_aside(self, results: list[_Result]) -> None:
        # A failing aggregate waits alone; a stream that took nothing of several waits whole, or the rows that cannot
        # leave would fill every batch and hold up the other streams.
        failed: dict[str, list[UUID]] = defaultdict(list)
        for result in results:
            if result.failed is None:
                self._aggregates_aside.take_back(result.aggregate_id)
            else:
                failed[stream_for(result.failed.subject)].append(result.aggregate_id)
        went_well = {result.stream for result in results if result.published}
        for stream in went_well:
            self._streams_aside.take_back(stream)
        for stream, aggregates in failed.items():
            if stream not in went_well and len(aggregates) > 1:
                self._streams_aside.put(stream)
            else:
                for aggregate in aggregates:
                    self._aggregates_aside.put(aggregate)

    async def mark(self, connection: "asyncpg.Connection[Any]") -> None:
        """Write down what was published, in one commit."""
        if self._unmarked:
            await connection.execute(MARK, list(self._unmarked), list(self._unmarked.values()))
            self._unmarked.clear()

    async def _publish_in_order(self, rows: list[_Pending]) -> _Result:
        # Serial inside an aggregate, and stopped at its first failure: order is worth more than speed.
        result = _Result(rows[0].aggregate_id, stream_for(rows[0].subject))
        async with self._slots:
            for row in rows:
                if result.stream in self._troubled:
                    break  # the next batch has it: waiting here for one timeout after another would stop all streams
                try:
                    result.published[row.id] = await self._publish(row)
                except TooLarge:
                    result.too_large = row
                    break
                except (nats.errors.Error, APIError, TimeoutError, OSError) as error:
                    # Whatever was raised, the broker may have stored it: the same id is sent again later.
                    log.warning("relay_publish_unknown", subject=row.subject, error=repr(error))
                    result.failed = row
                    self._troubled.add(result.stream)
                    break
        return result

    async def _publish(self, row: _Pending) -> int:
        if not self._client.is_connected:
            raise nats.errors.ConnectionClosedError
        stream = stream_for(row.subject)
        try:
            ack = await self._jetstream.publish(
                row.subject,
                row.payload.encode(),
                timeout=PUBLISH_TIMEOUT_S,
                stream=stream,
                headers={"Nats-Msg-Id": str(row.event_id)},
            )
        except nats.errors.MaxPayloadError as error:
            raise TooLarge from error
        except APIError as error:
            if error.err_code == TOO_LARGE:
                raise TooLarge from error
            raise
        if ack.seq <= 0 or ack.stream != stream:
            raise nats.errors.ProtocolError(f"unexpected ack {ack}")
        return ack.seq

    async def _park(self, connection: "asyncpg.Connection[Any]", row: _Pending) -> None:
        log.error("relay_parked", subject=row.subject, event_id=str(row.event_id))
        async with connection.transaction():
            await connection.execute(PARK, row.id, "message too large for the stream")
            await connection.execute(
                LETTER, row.event_id, row.subject, row.payload.encode(), "message too large for the stream"
            )
