"""The consumer: pulls a durable, applies each event once with its inbox row in one transaction, then acknowledges."""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database
from shared.database.statement import Statement
from shared.events import Envelope, Event, decode
from shared.events.envelope import Cause, UnknownType, Unreadable, cause
from shared.messaging.quarantine import count_attempt, forget_attempts, quarantine
from shared.messaging.topology import ACK_WAIT, ConsumerSpec
from shared.messaging.transient import is_transient

log = structlog.get_logger(__name__)

BATCH = 64
PULL_EXPIRES_S = 5.0
HEARTBEAT_S = 1.0
RETRY_DELAYS_S = (1.0, 2.0, 5.0, 10.0, 30.0)
# Delivered this often without our counting a failure: each time the process died with it in hand.
MAX_DELIVERIES = 10
OUTAGE_PAUSE_S = 1.0

RECEIVE = Statement("""
    INSERT INTO inbox (consumer, event_id, stream_seq, outcome) VALUES (:consumer, :event_id, :stream_seq, :outcome)
    ON CONFLICT DO NOTHING RETURNING event_id
""")


class Handler(Protocol):
    """Applies one event: writes its effect through `session`, records own events, does no outside I/O."""

    def __call__(self, session: AsyncSession, event: Any, /) -> Awaitable[None]:
        """Run inside the consumer's transaction; raising undoes everything."""


Handlers = Mapping[type[Event], Handler]


class Consumer:
    """Reads one durable for one service until cancelled."""

    def __init__(self, spec: ConsumerSpec, database: Database, client: Client, handlers: Handlers) -> None:
        self.spec = spec
        self.name = f"{spec.stream}.{spec.durable}"
        self._database = database
        self._client = client
        self._handlers = handlers
        self._outstanding = 0
        self._heard_at = 0.0
        self.applied = 0
        self.progressed_at = datetime.now(UTC)

    async def run(self) -> None:
        """Pull, handle, acknowledge; the subscription is renewed whenever it ends."""
        while True:
            try:
                subscription = await self._client.subscribe(self._client.new_inbox(), pending_msgs_limit=4096)
                try:
                    await self._follow(subscription)
                finally:
                    with contextlib.suppress(nats.errors.Error):
                        await subscription.unsubscribe()
            except nats.errors.Error as error:
                log.warning("consumer_lost_broker", consumer=self.name, error=repr(error))
                await asyncio.sleep(OUTAGE_PAUSE_S)

    async def _follow(self, subscription: Subscription) -> None:
        self._outstanding = 0
        while True:
            if self._outstanding <= 0 or time.monotonic() - self._heard_at > 2.5 * HEARTBEAT_S:
                if not self._client.is_connected:
                    await asyncio.sleep(0.1)
                    continue
                await self._pull(subscription.subject)
            try:
                message = await subscription.next_msg(timeout=1)
            except TimeoutError:
                self.progressed_at = datetime.now(UTC)
                continue
            self._heard_at = time.monotonic()
            if await self._is_status(message):
                continue
            self._outstanding -= 1
            if self.spec.patience_s and not subscription.pending_msgs:
                await asyncio.sleep(self.spec.patience_s)
            await self._receive(message)
            self.progressed_at = datetime.now(UTC)

    async def _pull(self, reply: str) -> None:
        request = {
            "batch": BATCH,
            "expires": int(PULL_EXPIRES_S * 1e9),
            "idle_heartbeat": int(HEARTBEAT_S * 1e9),
        }
        await self._client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self.spec.stream}.{self.spec.durable}",
            json.dumps(request).encode(),
            reply=reply,
        )
        self._outstanding, self._heard_at = BATCH, time.monotonic()

    async def _is_status(self, message: Msg) -> bool:
        status = (message.headers or {}).get("Status")
        if status is None:
            return False
        if status != "100":  # 100 is a heartbeat; anything else ends this pull request
            self._outstanding = 0
        if status in ("409", "503"):
            log.warning("consumer_pull_refused", consumer=self.name, status=status)
            await asyncio.sleep(0.2)
        return True

    async def _receive(self, message: Msg) -> None:
        """Decide what becomes of one message; the answer to the broker comes last, and losing it is harmless."""
        lease = asyncio.create_task(self._extend_lease(message))
        try:
            delay = await self._settle(message)
        finally:
            lease.cancel()
        with contextlib.suppress(nats.errors.Error):
            await (message.ack() if delay is None else message.nak(delay=delay))

    async def _settle(self, message: Msg) -> float | None:
        """Apply or quarantine; None means done, a number asks for redelivery after so many seconds."""
        try:
            if message.metadata.num_delivered > MAX_DELIVERIES + len(RETRY_DELAYS_S):
                await quarantine(self._database, self.name, message, reason="the process died with it each time")
                return None
            await self.apply(message)
        except Unreadable as error:
            await quarantine(self._database, self.name, message, reason=f"unreadable: {error}")
        except Exception as error:
            if is_transient(error):
                log.warning("consumer_outage", consumer=self.name, error=repr(error))
                await asyncio.sleep(OUTAGE_PAUSE_S)
                return OUTAGE_PAUSE_S
            return await self._failed(message, error)
        return None

    async def apply(self, message: Msg) -> None:
        """One transaction: inbox row, effect, own events. A message seen before changes nothing."""
        try:
            envelope: Envelope | None = decode(message.data)
        except UnknownType:
            envelope = None
        handler = self._handlers.get(type(envelope.data)) if envelope else None
        event_id = envelope.id if envelope else _message_id(message)
        async with self._database.sessions.begin() as session:
            fresh = await RECEIVE.scalar(
                session,
                consumer=self.name,
                event_id=event_id,
                stream_seq=message.metadata.sequence.stream,
                outcome="applied" if handler else "ignored",
            )
            if fresh is None or handler is None or envelope is None:
                return
            token = cause.set(Cause(envelope.correlationid, envelope.id, envelope.traceparent))
            try:
                await handler(session, envelope.data)
            finally:
                cause.reset(token)
        self.applied += 1

    async def _failed(self, message: Msg, error: Exception) -> float | None:
        log.exception("consumer_handler_failed", consumer=self.name, subject=message.subject)
        try:
            attempts = await count_attempt(self._database, self.name, message, error)
            if attempts > len(RETRY_DELAYS_S):
                await quarantine(self._database, self.name, message, reason=repr(error), attempts=attempts)
                await forget_attempts(self._database, self.name, message)
                return None
        except (SQLAlchemyError, OSError, TimeoutError):
            return OUTAGE_PAUSE_S
        return RETRY_DELAYS_S[attempts - 1] * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret

    async def _extend_lease(self, message: Msg) -> None:
        while True:
            await asyncio.sleep(ACK_WAIT.total_seconds() / 3)
            with contextlib.suppress(nats.errors.Error):
                await message.in_progress()


def _message_id(message: Msg) -> UUID:
    try:
        return UUID((message.headers or {}).get("Nats-Msg-Id", ""))
    except ValueError as error:
        raise Unreadable("a message without an id") from error
