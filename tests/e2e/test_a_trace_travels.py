"""INVARIANT: from the request that published a need to the notice, all is one trace; it tells no more than that."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from shared.observability import traces
from tests.e2e.conftest import Town
from tests.e2e.test_a_need_travels import NEED, OFFER, published, sign_up

PUBLISHED, MATCHED = "catalog.need.published.v1", "matching.demand.matched.v1"


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    traces.trace_with(SimpleSpanProcessor(exporter))
    yield exporter
    traces.trace_with(None)


def service_of(span: ReadableSpan) -> str:
    return str(span.resource.attributes["service.name"])


def trail(spans: dict[int, ReadableSpan], span: ReadableSpan) -> list[tuple[str, str]]:
    """The span and all before it, each with its service, the last one first."""
    found = [(service_of(span), span.name)]
    while span.parent is not None:
        span = spans[span.parent.span_id]
        found.append((service_of(span), span.name))
    return found


async def test_one_trace_leads_from_the_request_to_the_notice(town: Town, exported: InMemorySpanExporter) -> None:
    supplier, buyer = await sign_up(town, 1, role="ess"), await sign_up(town, 0, role="buyer")
    await published(supplier, "offers", **OFFER)
    await town.settle()
    need = await published(buyer, "needs", **NEED)
    await town.settle()
    spans = {each.context.span_id: each for each in exported.get_finished_spans()}
    (notified,) = (
        each
        for each in spans.values()
        if (service_of(each), each.name) == ("notifications", f"process {MATCHED}")
        and any(name == f"send {PUBLISHED}" for _, name in trail(spans, each))
    )
    assert trail(spans, notified) == [
        ("notifications", f"process {MATCHED}"),
        ("matching", f"send {MATCHED}"),
        ("matching", f"process {PUBLISHED}"),
        ("catalog", f"send {PUBLISHED}"),
        ("catalog", "POST"),
    ]
    request = spans[next(each for each in spans if spans[each].name == "POST" and need in str(spans[each].attributes))]
    assert request.context.trace_id == notified.context.trace_id
    assert request.attributes is not None
    assert request.attributes["http.response.status_code"] == 200


async def test_spans_say_what_the_conventions_ask(town: Town, exported: InMemorySpanExporter) -> None:
    buyer = await sign_up(town, 0, role="buyer")
    await published(buyer, "needs", **NEED)
    await town.settle()
    spans = {(service_of(each), each.name): each for each in exported.get_finished_spans()}
    sent, processed = spans["catalog", f"send {PUBLISHED}"], spans["matching", f"process {PUBLISHED}"]
    assert (sent.kind, processed.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    common = {"messaging.system": "nats", "messaging.destination.name": "CATALOG"}
    assert sent.attributes is not None
    identity = {"messaging.message.id": sent.attributes["messaging.message.id"]}
    assert dict(sent.attributes) == {**common, **identity, "messaging.operation.type": "send"}
    assert dict(processed.attributes or {}) == {
        **common,
        **identity,
        "messaging.operation.type": "process",
        "messaging.consumer.group.name": "matching",
    }


@pytest.mark.promise(58)
async def test_no_span_tells_a_secret_or_a_body(town: Town, exported: InMemorySpanExporter) -> None:
    canary = "canary-51d0aa"
    buyer = await sign_up(town, 0, role="buyer")
    await published(buyer, "needs", **{**NEED, "title": f"{canary} plateaux"})
    await buyer.post("/api/v1/needs", content=f'{{"title": {canary}'.encode())
    await buyer.post(f"/sign-in?next={canary}", data={"email": "a@b.fr", "password": canary})
    await town.settle()
    told = "".join(each.to_json() for each in exported.get_finished_spans())
    assert len(told) > 2000
    for secret in (canary, "cheval agrafe pile", "personne0@exemple.fr", *buyer.cookies.values()):
        assert secret not in told


def test_nothing_is_traced_unless_somebody_asks_for_it() -> None:
    assert not traces.is_on()
    assert traces.traceparent() is None
    assert traces.headers_with_trace({"Nats-Msg-Id": "x"}) == {"Nats-Msg-Id": "x"}
    traces.trace_to(None)
    assert not traces.is_on()
