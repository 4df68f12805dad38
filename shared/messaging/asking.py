"""Asks other services live: an answer within a second, or none; whoever asks goes on without."""

import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import nats.errors
import structlog
from nats.aio.client import Client

from shared.events.event import Facts
from shared.messaging.linked import linked
from shared.observability import traces
from shared.observability.metrics import Metrics
from shared.observability.signals import Signals
from shared.questions.question import Question, Refused, Unreadable, encoded, reply_to
from shared.settings import ServiceSettings

log = structlog.get_logger(__name__)

PATIENCE_S = 1.0


class Asker:
    """Asks for one service; without a connection nobody answers."""

    def __init__(self, service: str, metrics: Metrics, *, patience_s: float = PATIENCE_S) -> None:
        self._service, self._metrics, self._patience_s = service, metrics, patience_s
        self.client: Client | None = None

    def linked(self, settings: ServiceSettings, signals: Signals) -> AbstractAsyncContextManager[None]:
        """Be connected, on a connection of its own, until the block ends."""
        return linked(settings, signals, self.on)

    @contextlib.asynccontextmanager
    async def on(self, client: Client) -> AsyncIterator[None]:
        """Ask over this connection until the block ends."""
        self.client = client
        try:
            yield
        finally:
            self.client = None

    async def ask(self, question: Question) -> Facts | None:
        """The answer, of the question's own kind; None when it is refused, late, unreadable, or nobody is there."""
        began, outcome, answer = time.perf_counter(), "answered", None
        with traces.span(self._service, "client", f"ask {question.subject}", messaging_system="nats"):
            try:
                answer = await self._answer_to(question)
                if answer is None:
                    outcome = "away"
                elif isinstance(answer, Refused):
                    outcome, answer = answer.refused.value, None
            except TimeoutError:
                outcome = "late"
            except (nats.errors.Error, OSError):
                outcome = "away"
            except Unreadable:
                outcome = "unreadable"
            traces.note(outcome=outcome)
        self._metrics.question_total.labels(question.subject, outcome).inc()
        self._metrics.question_seconds.labels(question.subject).observe(time.perf_counter() - began)
        if answer is None:
            log.warning("question_unanswered", question=question.subject, outcome=outcome)
        return answer

    async def _answer_to(self, question: Question) -> Facts | None:
        if self.client is None or not self.client.is_connected:
            return None
        headers = traces.headers_with_trace({}) or None
        reply = await self.client.request(
            question.subject, encoded(question), timeout=self._patience_s, headers=headers
        )
        return reply_to(type(question), reply.data)
