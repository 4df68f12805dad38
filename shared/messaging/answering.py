"""Answers what other services ask live: beside the events, as one queue with the replicas, never more than it can."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import ValidationError

from shared.events.event import Facts
from shared.messaging.linked import linked
from shared.messaging.topology import inbox_prefix
from shared.observability import traces
from shared.observability.metrics import Metrics
from shared.observability.signals import Signals
from shared.questions.question import Question, Refusal, Refused, encoded
from shared.settings import ServiceSettings

log = structlog.get_logger(__name__)

# Judging is computing: more at once would only make each of them later.
MOST_AT_ONCE = 2
MOST_WAITING = 32
# Whoever asked listens for a second.
PATIENCE_S = 1.0

Answer = Callable[[Any], Awaitable[Facts]]
Answers = Mapping[type[Question], Answer]


class Answerer:
    """Answers for one service, or says in a word why not; nothing of what was asked is in that word."""

    def __init__(self, service: str, answers: Answers, metrics: Metrics) -> None:
        self._service, self._answers, self._metrics = service, answers, metrics
        self._turn = asyncio.Semaphore(MOST_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def linked(self, settings: ServiceSettings, signals: Signals) -> AbstractAsyncContextManager[None]:
        """Listen, on a connection of its own, until the block ends."""
        return linked(settings, signals, self.on)

    @contextlib.asynccontextmanager
    async def on(self, client: Client) -> AsyncIterator[None]:
        """Listen on this connection until the block ends."""
        for kind in self._answers:
            await client.subscribe(kind.subject, queue=kind.spec().answerer, cb=partial(self._hear, kind))
        try:
            yield
        finally:
            for task in self._tasks:
                task.cancel()

    async def _hear(self, kind: type[Question], message: Msg) -> None:
        """Begin to answer: the next question is not kept waiting by this one."""
        # Whoever may ask could otherwise have us speak where we may and they may not.
        if not message.reply.startswith(f"{inbox_prefix(kind.spec().asker)}."):
            self._count(kind, "unasked")
            return
        if len(self._tasks) >= MOST_WAITING:
            self._count(kind, Refusal.BUSY)
            await _reply(message, Refused(refused=Refusal.BUSY))
            return
        task = asyncio.create_task(self._settle(kind, message, time.perf_counter()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, kind: type[Question], message: Msg, began: float) -> None:
        asked_in = (message.headers or {}).get(traces.TRACEPARENT)
        name = f"answer {kind.subject}"
        with traces.span(self._service, "server", name, after=asked_in, messaging_system="nats"):
            async with self._turn:
                reply = await self._answer(kind, message, began)
            outcome = reply.refused.value if isinstance(reply, Refused) else "answered"
            traces.note(outcome=outcome)
            # First: whoever has the answer may look at the count.
            self._count(kind, outcome)
            await _reply(message, reply)
        self._metrics.answer_seconds.labels(kind.subject).observe(time.perf_counter() - began)

    async def _answer(self, kind: type[Question], message: Msg, began: float) -> Facts:
        left = PATIENCE_S - (time.perf_counter() - began)
        if left <= 0:
            return Refused(refused=Refusal.LATE)
        try:
            question = kind.model_validate_json(message.data)
        except ValidationError as error:
            named = dict.fromkeys(str(each["loc"][0]) for each in error.errors(include_input=False) if each["loc"])
            return Refused(refused=Refusal.MALFORMED, fields=tuple(named))
        try:
            async with asyncio.timeout(left):
                return await self._answers[kind](question)
        except TimeoutError:
            return Refused(refused=Refusal.LATE)
        except Exception:
            log.exception("question_failed", question=kind.subject)
            return Refused(refused=Refusal.FAILED)

    def _count(self, kind: type[Question], outcome: str) -> None:
        self._metrics.answer_total.labels(kind.subject, outcome).inc()


async def _reply(message: Msg, reply: Facts) -> None:
    # The connection may be gone by now: whoever asked goes on without.
    with contextlib.suppress(nats.errors.Error, OSError):
        await message.respond(encoded(reply))
