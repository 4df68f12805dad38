"""Waits until nothing moves: every outbox published, every durable read to its end, every table known as it is."""

import asyncio

import asyncpg
import nats.errors
from nats.aio.client import Client

from deploy.embedded.credentials import SERVICES
from deploy.embedded.instance import Instance
from shared.messaging.connection import close, connect
from shared.messaging.topology import CONSUMERS
from shared.messaging.worker import asyncpg_dsn

LOOK_S = 0.5
LIMIT_S = 120.0
VACUUM_LIMIT_S = 240.0


class NotQuiet(TimeoutError):
    """What still waited in the end; says how many of what."""


async def quiet(instance: Instance, *, limit_s: float = LIMIT_S) -> None:
    """Return once four looks in a row, half a second apart, find nothing waiting; raises NotQuiet.

    A durable whose leader has just changed may say for a moment that nothing waits, or nothing at all.
    """
    calm, waiting = 0, dict[str, int]()
    admin = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
    try:
        async with asyncio.timeout(limit_s):
            while calm < 4:
                waiting = await _waiting(instance, admin)
                calm = 0 if waiting else calm + 1
                await asyncio.sleep(LOOK_S)
    except TimeoutError as error:
        told = ", ".join(f"{what}: {number}" for what, number in waiting.items())
        raise NotQuiet(f"still waiting after {limit_s:g} s: {told}") from error
    finally:
        await close(admin)


async def _waiting(instance: Instance, admin: Client) -> dict[str, int]:
    """How many events wait, by the outbox or the durable in which they do; nothing that is empty."""
    found = {f"outbox of {service}": await _unpublished(instance, service) for service in SERVICES}
    for spec in CONSUMERS:
        name = f"{spec.stream}.{spec.durable}"
        try:
            info = await admin.jetstream().consumer_info(spec.stream, spec.durable)
        except nats.errors.Error as error:
            found[f"{name} gives no answer ({error!r})"] = 1
            continue
        found |= {name: info.num_pending or 0, f"{name}, in hand": info.num_ack_pending or 0}
    return {what: number for what, number in found.items() if number}


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
