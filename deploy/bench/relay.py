"""Relay throughput beside raw publishes of the same messages, with the same concurrency and batching."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import asyncpg
from nats.aio.client import Client

from deploy.bench.floor import PAYLOAD, SUBJECT
from deploy.embedded.instance import Instance
from shared.messaging.connection import close, connect
from shared.messaging.fresh import Fresh
from shared.messaging.relay import BATCH, CONCURRENCY, Relay
from shared.messaging.worker import asyncpg_dsn

ROUNDS, A_ROUND = 4, 4 * BATCH

FILL = """
INSERT INTO outbox (event_id, type, aggregate_id, version, subject, payload)
SELECT id, 'catalog.bench.measured.v1', id, 1, 'catalog.bench.measured.v1.' || id, $2::json
FROM unnest($1::uuid[]) AS id
"""


async def relay_figures(instance: Instance) -> dict[str, float]:
    """Events a second of both, alternating so that neither profits from a quieter moment."""
    dsn = asyncpg_dsn(instance.database_url("catalog", "work"))
    connection = await asyncpg.connect(dsn, ssl=False)
    client = await connect(instance.nats_url, user="catalog", seed_file=instance.seed_file("catalog"))
    relay = Relay(dsn, client, fresh=Fresh())
    relayed, raw = [], []
    try:
        for _ in range(ROUNDS):
            raw.append(await _raw_round(client))
            await connection.execute(FILL, [uuid4() for _ in range(A_ROUND)], PAYLOAD.decode())
            relayed.append(await _relay_round(relay, connection))
    finally:
        await connection.execute("DELETE FROM outbox WHERE type = 'catalog.bench.measured.v1'")
        await connection.close()
        await close(client)
    events_per_s = ROUNDS * A_ROUND / sum(relayed)
    raw_per_s = ROUNDS * A_ROUND / sum(raw)
    return {
        "events_per_s": round(events_per_s),
        "raw_per_s": round(raw_per_s),
        "ratio": round(events_per_s / raw_per_s, 3),
    }


async def _relay_round(relay: Relay, connection: "asyncpg.Connection[Any]") -> float:
    began = time.perf_counter()
    while await relay.publish_once(connection):
        pass
    await relay.mark(connection)
    return time.perf_counter() - began


async def _raw_round(client: Client) -> float:
    jetstream = client.jetstream()
    slots = asyncio.Semaphore(CONCURRENCY)

    async def publish() -> None:
        async with slots:
            await jetstream.publish(
                f"{SUBJECT}.{uuid4()}", PAYLOAD, stream="CATALOG", headers={"Nats-Msg-Id": str(uuid4())}
            )

    began = time.perf_counter()
    for _ in range(A_ROUND // BATCH):
        await asyncio.gather(*(publish() for _ in range(BATCH)))
    return time.perf_counter() - began
