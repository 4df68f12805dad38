"""What matching owes for an event, with nothing decided: hear it, commit one row, publish one answer.

A process of its own, as matching's worker is: `python -m deploy.bench.bare FOLDER COUNT`. It says "ready", answers so
many events and ends.
"""

import asyncio
import sys
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import uvloop
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from deploy.cli.place import running_instance
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.instance import Instance
from shared.messaging.connection import close, connect
from shared.messaging.worker import asyncpg_dsn

TOLD, ANSWERED = "catalog.bench.told.v1", "matching.bench.answered.v1"
LAST_S = 30.0


async def answer(instance: Instance, count: int) -> None:
    """Answer `count` events, one after the other."""
    connection = await asyncpg.connect(asyncpg_dsn(instance.database_url("matching", "owner")), ssl=False)
    await connection.execute("CREATE TABLE IF NOT EXISTS bench (id uuid PRIMARY KEY, payload text)")
    # Matching may read its own durables only, and nobody but matching may say what it found.
    reader = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
    writer = await connect(instance.nats_url, user="matching", seed_file=instance.seed_file("matching"))
    config = ConsumerConfig(ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.NEW, inactive_threshold=LAST_S)
    events = await reader.jetstream().pull_subscribe(f"{TOLD}.>", stream="CATALOG", config=config)
    try:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for _ in range(count):
            (event,) = await events.fetch(1, timeout=LAST_S)
            await _answer_one(connection, writer, event)
    finally:
        await connection.execute("DROP TABLE bench")
        await connection.close()
        await asyncio.gather(close(reader), close(writer))


async def _answer_one(connection: "asyncpg.Connection[asyncpg.Record]", writer: Client, event: Msg) -> None:
    which = event.subject.rpartition(".")[2]
    await connection.execute("INSERT INTO bench VALUES ($1, $2)", UUID(which), event.data.decode())
    headers = {"Nats-Msg-Id": str(uuid4())}
    await writer.jetstream().publish(f"{ANSWERED}.{which}", event.data, headers=headers)


if __name__ == "__main__":
    uvloop.run(answer(running_instance(DataFolder(Path(sys.argv[1]))), int(sys.argv[2])))
