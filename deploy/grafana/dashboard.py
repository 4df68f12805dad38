"""The dashboard: from what people feel down to the engines, one row a question."""

from collections.abc import Iterable
from typing import Any, NamedTuple

WIDTH, PANEL_WIDTH, PANEL_HEIGHT = 24, 8, 8
SCHEMA = 39
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


class Panel(NamedTuple):
    """One graph: `queries` maps a legend to its PromQL."""

    title: str
    unit: str
    queries: dict[str, str]
    words: str = ""


def _quantiles(metric: str, *labels: str) -> dict[str, str]:
    by = ", ".join((*labels, "le"))
    shown = " ".join(f"{{{{{label}}}}}" for label in labels)
    return {
        f"{shown} p{share}".strip(): (
            f"histogram_quantile(0.{share}, sum by ({by}) (rate(boucle_{metric}_bucket[$__rate_interval])))"
        )
        for share in (50, 99)
    }


ROWS: dict[str, tuple[Panel, ...]] = {
    "Is it quick?": (
        Panel("From a need to its matches", "s", _quantiles("match_latency_seconds")),
        Panel("From a match to its notices", "s", _quantiles("notify_latency_seconds")),
        Panel("From a question to its answer", "s", _quantiles("question_seconds", "question")),
        Panel("Answering a question", "s", _quantiles("answer_seconds", "question")),
        Panel(
            "Questions by result",
            "ops",
            {
                "{{service}} asked: {{result}}": (
                    "sum by (service, result) (rate(boucle_question_total[$__rate_interval]))"
                ),
                "{{service}} heard: {{result}}": (
                    "sum by (service, result) (rate(boucle_answer_total[$__rate_interval]))"
                ),
            },
            "Who asks goes on without an answer after a second; pages say so.",
        ),
        Panel("How late an event loop is", "s", _quantiles("event_loop_lag_seconds", "process")),
    ),
    "Does everything leave?": (
        Panel("Not published", "short", {"{{service}}": "boucle_outbox_unpublished"}),
        Panel(
            "The oldest of it",
            "s",
            {"{{service}}": "boucle_outbox_oldest_seconds"},
            "An alert at 30 s. Nothing is lost meanwhile.",
        ),
        Panel(
            "Publishes by result",
            "ops",
            {
                "{{service}} {{result}}": (
                    "sum by (service, result) (rate(boucle_outbox_publish_total[$__rate_interval]))"
                )
            },
        ),
        Panel("One publish", "s", _quantiles("outbox_publish_seconds", "service")),
        Panel("Who leads", "short", {"{{service}} {{process}}": "boucle_relay_is_leader"}),
        Panel("Parked", "short", {"{{service}}": "boucle_outbox_parked"}, "What the broker will never take."),
    ),
    "Does everything arrive?": (
        Panel(
            "Waiting for a reader",
            "short",
            {
                "{{consumer}} not given": "boucle_consumer_pending",
                "{{consumer}} in hand": "boucle_consumer_ack_pending",
                "{{consumer}} again": "boucle_consumer_redelivered",
            },
        ),
        Panel(
            "The oldest of it",
            "s",
            {"{{consumer}}": "boucle_consumer_oldest_seconds"},
            "An alert at 60 s, and when it nears what the stream keeps.",
        ),
        Panel(
            "Messages by what became of them",
            "ops",
            {"{{consumer}} {{outcome}}": ("sum by (consumer, outcome) (rate(boucle_inbox_total[$__rate_interval]))")},
        ),
        Panel("Applying one", "s", _quantiles("handler_seconds", "type")),
        Panel(
            "Came again, came late",
            "ops",
            {
                "{{consumer}} again": "sum by (consumer) (rate(boucle_redelivery_total[$__rate_interval]))",
                "{{consumer}} after a newer one": (
                    "sum by (consumer) (rate(boucle_order_gap_total[$__rate_interval]))"
                ),
            },
        ),
        Panel("E-mails", "ops", {"{{result}}": "sum by (result) (rate(boucle_mail_total[$__rate_interval]))"}),
        Panel(
            "Answers by e-mail", "ops", {"{{result}}": "sum by (result) (rate(boucle_reply_total[$__rate_interval]))"}
        ),
        Panel(
            "Looks for viruses",
            "ops",
            {"{{result}}": "sum by (result) (rate(boucle_file_scan_total[$__rate_interval]))"},
        ),
        Panel("Calls to Stripe in doubt", "short", {"calls": "sum(boucle_stripe_calls_doubtful)"}),
        Panel(
            "Webhooks",
            "ops",
            {"{{result}}": "sum by (result) (rate(boucle_webhook_delivery_total[$__rate_interval]))"},
        ),
    ),
    "Is anything lost or put aside?": (
        Panel(
            "Open letters",
            "short",
            {"{{consumer}} {{fingerprint}}": "sum by (consumer, fingerprint) (boucle_dead_letter_open)"},
        ),
        Panel("The oldest letter", "s", {"{{service}}": "boucle_dead_letter_oldest_seconds"}),
        Panel(
            "Published against received",
            "short",
            {
                "{{consumer}} missing": "boucle_reconcile_missing",
                "{{consumer}} extra": "boucle_reconcile_extra",
                "{{stream}} lost": "boucle_reconcile_lost",
            },
            "As last compared by `boucle reconcile`, which the supervisor runs every half hour.",
        ),
    ),
    "Do the engines hold?": (
        Panel(
            "Sound",
            "bool_yes_no",
            {
                "NATS healthy": "boucle_nats_healthy",
                "NATS syncs always": "boucle_nats_sync_always",
                "PostgreSQL syncs": "boucle_postgres_durable",
            },
        ),
        Panel("Streams", "percentunit", {"{{stream}}": "boucle_stream_bytes / boucle_stream_max_bytes"}),
        Panel("Free on the disk", "bytes", {"free": "boucle_disk_free_bytes"}),
        Panel("The oldest snapshot", "s", {"{{service}}": "boucle_database_oldest_snapshot_seconds"}),
        Panel("Connections in use", "short", {"{{service}}": "boucle_database_pool_in_use"}),
        Panel(
            "Refused, lost, failed",
            "short",
            {
                "{{service}} refused by NATS": "increase(boucle_permission_violation_total[$__rate_interval])",
                "{{service}} connection {{change}}": "increase(boucle_nats_connection_total[$__rate_interval])",
                "{{service}} {{job}} ended": "increase(boucle_job_failure_total[$__rate_interval])",
            },
        ),
        Panel("Memory", "bytes", {"{{process}}": 'process_resident_memory_bytes{job="boucle"}'}),
        Panel(
            "Processor",
            "percentunit",
            {"{{process}}": 'rate(process_cpu_seconds_total{job="boucle"}[$__rate_interval])'},
        ),
    ),
}


def dashboard() -> dict[str, Any]:
    """What Grafana imports."""
    source = {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return {
        "uid": "boucle",
        "title": "Boucle",
        "tags": ["boucle"],
        "schemaVersion": SCHEMA,
        "editable": True,
        "timezone": "browser",
        "refresh": "15s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [source]},
        "panels": list(_laid_out()),
    }


def _laid_out() -> Iterable[dict[str, Any]]:
    number, top = 0, 0
    for title, panels in ROWS.items():
        number += 1
        place = {"h": 1, "w": WIDTH, "x": 0, "y": top}
        yield {"id": number, "type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []}
        top += 1
        for index, panel in enumerate(panels):
            number += 1
            line, column = divmod(index, WIDTH // PANEL_WIDTH)
            yield _graph(number, panel, x=column * PANEL_WIDTH, y=top + line * PANEL_HEIGHT)
        top += -(-len(panels) // (WIDTH // PANEL_WIDTH)) * PANEL_HEIGHT


def _graph(number: int, panel: Panel, *, x: int, y: int) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + index), "datasource": DATASOURCE, "expr": expr, "legendFormat": legend}
        for index, (legend, expr) in enumerate(panel.queries.items())
    ]
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.words,
        "datasource": DATASOURCE,
        "gridPos": {"h": PANEL_HEIGHT, "w": PANEL_WIDTH, "x": x, "y": y},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": targets,
    }
