"""Waits until nothing moves: every outbox published, every durable read to its end, every table known as it is."""

import asyncio

import asyncpg

from deploy.embedded.credentials import SERVICES
from deploy.embedded.instance import Instance
from shared.messaging.connection import close, connect
from shared.messaging.topology import CONSUMERS
from shared.messaging.worker import asyncpg_dsn

LIMIT_S = 120.0
VACUUM_LIMIT_S = 240.0


async def quiet(instance: Instance, *, limit_s: float = LIMIT_S) -> None:
    """Return once four looks in a row, half a second apart, find nothing waiting; raises TimeoutError.

    A durable whose leader has just changed may say for a moment that nothing waits.
    """
    calm = 0
    admin = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
    try:
        async with asyncio.timeout(limit_s):
            while calm < 4:
                waiting = [await _unpublished(instance, service) for service in SERVICES]
                for spec in CONSUMERS:
                    info = await admin.jetstream().consumer_info(spec.stream, spec.durable)
                    waiting.append((info.num_pending or 0) + (info.num_ack_pending or 0))
                calm = 0 if any(waiting) else calm + 1
                await asyncio.sleep(0.5)
    finally:
        await close(admin)


async def _unpublished(instance: Instance, service: str) -> int:
    connection = await asyncpg.connect(asyncpg_dsn(instance.database_url(service, "work")), ssl=False)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"))
    finally:
        await connection.close()


async def settle(instance: Instance) -> None:
    """Have PostgreSQL look at what was written, as it would by itself in the minutes after, beside what is measured.

    Until it has, it goes by plans that it made when the tables were small. Only an owner may.
    """
    connection = await asyncpg.connect(asyncpg_dsn(instance.database_url("matching", "owner")), ssl=False)
    try:
        await connection.execute("VACUUM (ANALYZE)", timeout=VACUUM_LIMIT_S)
    finally:
        await connection.close()
