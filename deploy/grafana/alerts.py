"""The alerts: each with how bad it is, one sentence of what is wrong, and what to do first."""

from typing import Any, Literal, NamedTuple

Severity = Literal["critical", "warning"]
# The supervisor counts nothing itself: a relay and its kind are a service's.
SERVICE_NAMES = ("catalog", "matching", "notifications")
SERVICES = f'service=~"{"|".join(SERVICE_NAMES)}"'


class Alert(NamedTuple):
    """One rule; `holds` is how long it must be true before anybody is woken."""

    name: str
    expr: str
    holds: str
    severity: Severity
    summary: str
    remedy: str


ALERTS = (
    Alert(
        "BoucleProcessDown",
        'up{job="boucle"} == 0',
        "30s",
        "critical",
        "The process {{ $labels.process }} answers nobody.",
        "Run `boucle doctor`; the end of its file in the folder `logs` says why. The supervisor starts it again by"
        " itself: if it is the supervisor, run `boucle up`.",
    ),
    Alert(
        "BoucleBlind",
        " or ".join(
            (
                *(f'absent(boucle_outbox_oldest_seconds{{service="{service}"}})' for service in SERVICE_NAMES),
                "absent(boucle_consumer_oldest_seconds)",
                "absent(boucle_nats_sync_always)",
            )
        ),
        "2m",
        "critical",
        "A service's outbox, the readers or the engines could not be asked for two minutes.",
        "Other alerts are silent meanwhile: metrics_not_answered in the logs names what failed. Run `boucle doctor`.",
    ),
    Alert(
        "BoucleOutboxWaits",
        "boucle_outbox_oldest_seconds > 30",
        "30s",
        "critical",
        "{{ $labels.service }} committed facts {{ $value | humanizeDuration }} ago that nobody was told of.",
        "Is NATS healthy, is a relay the leader, does a stream refuse (publish results `full`, `timeout`)? Nothing is"
        " lost meanwhile: the outbox keeps it.",
    ),
    Alert(
        "BoucleNoRelayLeads",
        f"max by (service) (boucle_relay_is_leader{{{SERVICES}}}) == 0",
        "1m",
        "critical",
        "No relay of {{ $labels.service }} publishes.",
        "Look for relay_lost_database in its log; in PostgreSQL, who holds the advisory lock (pg_locks)?",
    ),
    Alert(
        "BoucleEventParked",
        "boucle_outbox_parked > 0",
        "0s",
        "warning",
        "{{ $labels.service }} holds an event that the broker never takes; later ones of its aggregate wait behind it.",
        "`boucle dead-letters list`, then replay it once it is small enough.",
    ),
    Alert(
        "BoucleReaderBehind",
        "boucle_consumer_oldest_seconds > 60",
        "30s",
        "warning",
        "{{ $labels.consumer }} has not done with an event of {{ $value | humanizeDuration }} ago.",
        "Is its service up, is its database slow (handler seconds), does it fail (inbox by outcome `outage`)?",
    ),
    Alert(
        "BoucleReaderLosesSoon",
        "boucle_consumer_oldest_seconds > boucle_consumer_max_age_seconds / 10",
        "0s",
        "critical",
        "{{ $labels.consumer }} is so far behind that its stream will forget what it has not read.",
        "Start its service now. If it cannot be, lengthen the stream's max_age in the topology and run"
        " `boucle provision`.",
    ),
    Alert(
        "BoucleNobodyReads",
        "boucle_consumer_pending > 0 and boucle_consumer_waiting == 0 and boucle_consumer_ack_pending == 0",
        "1m",
        "critical",
        "Events wait for {{ $labels.consumer }} and nobody asks for them.",
        "Its service is down or cut off from NATS: `boucle doctor`, then its log.",
    ),
    Alert(
        "BoucleRedeliveries",
        "sum by (consumer) (rate(boucle_redelivery_total[10m]))"
        " / sum by (consumer) (rate(boucle_delivery_total[10m])) > 0.01",
        "5m",
        "warning",
        "More than one in a hundred messages comes again to {{ $labels.consumer }}.",
        "A handler fails or takes longer than its lease: consumer_handler_failed in the log names it.",
    ),
    Alert(
        "BoucleDeadLetters",
        "sum by (service, consumer) (boucle_dead_letter_open) > 0",
        "0s",
        "warning",
        "{{ $value }} messages could not be applied by {{ $labels.consumer }} and wait for somebody.",
        "`boucle dead-letters list` says why; mend the cause, then replay them.",
    ),
    Alert(
        "BoucleEventsMissing",
        "boucle_reconcile_missing > 0",
        "0s",
        "critical",
        "{{ $labels.consumer }} never received {{ $value }} events that were published.",
        "`boucle reconcile` names them and the command that sends them again.",
    ),
    Alert(
        "BoucleEventsExtra",
        "boucle_reconcile_extra > 0",
        "0s",
        "warning",
        "{{ $labels.consumer }} received {{ $value }} events that whoever publishes does not know.",
        "A publisher's database was restored from a backup? `boucle reconcile` names them.",
    ),
    Alert(
        "BoucleStreamDamaged",
        "boucle_reconcile_lost > 0",
        "0s",
        "critical",
        "{{ $value }} events that were published are not in the stream {{ $labels.stream }} (any more).",
        "`boucle reconcile --streams` names them; docs/runbook.md says how the stream is made anew and filled.",
    ),
    Alert(
        "BoucleNotReconciled",
        "boucle_reconcile_age_seconds > 7200",
        "0s",
        "warning",
        "Outboxes and inboxes were last compared {{ $value | humanizeDuration }} ago.",
        "Run `boucle reconcile` and see why it fails.",
    ),
    Alert(
        "BoucleNotDurable",
        "boucle_nats_sync_always != 1 or boucle_postgres_durable != 1",
        "1m",
        "critical",
        "An engine acknowledges before it is on the disk, or could not be asked.",
        "`boucle doctor` says which; restart with `boucle up`, which writes both settings.",
    ),
    Alert(
        "BoucleNatsIll",
        "boucle_nats_healthy != 1",
        "1m",
        "critical",
        "NATS says that it is not well, or nothing.",
        "The end of logs/nats.log; a full disk heals by itself once there is room. Pages go on meanwhile.",
    ),
    Alert(
        "BoucleStreamFills",
        "boucle_stream_bytes / boucle_stream_max_bytes > 0.7",
        "5m",
        "warning",
        "{{ $labels.stream }} is {{ $value | humanizePercentage }} full; a full one refuses.",
        "Enlarge it in the topology, see that the disk has room, run `boucle provision`.",
    ),
    Alert(
        "BoucleDiskFills",
        "boucle_disk_free_bytes < 3e9",
        "5m",
        "critical",
        "{{ $value | humanize1024 }}B are free where the data lies.",
        "Free some space: without it writes are refused and NATS stops.",
    ),
    Alert(
        "BoucleOldSnapshot",
        "boucle_database_oldest_snapshot_seconds > 300",
        "1m",
        "warning",
        "A transaction of {{ $labels.service }} has kept the vacuum waiting for {{ $value | humanizeDuration }}.",
        "Find it in pg_stat_activity and end it: pg_terminate_backend.",
    ),
    Alert(
        "BoucleRefused",
        "increase(boucle_permission_violation_total[10m]) > 0",
        "0s",
        "critical",
        "NATS refused {{ $labels.service }} something.",
        "nats_permission_violation in its log names the subject: a stolen key, or rights that are behind the code.",
    ),
    Alert(
        "BoucleJobFails",
        "increase(boucle_job_failure_total[15m]) > 3",
        "0s",
        "warning",
        "{{ $labels.job }} of {{ $labels.service }} ends again and again.",
        "job_failed in its log has the error.",
    ),
    Alert(
        "BoucleLoopHeldUp",
        "histogram_quantile(0.99, sum by (process, le) (rate(boucle_event_loop_lag_seconds_bucket[5m]))) > 0.25",
        "5m",
        "warning",
        "Whoever asks {{ $labels.process }} for something waits for whatever holds up its event loop.",
        "Something computes where pages are answered; it belongs into a thread or a worker.",
    ),
    Alert(
        "BoucleMailGivenUp",
        'increase(boucle_mail_total{result="gave_up"}[1h]) > 0',
        "0s",
        "warning",
        "{{ $value | humanize }} e-mails were given up within an hour.",
        "delivery_failed in the log of notifications has each reason; is the SMTP server reachable?",
    ),
    Alert(
        "BouclePaymentDoubtful",
        "boucle_stripe_calls_doubtful > 0",
        "0s",
        "critical",
        "Nobody knows whether {{ $value }} calls to Stripe were done: money may have moved, or not.",
        "`boucle payments reconcile` names each with its key: look for it in Stripe's own dashboard before anything is"
        " asked again.",
    ),
    Alert(
        "BoucleScannerAway",
        'increase(boucle_file_scan_total{result="away"}[5m]) > 0'
        ' unless on (instance) increase(boucle_file_scan_total{result=~"clean|infected"}[5m]) > 0',
        "10m",
        "warning",
        "ClamAV does not answer {{ $labels.service }}: new files wait, and nobody can open them.",
        "scanner_away in the log of catalog has the reason; `boucle doctor` asks it. What waits needs nobody.",
    ),
)


def rules() -> dict[str, Any]:
    """The rule file of Prometheus."""
    return {"groups": [{"name": "boucle", "interval": "15s", "rules": [_rule(alert) for alert in ALERTS]}]}


def _rule(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.holds,
        "labels": {"severity": alert.severity},
        "annotations": {"summary": alert.summary, "what_to_do": alert.remedy},
    }
