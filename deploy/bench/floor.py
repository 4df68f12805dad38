"""The floor: two PostgreSQL commits and two synced JetStream publishes in a row, on the engines under test."""

import asyncio
import time
from uuid import uuid4

import asyncpg
from nats.aio.client import Client

from deploy.embedded.instance import Instance
from shared.messaging.connection import close, connect
from shared.messaging.worker import asyncpg_dsn

# No durable filters this subject: it is stored and synced like any event, and read by nobody.
SUBJECT = "catalog.bench.measured.v1"
# Bytes of what a published row of a file leaves: itself, its event, two lines of the log.
WRITTEN = (600, 1500, 150, 150)
PAYLOAD = b"{" + b'"x":"' + b"x" * 1500 + b'"}'


async def floor_samples(instance: Instance, *, rate: float, seconds: float) -> list[float]:
    """Seconds of each round, begun `rate` times a second."""
    connection = await asyncpg.connect(asyncpg_dsn(instance.database_url("catalog", "owner")), ssl=False)
    await connection.execute("CREATE TABLE IF NOT EXISTS bench (id uuid PRIMARY KEY, payload text)")
    client = await connect(instance.nats_url, user="catalog", seed_file=instance.seed_file("catalog"))
    samples: list[float] = []
    began = time.perf_counter()
    try:
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            samples.append(await _round(connection, client))
    finally:
        await connection.execute("DROP TABLE bench")
        await connection.close()
        await close(client)
    return samples


async def floor_of_rows(instance: Instance, *, rows: int, batch: int) -> int:
    """Rows a minute when a need, its event and its two lines of the log are written bare, a batch a commit."""
    connection = await asyncpg.connect(asyncpg_dsn(instance.database_url("catalog", "owner")), ssl=False)
    await connection.execute("CREATE TABLE IF NOT EXISTS bench_rows (id uuid PRIMARY KEY, payload text)")
    began = time.perf_counter()
    try:
        for _ in range(rows // batch):
            async with connection.transaction():
                for length in WRITTEN:
                    lines = [(uuid4(), "x" * length) for _ in range(batch)]
                    await connection.executemany("INSERT INTO bench_rows VALUES ($1, $2)", lines)
        return round(rows * 60 / (time.perf_counter() - began))
    finally:
        await connection.execute("DROP TABLE bench_rows")
        await connection.close()


async def _round(connection: "asyncpg.Connection[asyncpg.Record]", client: Client) -> float:
    jetstream = client.jetstream()
    began = time.perf_counter()
    for _ in range(2):
        await connection.execute("INSERT INTO bench VALUES ($1, $2)", uuid4(), PAYLOAD.decode())
        await jetstream.publish(f"{SUBJECT}.{uuid4()}", PAYLOAD, headers={"Nats-Msg-Id": str(uuid4())})
    return time.perf_counter() - began
