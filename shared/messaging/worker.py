"""What a service does besides answering requests: relay, consumers and timers, each restarted when it ends."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import structlog
from nats.aio.client import Client

from shared.database import Database
from shared.messaging.connection import close, connect
from shared.messaging.consumer import Consumer, Handlers
from shared.messaging.relay import Relay
from shared.messaging.topology import RELAY_PATIENCE_S, consumers_of
from shared.settings import ServiceSettings

log = structlog.get_logger(__name__)

RESTART_S = 1.0

Job = Callable[[], Awaitable[None]]


@contextlib.asynccontextmanager
async def working(
    settings: ServiceSettings, database: Database, handlers: Handlers, *, timers: Sequence[Job] = ()
) -> AsyncIterator[Client]:
    """Run the service's relay, one consumer per durable and its timers until the block ends."""
    client = await connect(settings.nats_url, user=settings.service, seed_file=settings.nats_seed_file)
    patience_s = RELAY_PATIENCE_S.get(settings.service, 0.0)
    relay = Relay(asyncpg_dsn(database.url), client, filled=database.outbox_filled, patience_s=patience_s)
    consumers = [Consumer(spec, database, client, handlers) for spec in consumers_of(settings.service)]
    jobs: list[Job] = [relay.run, *(consumer.run for consumer in consumers), *timers]
    tasks = [asyncio.create_task(_for_ever(job), name=getattr(job, "__qualname__", "job")) for job in jobs]
    try:
        yield client
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await close(client)


async def _for_ever(job: Job) -> None:
    while True:
        try:
            await job()
        except Exception:
            log.exception("job_failed", job=getattr(job, "__qualname__", repr(job)))
        await asyncio.sleep(RESTART_S)


def asyncpg_dsn(url: str) -> str:
    """The same database for asyncpg without SQLAlchemy."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)
