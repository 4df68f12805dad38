"""What is counted and timed where it happens: the event core's instruments, one set a service and process.

Prefix `boucle_`, seconds and bytes. What costs a question (to the database, to the broker) is in `asked`, not here.
"""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

PREFIX = "boucle"

# A publish is synced to the disk, a handler is one transaction: both take milliseconds or something is wrong.
QUICK_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
# From one service to the next: some milliseconds, and after an outage as long as that was.
EFFECT_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0)


class Instruments:
    """A registry of its own, so that two owners never count together, and the names that go into it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

    def counter(self, name: str, words: str, *labels: str) -> Counter:
        """A count that only grows, under the prefix."""
        return Counter(f"{PREFIX}_{name}", words, labels, registry=self.registry)

    def gauge(self, name: str, words: str, *labels: str) -> Gauge:
        """A value of the moment, under the prefix."""
        return Gauge(f"{PREFIX}_{name}", words, labels, registry=self.registry)

    def histogram(self, name: str, words: str, buckets: Iterable[float], *labels: str) -> Histogram:
        """Durations, under the prefix."""
        return Histogram(f"{PREFIX}_{name}", words, labels, registry=self.registry, buckets=tuple(buckets))


class Metrics(Instruments):
    """The instruments of one service; `latencies` times from the fact to its effect, by the fact's type."""

    def __init__(self) -> None:
        super().__init__()
        self.latencies: dict[str, Histogram] = {}
        self.publish_seconds = self.histogram("outbox_publish_seconds", "Publishing one event, synced.", QUICK_S)
        self.publish_total = self.counter(
            "outbox_publish_total", "Publishes by result: ok, dup, timeout, full, too_large, failed.", "result"
        )
        self.is_leader = self.gauge("relay_is_leader", "1 while this process's relay is the one that publishes.")
        self.handler_seconds = self.histogram(
            "handler_seconds", "Applying one event, by its type and what became of it.", QUICK_S, "type", "outcome"
        )
        self.inbox_total = self.counter("inbox_total", "Messages by what became of them.", "consumer", "outcome")
        self.delivery_total = self.counter("delivery_total", "Messages taken from the broker.", "consumer")
        self.redelivery_total = self.counter("redelivery_total", "Those of them that came again.", "consumer")
        self.order_gap_total = self.counter(
            "order_gap_total", "Events that came after a newer one of their aggregate.", "consumer"
        )
        self.permission_violation_total = self.counter(
            "permission_violation_total", "What the broker refused this service."
        )
        self.job_failure_total = self.counter("job_failure_total", "Jobs that ended and were begun again.", "job")
        self.mail_total = self.counter("mail_total", "E-mails by result: sent, retry, gave_up.", "result")
        self.webhook_delivery_total = self.counter(
            "webhook_delivery_total", "Messages to webhooks by result: sent, retry, gave_up, lost.", "result"
        )
        self.reply_total = self.counter(
            "reply_total",
            "Answers by e-mail by result: posted, refused, automatic, unproven, unknown, unreadable, later.",
            "result",
        )
        self.file_scan_total = self.counter(
            "file_scan_total", "Looks for viruses in files by result: clean, infected, away.", "result"
        )
        self.connection_total = self.counter(
            "nats_connection_total", "What became of the connection: lost, back, closed.", "change"
        )

        self.question_total = self.counter(
            "question_total",
            "Questions to other services by result: answered, away, late, busy, malformed, failed, unreadable.",
            *("question", "result"),
        )
        self.question_seconds = self.histogram(
            "question_seconds", "From a question to its answer, or to going on without one.", QUICK_S, "question"
        )
        self.answer_total = self.counter(
            "answer_total",
            "Questions heard by result: answered, late, busy, malformed, failed, unasked.",
            *("question", "result"),
        )
        self.answer_seconds = self.histogram(
            "answer_seconds", "From hearing a question to replying, waiting included.", QUICK_S, "question"
        )

    def time_effect(self, name: str, words: str, *types: str) -> None:
        """From now on, tell how long after each such fact its effect was stored."""
        latency = self.histogram(name, words, EFFECT_S)
        self.latencies |= dict.fromkeys(types, latency)
