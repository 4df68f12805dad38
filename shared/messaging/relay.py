"""The relay: publishes what the outbox holds, in order per aggregate, and marks it.

One relay a service is active at a time: it holds an advisory lock on a connection of its own (a pooled connection
would leak or drop the lock). A second relay could only repeat a message, which the inbox of every consumer ignores.
"""

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import APIError

from shared.messaging.topology import stream_for

log = structlog.get_logger(__name__)

POLL_S = 0.25
BATCH = 256
CONCURRENCY = 64
PUBLISH_TIMEOUT_S = 5.0
BACK_OFF_S = 1.0
# Marks are written together: a synced commit for each event would cost as much as the fact itself. A relay that dies
# before marking publishes those again with the same ids, which the broker and every inbox ignore.
MARK_AFTER_S, MARK_AT = 0.1, 512
LOCK_RETRY_S = 1.0
# The same number in every replica of a service; another database has locks of its own.
LOCK_KEY = 0x626F75636C65

# JetStream: "message size exceeds maximum allowed"; a NATS server's own limit raises MaxPayloadError in the client.
TOO_LARGE = 10054

TODO = """
SELECT id, event_id, aggregate_id, subject, payload FROM outbox o
WHERE published_at IS NULL AND parked_at IS NULL AND id <> ALL($2::bigint[])
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
        """Publish one batch; True when there is surely more and all went well. `mark` it later."""
        if not self._client.is_connected:
            return False
        pending = [_Pending(*row) for row in await connection.fetch(TODO, BATCH, list(self._unmarked))]
        if not pending:
            return False
        by_aggregate: dict[UUID, list[_Pending]] = defaultdict(list)
        for row in pending:
            by_aggregate[row.aggregate_id].append(row)
        results = await asyncio.gather(*(self._publish_in_order(rows) for rows in by_aggregate.values()))
        done = [pair for published, _ in results for pair in published]
        self._unmarked |= {row.id: seq for row, seq in done}
        self.published += len(done)
        if len(self._unmarked) >= MARK_AT:
            await self.mark(connection)
        for _, parked in results:
            if parked is not None:
                await self._park(connection, parked)
        if len(done) < len(pending):
            await asyncio.sleep(BACK_OFF_S)
        return len(pending) == BATCH and len(done) == len(pending)

    async def mark(self, connection: "asyncpg.Connection[Any]") -> None:
        """Write down what was published, in one commit."""
        if self._unmarked:
            await connection.execute(MARK, list(self._unmarked), list(self._unmarked.values()))
            self._unmarked.clear()

    async def _publish_in_order(self, rows: list[_Pending]) -> tuple[list[tuple[_Pending, int]], _Pending | None]:
        # Serial inside an aggregate, and stopped at its first failure: order is worth more than speed.
        published: list[tuple[_Pending, int]] = []
        async with self._slots:
            for row in rows:
                try:
                    published.append((row, await self._publish(row)))
                except TooLarge:
                    return published, row
                except (nats.errors.Error, APIError, TimeoutError, OSError) as error:
                    # Whatever was raised, the broker may have stored it: the same id is sent again later.
                    log.warning("relay_publish_unknown", subject=row.subject, error=repr(error))
                    break
        return published, None

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
