"""The floors, on the engines under test.

Of the whole way: two PostgreSQL commits and two synced JetStream publishes in a row. Of matching's part: an event that
is heard, a commit and a publish, by a process that does nothing else.
"""

import asyncio
import sys
import time
from uuid import uuid4

import asyncpg
from nats.aio.client import Client

from deploy.bench.bare import ANSWERED, TOLD
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


async def answered_samples(instance: Instance, *, rate: float, seconds: float) -> list[float]:
    """Seconds from the moment the broker has an event to the moment it has the bare answer, `rate` times a second."""
    events = [str(uuid4()) for _ in range(int(rate * seconds))]
    arguments = ("-m", "deploy.bench.bare", str(instance.folder.root), str(len(events)))
    bare = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    client = await connect(instance.nats_url, user="catalog", seed_file=instance.seed_file("catalog"))
    try:
        if bare.stdout is None or not await bare.stdout.readline():
            raise RuntimeError("the bare reader did not start")
        began = time.perf_counter()
        for number, event in enumerate(events):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            await client.jetstream().publish(f"{TOLD}.{event}", PAYLOAD, headers={"Nats-Msg-Id": event})
        await bare.wait()
    finally:
        await close(client)
    return await stored_between(instance, TOLD, ANSWERED, events)


async def stored_between(instance: Instance, asked: str, answered: str, ids: list[str]) -> list[float]:
    """Seconds from the moment the broker had the last event of each id to the moment it had the last answer."""
    admin = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
    try:
        last = admin.jetstream().get_last_msg
        samples = []
        for each in ids:
            first, then = await last("CATALOG", f"{asked}.{each}"), await last("MATCHING", f"{answered}.{each}")
            if first.time is None or then.time is None:
                raise RuntimeError(f"{each}: the broker does not say when it had its events")
            samples.append((then.time - first.time).total_seconds())
        return samples
    finally:
        await close(admin)


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
