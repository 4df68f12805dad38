"""What is counted of one consumer's messages: how often they come, what became of them, how late they were."""

from collections import OrderedDict
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from nats.aio.msg import Msg

from shared.events import Envelope
from shared.events.event import registry
from shared.observability.metrics import Metrics

# Of so many aggregates the newest version seen is kept: order is of interest while events follow each other.
REMEMBERED = 4096
UNKNOWN = "unknown"


class Tally:
    """The counters of one consumer; their labels are the types of the code, whatever the messages say."""

    def __init__(self, consumer: str, metrics: Metrics) -> None:
        self._consumer, self._metrics = consumer, metrics
        self._deliveries = metrics.delivery_total.labels(consumer)
        self._redeliveries = metrics.redelivery_total.labels(consumer)
        self._gaps = metrics.order_gap_total.labels(consumer)
        self._newest: OrderedDict[UUID, int] = OrderedDict()

    def delivered(self, message: Msg) -> None:
        """The broker handed it over."""
        self._deliveries.inc()
        if message.metadata.num_delivered > 1:
            self._redeliveries.inc()

    def settled(self, message: Msg, outcome: str, seconds: float) -> None:
        """Its transaction has ended so, after so long."""
        self._metrics.inbox_total.labels(self._consumer, outcome).inc()
        self._metrics.handler_seconds.labels(type_of(message.subject), outcome).observe(seconds)

    def quarantined(self) -> None:
        """It was put aside as a dead letter."""
        self._metrics.inbox_total.labels(self._consumer, "quarantined").inc()

    def applied(self, envelope: Envelope) -> None:
        """Its effect is committed; tells how old the fact was, and whether a newer one was here before it."""
        latency = self._metrics.latencies.get(envelope.type)
        if latency is not None:
            latency.observe(max(0.0, (datetime.now(UTC) - envelope.time).total_seconds()))
        newest = self._newest.get(envelope.subject, -1)
        if envelope.sequence < newest:
            self._gaps.inc()
        self._newest[envelope.subject] = max(newest, envelope.sequence)
        self._newest.move_to_end(envelope.subject)
        if len(self._newest) > REMEMBERED:
            self._newest.popitem(last=False)


def type_of(subject: str) -> str:
    """The event's type by the subject it came on, `<type>.<aggregate>`; one nobody here knows is "unknown"."""
    named = subject.rpartition(".")[0]
    return named if named in _known() else UNKNOWN


@cache
def _known() -> frozenset[str]:
    # A contact's subject has no verb: the stream keeps one message a member.
    return frozenset(registry()) | {"contacts.member"}
