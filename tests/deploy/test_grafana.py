"""INVARIANT: an operator's graph or alert never asks for a metric that nobody tells, and each alert says what to do."""

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml

from deploy.embedded import platform
from deploy.grafana.alerts import ALERTS
from deploy.grafana.dashboard import ROWS, WIDTH
from deploy.grafana.write import HERE, files
from services.catalog.payments.online.watching import watch_calls
from services.catalog.settings import Settings as CatalogSettings
from services.matching.settings import Settings as MatchingSettings
from services.matching.worker import signals_of as signals_of_matching
from services.notifications.settings import Settings as NotificationsSettings
from services.notifications.worker import signals_of as signals_of_notifications
from shared.database.both import work_database_of
from shared.messaging.standing import standing_of
from shared.observability.door import Door
from shared.observability.exposition import Together
from shared.observability.metrics import PREFIX

# What Grafana puts in place of its variables; Prometheus's own, and what its client tells of every process.
VARIABLES = {"$__rate_interval": "1m"}
OTHERS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
ENDS = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
# Told for whoever asks by hand.
NOT_SHOWN = {"boucle_stream_messages"}
QUERIES = {
    **{f"alert {alert.name}": alert.expr for alert in ALERTS},
    **{
        f"{panel.title}: {legend}": expr.replace(*next(iter(VARIABLES.items())))
        for panels in ROWS.values()
        for panel in panels
        for legend, expr in panel.queries.items()
    },
}


@pytest.fixture(scope="module")
async def told(
    catalog_settings: CatalogSettings,
    matching_settings: MatchingSettings,
    notifications_settings: NotificationsSettings,
) -> set[str]:
    """The names of all samples that any process may tell."""
    database = work_database_of(catalog_settings)
    signals = [
        standing_of("catalog", database),
        signals_of_matching(matching_settings, database),
        signals_of_notifications(notifications_settings, database),
    ]
    watch_calls(database, signals[0])
    registries = {str(index): each.metrics.registry for index, each in enumerate(signals)}
    families = Together({**registries, "": Door(dict)._registry}).collect()
    found = {name for family in families for name in (f"{family.name}{end}" for end in ENDS[family.type])}
    await database.close()
    return found | {f"{PREFIX}_{name}" for what in (platform.ENGINES, platform.BROKER, platform.TRUTH) for name in what}


def selectors(expression: object) -> Iterator[promql_parser.VectorSelector]:
    """Every metric that a query names, however deep."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
    for name in ("expr", "lhs", "rhs", "vector_selector"):
        if (inner := getattr(expression, name, None)) is not None:
            yield from selectors(inner)
    for argument in getattr(expression, "args", None) or ():
        yield from selectors(argument)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_a_query_can_be_asked_and_names_what_is_told(query: str, told: set[str]) -> None:
    named = {each.name for each in selectors(promql_parser.parse(query))}
    assert named
    assert named - OTHERS <= told


def test_nothing_that_is_measured_is_shown_nowhere(told: set[str]) -> None:
    shown = {each.name for query in QUERIES.values() for each in selectors(promql_parser.parse(query))}
    measured = {name for name in told if name.startswith(PREFIX) and not name.endswith(("_sum", "_count"))}
    assert measured - shown == NOT_SHOWN


def written_rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((HERE / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


@pytest.mark.parametrize("rule", written_rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_how_bad_it_is_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    for words in (rule["annotations"]["summary"], rule["annotations"]["what_to_do"]):
        assert len(words) > 20
        assert words.endswith((".", "?"))
        # What a summary names must be left over by the query that finds it.
        kept = re.findall(r"by \((.*?)\)", rule["expr"])
        for label in re.findall(r"\$labels\.(\w+)", words) if kept else ():
            assert all(label in each for each in kept), label
    assert re.fullmatch(r"\d+[sm]", rule["for"])


def test_alerts_are_named_once() -> None:
    assert len({alert.name for alert in ALERTS}) == len(ALERTS) == len(written_rules())


def test_the_files_are_those_of_their_source() -> None:
    """`python -m deploy.grafana.write` writes them."""
    for path, text in files().items():
        assert path.read_text(encoding="utf-8") == text, path.name


def test_prometheus_is_told_where_to_ask() -> None:
    found = yaml.safe_load((HERE / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = found["scrape_configs"]
    assert job["job_name"] == "boucle"
    assert found["rule_files"] == ["alerts.yml"]


def test_the_dashboard_is_one_that_grafana_reads() -> None:
    board = json.loads((HERE / "dashboard.json").read_text(encoding="utf-8"))
    panels = board["panels"]
    assert board["schemaVersion"] >= 36
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {variable["type"] for variable in board["templating"]["list"]} == {"datasource"}
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= WIDTH
        taken |= cells
        if panel["type"] == "timeseries":
            assert panel["targets"], panel["title"]
            assert panel["datasource"]["uid"] == "${datasource}"
            assert panel["fieldConfig"]["defaults"]["unit"]
            assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
