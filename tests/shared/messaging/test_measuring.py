"""What is counted of an event on its way, over real PostgreSQL and NATS; and that a label's values have an end."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from deploy.embedded.platform import broker_standing
from shared.messaging import consumer as consumer_module
from shared.messaging.consumer import Consumer
from shared.messaging.fresh import Fresh
from shared.messaging.relay import Relay
from shared.messaging.standing import MOST_FINGERPRINTS, standing_of
from shared.messaging.tally import type_of
from shared.messaging.worker import asyncpg_dsn
from shared.observability.door import Door
from shared.observability.metrics import Metrics
from shared.observability.signals import Signals
from tests.shared.messaging.conftest import PATIENCE_S, TOPOLOGY, Core
from tests.shared.messaging.test_consumer import drained
from tests.shared.messaging.test_consumer import letters as letters_are

READER = "CATALOG.matching"
WITHDRAWN = "catalog.need.withdrawn.v1"


def counted(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"boucle_{name}", labels)


async def scraped(signals: Signals, name: str) -> dict[str, float]:
    """The samples of a gauge, each by its labels but the service's, as a scrape brings them."""
    for question in signals.asked:
        question._question._keep_s = 0.0
    body = (await Door(lambda: {signals.service: signals}).metrics()).body.decode()
    (family,) = (each for each in text_string_to_metric_families(body) if each.name == f"boucle_{name}")
    assert all(each.labels.pop("service") == signals.service for each in family.samples)
    return {",".join(each.labels.values()): each.value for each in family.samples}


async def publish_all(core: Core, metrics: Metrics) -> None:
    relay = Relay(asyncpg_dsn(core.producer.url), core.publishing, fresh=Fresh(), metrics=metrics)
    connection = await asyncpg.connect(asyncpg_dsn(core.producer.url), ssl=False)
    try:
        await relay.publish_once(connection)
        await relay.mark(connection)
    finally:
        await connection.close()


async def consume(core: Core, metrics: Metrics, handler: object) -> None:
    reader = core.consumer(handler)
    working = asyncio.create_task(Consumer(reader.spec, core.reader, core.reading, reader._handlers, metrics).run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await drained(core):
                await asyncio.sleep(0.02)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_the_outbox_is_counted_until_it_is_published(core: Core) -> None:
    signals, metrics = standing_of("catalog", core.producer), Metrics()
    for _ in range(3):
        await core.write()
    assert await scraped(signals, "outbox_unpublished") == {"": 3}
    assert (await scraped(signals, "outbox_oldest_seconds"))[""] > 0
    await publish_all(core, metrics)
    assert await scraped(signals, "outbox_unpublished") == {"": 0}
    assert await scraped(signals, "outbox_oldest_seconds") == {"": 0}
    assert counted(metrics, "outbox_publish_total", result="ok") == 3
    async with core.producer.sessions.begin() as session:
        await session.execute(text("UPDATE outbox SET published_at = NULL"))
    await publish_all(core, metrics)
    assert counted(metrics, "outbox_publish_total", result="dup") == 3
    assert counted(metrics, "outbox_publish_seconds_count") == 6


async def test_what_was_applied_is_counted_by_what_became_of_it(core: Core) -> None:
    metrics = Metrics()
    metrics.time_effect("match_latency_seconds", "From the fact to its effect.", WITHDRAWN)
    need = uuid4()
    for version in (2, 1):
        await core.write(aggregate=need, version=version)
        await core.relay_all()

    async def applied(_session: object, _event: object) -> None:
        return None

    await consume(core, metrics, applied)
    assert counted(metrics, "inbox_total", consumer=READER, outcome="applied") == 2
    assert counted(metrics, "handler_seconds_count", type=WITHDRAWN, outcome="applied") == 2
    assert counted(metrics, "match_latency_seconds_count") == 2
    assert counted(metrics, "delivery_total", consumer=READER) == 2
    assert counted(metrics, "order_gap_total", consumer=READER) == 1


async def test_a_letter_is_counted_until_it_is_resolved(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "RETRY_DELAYS_S", (0.01,) * 5)
    signals, metrics = standing_of("matching", core.reader), Metrics()

    async def broken(_session: object, _event: object) -> None:
        raise ValueError("cannot be applied")

    await core.write()
    await core.relay_all()
    await consume(core, metrics, broken)
    assert await letters_are(core, 1)
    assert await scraped(signals, "dead_letter_open") == {f"{READER},ValueError": 1}
    assert (await scraped(signals, "dead_letter_oldest_seconds"))[""] > 0
    assert counted(metrics, "inbox_total", consumer=READER, outcome="failed") == 6
    assert counted(metrics, "inbox_total", consumer=READER, outcome="quarantined") == 1
    assert counted(metrics, "redelivery_total", consumer=READER) == 5
    async with core.reader.sessions.begin() as session:
        await session.execute(text("UPDATE dead_letter SET resolved_at = now()"))
    assert await scraped(signals, "dead_letter_open") == {}


async def test_labels_have_an_end_whatever_is_sent(core: Core) -> None:
    """INVARIANT: nobody fills the memory of whoever scrapes by what they send."""
    assert type_of(f"{WITHDRAWN}.{uuid4()}") == WITHDRAWN
    assert {type_of(each) for each in (f"catalog.need.{uuid4()}", "", "catalog.made.up.v1.x")} == {"unknown"}
    many = MOST_FINGERPRINTS + 7
    async with core.reader.sessions.begin() as session:
        for number in range(many):
            await session.execute(
                text(
                    "INSERT INTO dead_letter (id, consumer, payload, reason, fingerprint, attempts)"
                    " VALUES (:id, 'x', :payload, '', :kind, 1)"
                ),
                {"id": uuid4(), "payload": str(number).encode(), "kind": f"kind {number}"},
            )
    found = await scraped(standing_of("matching", core.reader), "dead_letter_open")
    assert len(found) == MOST_FINGERPRINTS + 1
    assert sum(found.values()) == many


async def test_a_database_that_does_not_answer_leaves_no_old_value(core: Core) -> None:
    signals = standing_of("catalog", core.producer)
    await core.write()
    assert await scraped(signals, "outbox_unpublished") == {"": 1}

    async def away() -> dict[str, list[tuple[dict[str, str], float]]]:
        raise OSError

    for question in signals.asked:
        question._question._ask = away
    assert await scraped(signals, "outbox_unpublished") == {}


async def test_a_reader_s_backlog_is_told_by_the_stream(core: Core) -> None:
    for _ in range(3):
        await core.write()
    await core.relay_all()
    found = await broker_standing(core.admin, TOPOLOGY)
    backlog = {name: {next(iter(labels.values())): value for labels, value in found[name]} for name in found}
    assert backlog["consumer_pending"] == {READER: 3}
    assert backlog["consumer_oldest_seconds"][READER] > 0
    assert backlog["stream_messages"] == {"CATALOG": 3}
    assert backlog["stream_bytes"]["CATALOG"] > 0
    await core.consume(core.remember, until=lambda: drained(core))
    found = await broker_standing(core.admin, TOPOLOGY)
    assert [value for _, value in found["consumer_oldest_seconds"]] == [0]
