"""OpenTelemetry behind `traces`: one provider a service, one processor a process."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.observability.lines import VERSION

KINDS = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}
W3C = TraceContextTextMapPropagator()
EXPORT_S = 5.0


def to_collector(endpoint: str) -> SpanProcessor:
    """Batches in a thread; what the collector does not take in time is dropped, never waited for."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_S))


class Spans:
    """Whoever begins a span here is sure that somebody receives it."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._processor = processor
        self._tracers: dict[str, Tracer] = {}

    @contextmanager
    def around(
        self,
        service: str,
        kind: str,
        name: str,
        *,
        after: str | None = None,
        link: str | None = None,
        attributes: Mapping[str, object],
    ) -> Iterator[object]:
        """A span around a block; an error is told by its name, since its words may quote what somebody sent."""
        linked = trace.get_current_span(_context(link)).get_span_context() if link else None
        with self._tracer(service).start_as_current_span(
            name,
            context=_context(after) if after else Context() if link else None,
            kind=KINDS[kind],
            attributes=_named(attributes),
            links=[Link(linked)] if linked is not None and linked.is_valid else None,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def note(self, attributes: Mapping[str, object]) -> None:
        """Add to the current span."""
        trace.get_current_span().set_attributes(_named(attributes))

    def traceparent(self) -> str | None:
        """The current span in W3C's form."""
        carrier: dict[str, str] = {}
        W3C.inject(carrier)
        return carrier.get("traceparent")

    def _tracer(self, service: str) -> Tracer:
        if service not in self._tracers:
            resource = Resource.create(
                {"service.name": service, "service.namespace": "boucle", "service.version": VERSION}
            )
            provider = TracerProvider(resource=resource)
            provider.add_span_processor(self._processor)
            self._tracers[service] = provider.get_tracer("boucle", VERSION)
        return self._tracers[service]


def _context(traceparent: str | None) -> Context:
    return W3C.extract({"traceparent": traceparent or ""}, context=Context())


def _named(attributes: Mapping[str, object]) -> dict[str, str | int]:
    # Written as keyword arguments: `messaging_message_id` is `messaging.message.id`.
    return {
        name: each if isinstance(each, int) else str(each)
        for written, each in attributes.items()
        for name in [NAMES.get(written, written.replace("_", "."))]
    }


# Those of the semantic conventions whose own names hold an underscore.
NAMES = {
    "http_response_status_code": "http.response.status_code",
    "http_request_method": "http.request.method",
}
