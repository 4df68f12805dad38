"""What comes again, however much later, points at the trace that sent it and does not stretch it."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events.catalog import NeedWithdrawn
from shared.messaging import consumer as consumer_module
from shared.observability import traces
from tests.shared.messaging.conftest import Core
from tests.shared.messaging.test_consumer import drained

SECRET = "what somebody wrote"


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    traces.trace_with(SimpleSpanProcessor(exporter))
    yield exporter
    traces.trace_with(None)


async def test_a_repetition_has_a_trace_of_its_own(
    core: Core, exported: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "RETRY_DELAYS_S", (0.01,) * 5)
    calls = 0

    async def fails_once(session: AsyncSession, event: NeedWithdrawn) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ValueError(SECRET)
        await core.remember(session, event)

    await core.write()
    await core.relay_all()
    await core.consume(fails_once, until=lambda: drained(core))
    sent, first, second = exported.get_finished_spans()
    assert first.parent is not None
    assert first.parent.span_id == sent.context.span_id
    assert second.parent is None
    assert [link.context.span_id for link in second.links] == [sent.context.span_id]
    assert second.context.trace_id != sent.context.trace_id
    assert [each.status.status_code for each in (first, second)] == [StatusCode.ERROR, StatusCode.UNSET]
    assert first.attributes is not None
    assert first.attributes["error.type"] == "ValueError"
    assert SECRET not in first.to_json()
