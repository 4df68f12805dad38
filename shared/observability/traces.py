"""Spans of requests and messages; without an exporter each call is one comparison, and nothing is imported."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

    from shared.observability.spans import Spans

Kind = Literal["server", "client", "producer", "consumer"]
# The W3C's name of it, in HTTP, in the envelope and in a message's headers.
TRACEPARENT = "traceparent"

_spans: Spans | None = None
_nothing: AbstractContextManager[None] = nullcontext()


def trace_to(endpoint: str | None) -> None:
    """Send spans to an OTLP collector (HTTP) from now on; once a process, and never without an endpoint."""
    if endpoint is not None and _spans is None:
        from shared.observability.spans import to_collector

        trace_with(to_collector(endpoint))


def trace_with(processor: SpanProcessor | None) -> None:
    """Hand every span to the processor; None ends tracing."""
    global _spans  # noqa: PLW0603 - one per process, like the collector behind it
    if processor is None:
        _spans = None
        return
    from shared.observability.spans import Spans

    _spans = Spans(processor)


def is_on() -> bool:
    """Whether anybody receives spans."""
    return _spans is not None


def nothing() -> AbstractContextManager[object]:
    """A block without a span."""
    return _nothing


def span(
    service: str, kind: Kind, name: str, *, after: str | None = None, link: str | None = None, **attributes: object
) -> AbstractContextManager[object]:
    """A span around a block.

    Of the trace that the traceparent `after` belongs to, or else of the current one; with a `link` it begins a trace
    of its own that only points at the other.
    """
    if _spans is None:
        return _nothing
    return _spans.around(service, kind, name, after=after, link=link, attributes=attributes)


def note(**attributes: str | int) -> None:
    """Add to the current span; `http_response_status_code` is `http.response.status_code`."""
    if _spans is not None:
        _spans.note(attributes)


def traceparent() -> str | None:
    """The current span as others may name it."""
    return None if _spans is None else _spans.traceparent()


def traceparent_in(envelope: str) -> str | None:
    """What the text of an envelope says of its trace, if anybody asks: attributes come before the data."""
    if _spans is None:
        return None
    found = envelope.partition('"data":')[0].partition('"traceparent":"')[2]
    return found.partition('"')[0] or None


def headers_with_trace(headers: Mapping[str, str]) -> dict[str, str]:
    """These headers and the current span."""
    current = traceparent()
    return {**headers, TRACEPARENT: current} if current else {**headers}
