"""The relay: publishes what the outbox holds, in order per aggregate, and marks it.

One relay a service is active at a time: it holds an advisory lock on a connection of its own (a pooled connection
would leak or drop the lock). A second relay could only repeat a message, which the inbox of every consumer ignores.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import PubAck
from nats.js.errors import APIError

from shared.fault import failpoint
from shared.messaging.aside import Aside
from shared.messaging.fresh import Fresh, Unpublished
from shared.messaging.tally import type_of
from shared.messaging.topology import stream_for
from shared.observability import traces
from shared.observability.metrics import Metrics
from shared.observability.pulse import beat

log = structlog.get_logger(__name__)

POLL_S = 0.25
BATCH = 256
CONCURRENCY = 64
# A server that died with a message in hand answers never; a slow one may store it yet, and knows the id when it comes
# again.
PUBLISH_TIMEOUT_S = 2.0
# Marks are written together: a synced commit for each event would cost as much as the fact itself. A relay that dies
# before marking publishes those again with the same ids, which the broker and every inbox ignore.
MARK_AFTER_S, MARK_AT = 0.1, 512
LOCK_RETRY_S = 1.0
# On which a relay without the lock tells the one that has it that there is something to publish.
CHANNEL = "outbox_filled"
# The same number in every replica of a service; another database has locks of its own.
LOCK_KEY = 0x626F75636C65

# JetStream: "message size exceeds maximum allowed"; a NATS server's own limit raises MaxPayloadError in the client.
TOO_LARGE = 10054
# "maximum bytes exceeded", "maximum messages exceeded", "insufficient storage", "resource limits exceeded".
FULL = {10077, 10078, 10047, 10023}

UNPUBLISHED = """
SELECT event_id, aggregate_id, subject, payload FROM outbox o
WHERE published_at IS NULL AND parked_at IS NULL AND event_id <> ALL($2::uuid[])
  AND aggregate_id <> ALL($3::uuid[]) AND upper(split_part(subject, '.', 1)) <> ALL($4::text[])
  AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.aggregate_id = o.aggregate_id AND p.parked_at IS NOT NULL)
ORDER BY id LIMIT $1
"""
MARK = """
UPDATE outbox SET published_at = clock_timestamp(), stream_seq = done.seq, last_error = NULL
FROM unnest($1::uuid[], $2::bigint[]) AS done(event_id, seq) WHERE outbox.event_id = done.event_id
"""
PARK = "UPDATE outbox SET parked_at = clock_timestamp(), last_error = $2 WHERE event_id = $1"
LETTER = """
INSERT INTO dead_letter (id, consumer, event_id, subject, payload, reason, fingerprint, attempts)
VALUES ($1, 'relay', $1, $2, $3, $4, 'TooLarge', 1)
ON CONFLICT (id) DO UPDATE SET resolved_at = NULL, resolved_by = NULL, last_at = clock_timestamp(),
    attempts = dead_letter.attempts + 1
"""


@dataclass
class _Result:
    """What became of one aggregate's rows in a batch: `published` maps the event to its place in the stream."""

    aggregate_id: UUID
    stream: str
    published: dict[UUID, int] = field(default_factory=dict)
    failed: Unpublished | None = None
    too_large: Unpublished | None = None


class TooLarge(Exception):
    """The broker will never accept this message."""


class Relay:
    """Publishes one service's outbox until cancelled.

    `fresh` brings what commits of this process wrote, and a word that others committed something; the poll finds
    everything else. With patience, commits that follow each other closely are published together.
    """

    def __init__(
        self, dsn: str, client: Client, *, fresh: Fresh, patience_s: float = 0.0, metrics: Metrics | None = None
    ) -> None:
        self._metrics = metrics or Metrics()
        self._dsn = dsn
        self._service = dsn.rsplit("/", 1)[-1]
        self._client = client
        self._jetstream: JetStreamContext = client.jetstream()
        self._fresh = fresh
        self._patience_s = patience_s
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._unmarked: dict[UUID, int] = {}
        self._aggregates_aside: Aside[UUID] = Aside()
        self._streams_aside: Aside[str] = Aside()
        # Of the batch that is under way.
        self._troubled: set[str] = set()
        self.is_leader = False
        self.published = 0
        self._metrics.is_leader.set_function(lambda: float(self.is_leader))

    async def run(self) -> None:
        """Take the lock, publish, and start over on a new connection whenever this one is lost."""
        while True:
            beat()
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
                    # Whatever happened: a connection left open would keep the lock for ever.
                    with contextlib.suppress(Exception):
                        await connection.close(timeout=1)
                    connection.terminate()
                self._unmarked.clear()

    async def _lead(self, connection: "asyncpg.Connection[Any]") -> None:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY):
            beat()
            await self._tell_leader(connection)
        self.is_leader = True
        await connection.add_listener(CHANNEL, lambda *_: self._fresh.add_unseen())
        self._fresh.take()
        asked_at = -POLL_S
        while True:
            rows = self._fresh.take()
            if rows:
                await self._publish_all(connection, self._free(rows))
                self._fresh.done()
            if rows is None or time.monotonic() - asked_at >= POLL_S:
                asked_at = time.monotonic()
                if await self.publish_once(connection):
                    asked_at -= POLL_S
                    continue
            beat()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(MARK_AFTER_S if self._unmarked else POLL_S):
                    await self._fresh.filled.wait()
                await asyncio.sleep(self._patience_s)
                continue
            await self.mark(connection)

    async def _tell_leader(self, connection: "asyncpg.Connection[Any]") -> None:
        """For a second without the lead: what this process commits would wait for the leader's poll otherwise.

        Told after the commit and on this connection: within the writer's transaction it would hold up other commits.
        """
        until = time.monotonic() + LOCK_RETRY_S
        while (left := until - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(self._fresh.filled.wait(), left)
            except TimeoutError:
                return
            self._fresh.take()
            await connection.execute(f"NOTIFY {CHANNEL}")
            self._fresh.done()

    async def publish_once(self, connection: "asyncpg.Connection[Any]") -> bool:
        """Publish one batch of what the database holds; True when there is surely more. `mark` it later."""
        if not self._client.is_connected:
            return False
        aside = self._aggregates_aside.keys(), self._streams_aside.keys()
        found = await connection.fetch(UNPUBLISHED, BATCH, list(self._unmarked), *aside)
        rows = [Unpublished(*row) for row in found]
        self._fresh.forget(rows)
        await self._publish_all(connection, rows)
        return len(rows) == BATCH

    def _free(self, rows: Sequence[Unpublished]) -> list[Unpublished]:
        """Those that nothing keeps from leaving; the database has the others."""
        if not self._client.is_connected:
            return []
        aggregates, streams = self._aggregates_aside.keys(), self._streams_aside.keys()
        return [
            row
            for row in rows
            if row.event_id not in self._unmarked
            and row.aggregate_id not in aggregates
            and stream_for(row.subject) not in streams
        ]

    async def _publish_all(self, connection: "asyncpg.Connection[Any]", rows: Sequence[Unpublished]) -> None:
        by_aggregate: dict[UUID, list[Unpublished]] = defaultdict(list)
        for row in rows:
            by_aggregate[row.aggregate_id].append(row)
        self._troubled.clear()
        if rows:
            await failpoint("relay.before_publish", self._service)
        results = await asyncio.gather(*(self._publish_in_order(each) for each in by_aggregate.values()))
        for result in results:
            self._unmarked |= result.published
            self.published += len(result.published)
        if rows:
            await failpoint("relay.published", self._service)
        self._put_aside(results)
        if len(self._unmarked) >= MARK_AT:
            await self.mark(connection)
        for result in results:
            if result.too_large is not None:
                await self._park(connection, result.too_large)

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
            await failpoint("relay.marked", self._service)

    async def _publish_in_order(self, rows: list[Unpublished]) -> _Result:
        # Serial inside an aggregate, and stopped at its first failure: order is worth more than speed.
        result = _Result(rows[0].aggregate_id, stream_for(rows[0].subject))
        async with self._slots:
            for row in rows:
                if result.stream in self._troubled:
                    break  # the next batch has it: waiting here for one timeout after another would stop all streams
                try:
                    result.published[row.event_id] = await self._timed(row)
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

    async def _timed(self, row: Unpublished) -> int:
        began = time.perf_counter()
        try:
            with traces.span(
                self._service,
                "producer",
                f"send {type_of(row.subject)}",
                after=traces.traceparent_in(row.payload),
                messaging_system="nats",
                messaging_operation_type="send",
                messaging_destination_name=stream_for(row.subject),
                messaging_message_id=row.event_id,
            ):
                ack = await self._publish(row)
        except Exception as error:
            self._metrics.publish_total.labels(outcome_of(error)).inc()
            raise
        self._metrics.publish_seconds.observe(time.perf_counter() - began)
        self._metrics.publish_total.labels("dup" if ack.duplicate else "ok").inc()
        return ack.seq

    async def _publish(self, row: Unpublished) -> PubAck:
        if not self._client.is_connected:
            raise nats.errors.ConnectionClosedError
        stream = stream_for(row.subject)
        try:
            ack = await self._jetstream.publish(
                row.subject,
                row.payload.encode(),
                timeout=PUBLISH_TIMEOUT_S,
                stream=stream,
                headers=traces.headers_with_trace({"Nats-Msg-Id": str(row.event_id)}),
            )
        except nats.errors.MaxPayloadError as error:
            raise TooLarge from error
        except APIError as error:
            if error.err_code == TOO_LARGE:
                raise TooLarge from error
            raise
        if ack.seq <= 0 or ack.stream != stream:
            raise nats.errors.ProtocolError(f"unexpected ack {ack}")
        return ack

    async def _park(self, connection: "asyncpg.Connection[Any]", row: Unpublished) -> None:
        log.error("relay_parked", subject=row.subject, event_id=str(row.event_id))
        async with connection.transaction():
            await connection.execute(PARK, row.event_id, "message too large for the stream")
            await connection.execute(
                LETTER, row.event_id, row.subject, row.payload.encode(), "message too large for the stream"
            )


def outcome_of(error: Exception) -> str:
    """A publish that failed, as it is counted. A refusal comes as silence: its own counter tells them apart."""
    if isinstance(error, TooLarge):
        return "too_large"
    if isinstance(error, APIError):
        return "full" if error.err_code in FULL else "failed"
    return "timeout" if isinstance(error, TimeoutError) else "failed"
