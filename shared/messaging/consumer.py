"""The consumer: pulls a durable, applies each event once with its inbox row in one transaction, then acknowledges."""

import asyncio
import contextlib
import random
import time
from contextlib import AbstractContextManager
from uuid import UUID

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy.exc import SQLAlchemyError

from shared.database import Database
from shared.database.statement import Statement
from shared.events import Envelope, decode
from shared.events.envelope import UnknownType, Unreadable
from shared.fault import failpoint
from shared.messaging.handling import Foretellers, Handler, Handlers, caused_by, read
from shared.messaging.pulling import Pulling
from shared.messaging.quarantine import quarantine
from shared.messaging.tally import Tally, type_of
from shared.messaging.topology import ACK_WAIT, ConsumerSpec
from shared.messaging.transient import is_transient
from shared.messaging.trials import Trials
from shared.observability import traces
from shared.observability.metrics import Metrics
from shared.observability.pulse import beat

log = structlog.get_logger(__name__)

RETRY_DELAYS_S = (1.0, 2.0, 5.0, 10.0, 30.0)
OUTAGE_PAUSE_S = 1.0
# Events that come more often than this are not foretold: with twenty a second the machine has other things to do.
CALM_S = 0.05

RECEIVE = Statement("""
    INSERT INTO inbox (consumer, event_id, stream_seq, outcome) VALUES (:consumer, :event_id, :stream_seq, :outcome)
    ON CONFLICT DO NOTHING RETURNING event_id
""")


class Consumer:
    """Reads one durable for one service until cancelled."""

    def __init__(
        self,
        spec: ConsumerSpec,
        database: Database,
        client: Client,
        handlers: Handlers,
        metrics: Metrics | None = None,
        *,
        foretellers: Foretellers | None = None,
    ) -> None:
        self.spec = spec
        self.name = f"{spec.stream}.{spec.durable}"
        self._database = database
        self._client = client
        self._handlers = handlers
        self._foretellers = foretellers or {}
        # Messages wait or follow each other closely: telling first what is written anyway would cost the others.
        self._is_pressed, self._calm_at = False, 0.0
        self._trials = Trials(database, self.name)
        self._tally = Tally(self.name, metrics or Metrics())
        self.applied = 0

    async def run(self) -> None:
        """Pull, handle, acknowledge; the subscription is renewed whenever it ends."""
        while True:
            beat()
            try:
                pulling = await Pulling.start(self._client, self.spec)
                try:
                    await self._follow(pulling)
                finally:
                    await pulling.close()
            except nats.errors.Error as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    # A client that closes tells a waiting reader so, even one that was just told to stop.
                    raise asyncio.CancelledError from error
                log.warning("consumer_lost_broker", consumer=self.name, error=repr(error))
                await asyncio.sleep(OUTAGE_PAUSE_S)

    async def _follow(self, pulling: Pulling) -> None:
        async for message in pulling.messages():
            if message is not None:
                await self._receive(message, pulling)
            beat()

    async def _receive(self, message: Msg, pulling: Pulling) -> None:
        """Decide what becomes of one message; the answer to the broker comes last, and losing it is harmless."""
        self._tally.delivered(message)
        self._is_pressed = not pulling.is_empty or time.monotonic() < self._calm_at
        lease = asyncio.create_task(self._extend_lease(message))
        try:
            if self.spec.patience_s and pulling.is_empty:
                await asyncio.sleep(self.spec.patience_s)
            await failpoint("consumer.received", self.spec.service)
            delay = await self._settle(message)
        except asyncio.CancelledError:
            # Who comes next gets it first, at once: after its lease it would come behind newer ones.
            pulling.put_back(message)
            await self._trials.survived(message)
            raise
        finally:
            lease.cancel()
        await failpoint("consumer.committed", self.spec.service)
        with contextlib.suppress(nats.errors.Error):
            await (message.ack() if delay is None else message.nak(delay=delay))
        await failpoint("consumer.acknowledged", self.spec.service)

    async def _settle(self, message: Msg) -> float | None:
        """Apply or quarantine; None means done, a number asks for redelivery after so many seconds."""
        try:
            if not await self._trials.may_begin(message):
                await self._quarantine(message, reason="the process died with it each time")
            else:
                await self._timed(message)
        except Unreadable as error:
            await self._quarantine(message, reason=f"unreadable: {error}")
        except Exception as error:
            if is_transient(error):
                log.warning("consumer_outage", consumer=self.name, error=repr(error))
                await self._trials.survived(message)
                await asyncio.sleep(OUTAGE_PAUSE_S)
                return OUTAGE_PAUSE_S
            return await self._failed(message, error)
        await self._trials.forget(message)
        return None

    async def _timed(self, message: Msg) -> None:
        began, outcome = time.perf_counter(), "failed"
        try:
            with self._traced(message):
                outcome = await self.apply(message)
        except Unreadable:
            outcome = "unreadable"
            raise
        except Exception as error:
            outcome = "outage" if is_transient(error) else "failed"
            raise
        finally:
            self._tally.settled(message, outcome, time.perf_counter() - began)

    def _traced(self, message: Msg) -> AbstractContextManager[object]:
        """A part of the sender's trace; what comes again, however much later, only points at it."""
        if not traces.is_on():
            return traces.nothing()
        sender = (message.headers or {}).get(traces.TRACEPARENT)
        is_first = message.metadata.num_delivered == 1
        return traces.span(
            self.spec.service,
            "consumer",
            f"process {type_of(message.subject)}",
            after=sender if is_first else None,
            link=None if is_first else sender,
            messaging_system="nats",
            messaging_operation_type="process",
            messaging_destination_name=self.spec.stream,
            messaging_consumer_group_name=self.spec.durable,
            messaging_message_id=(message.headers or {}).get("Nats-Msg-Id", ""),
        )

    async def _quarantine(self, message: Msg, *, reason: str, attempts: int = 1) -> None:
        await quarantine(self._database, self.name, message, reason=reason, attempts=attempts)
        self._tally.quarantined()

    async def apply(self, message: Msg) -> str:
        """One transaction: inbox row, effect, own events. A message seen before changes nothing.

        What can be told of it at once is told before, see `Foreteller`.

        Tells what became of it: `applied`, `ignored`, or `repeated`.
        """
        envelope = read(message.data, self._handlers)
        handler = self._handlers.get(type(envelope.data)) if envelope else None
        if envelope and handler:
            handler = await self._foretold(envelope, handler)
        event_id = envelope.id if envelope else _message_id(message)
        async with self._database.sessions.begin() as session:
            fresh = await RECEIVE.scalar(
                session,
                consumer=self.name,
                event_id=event_id,
                stream_seq=message.metadata.sequence.stream,
                outcome="applied" if handler else "ignored",
            )
            if fresh is None:
                return "repeated"
            if handler is None or envelope is None:
                return "ignored"
            with caused_by(envelope):
                await handler(session, envelope.data)
                await failpoint("consumer.applied", self.spec.service)
        self.applied += 1
        self._tally.applied(envelope)
        return "applied"

    async def _foretold(self, envelope: Envelope, handler: Handler) -> Handler:
        foreteller = self._foretellers.get(type(envelope.data))
        if foreteller is None:
            return handler
        self._calm_at = time.monotonic() + CALM_S
        if self._is_pressed:
            return handler
        with caused_by(envelope):
            handler = await foreteller(self._database, envelope.data)
        await failpoint("consumer.foretold", self.spec.service)
        return handler

    async def _failed(self, message: Msg, error: Exception) -> float | None:
        log.exception("consumer_handler_failed", consumer=self.name, subject=message.subject, **_story_of(message))
        try:
            attempts = await self._trials.count_failure(message, error)
            if attempts > len(RETRY_DELAYS_S):
                await self._quarantine(message, reason=repr(error), attempts=attempts)
                await self._trials.forget(message)
                return None
        except (SQLAlchemyError, OSError, TimeoutError):
            return OUTAGE_PAUSE_S
        return RETRY_DELAYS_S[attempts - 1] * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret

    async def _extend_lease(self, message: Msg) -> None:
        while True:
            await asyncio.sleep(ACK_WAIT.total_seconds() / 3)
            with contextlib.suppress(nats.errors.Error):
                await message.in_progress()


def _story_of(message: Msg) -> dict[str, str]:
    """Which event, what it belongs to, what caused it: for a line about it."""
    try:
        envelope = decode(message.data)
    except (Unreadable, UnknownType):
        return {"event_id": (message.headers or {}).get("Nats-Msg-Id", "")}
    story = {"event_id": str(envelope.id), "correlation_id": str(envelope.correlationid)}
    return story | ({"causation_id": str(envelope.causationid)} if envelope.causationid else {})


def _message_id(message: Msg) -> UUID:
    try:
        return UUID((message.headers or {}).get("Nats-Msg-Id", ""))
    except ValueError as error:
        raise Unreadable("a message without an id") from error
