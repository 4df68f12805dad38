"""What a service does besides answering requests: relay, consumers and timers, each restarted when it ends."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import nats.errors
import structlog
from nats.aio.client import Client

from shared.database import Database
from shared.messaging.connection import close, connect, hang_up
from shared.messaging.consumer import Consumer
from shared.messaging.fresh import Fresh
from shared.messaging.handling import Foretellers, Handlers
from shared.messaging.relay import Relay
from shared.messaging.topology import RELAY_PATIENCE_S, consumers_of
from shared.observability.lines import speaking
from shared.observability.pulse import beat
from shared.observability.signals import Signals
from shared.settings import ServiceSettings

log = structlog.get_logger(__name__)

RESTART_S = 1.0
STOP_S = 3.0
WATCH_S, ANSWER_S = 2, 3

Job = Callable[[], Awaitable[None]]


class Link:
    """The service's connection to the broker as it is now: `client` is None until the broker was reached."""

    def __init__(self) -> None:
        self.client: Client | None = None
        # What this process commits, for its relay; kept while the connection is made anew.
        self.fresh = Fresh()


@contextlib.asynccontextmanager
async def working(
    settings: ServiceSettings,
    database: Database,
    handlers: Handlers,
    *,
    foretellers: Foretellers | None = None,
    timers: Sequence[Job] = (),
    signals: Signals | None = None,
) -> AsyncIterator[Link]:
    """Run the service's relay, one consumer per durable and its timers until the block ends.

    Does not wait for the broker: pages and timers need the database only.
    """
    signals, link = signals or Signals(settings.service), Link()
    database.surround(outbox_fresh=link.fresh)
    reader = functools.partial(Consumer, handlers=handlers, foretellers=foretellers, metrics=signals.metrics)
    linked = functools.partial(_work_linked, settings, database, reader, link=link, signals=signals)
    async with at_work(signals, linked, *timers):
        yield link


async def _work_linked(
    settings: ServiceSettings, database: Database, reader: Callable[..., Consumer], *, link: Link, signals: Signals
) -> None:
    """Relay and consumers on one connection, until it is closed for good: nats-py ends itself on some errors."""
    closed, metrics = asyncio.Event(), signals.metrics
    client = await connect(
        settings.nats_url,
        user=settings.service,
        seed_file=settings.nats_seed_file,
        on_closed=closed.set,
        metrics=metrics,
    )
    patience_s = RELAY_PATIENCE_S.get(settings.service, 0.0)
    relay = Relay(asyncpg_dsn(database.url), client, fresh=link.fresh, patience_s=patience_s, metrics=metrics)
    consumers = [reader(spec, database, client) for spec in consumers_of(settings.service)]
    link.client = client
    try:
        async with at_work(
            signals, functools.partial(watch, client, closed), relay.run, *(each.run for each in consumers)
        ):
            await closed.wait()
        log.error("nats_closed_for_good", user=settings.service)
    finally:
        link.client = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await close(client)


async def watch(client: Client, closed: asyncio.Event) -> None:
    """Give up a client that says it is connected and hears nothing: its read loop can end without a word."""
    while True:
        beat()
        await asyncio.sleep(WATCH_S)
        if not client.is_connected:
            continue  # it knows, and is on its way back
        try:
            await client.rtt(timeout=ANSWER_S)
        except (nats.errors.Error, TimeoutError, OSError) as error:
            if client.is_connected:
                log.warning("nats_answers_nothing", error=repr(error))
                hang_up(client)
                closed.set()


@contextlib.asynccontextmanager
async def at_work(signals: Signals, *jobs: Job) -> AsyncIterator[None]:
    """Run jobs that have no end until the block ends."""
    tasks = {asyncio.create_task(for_ever(job, signals), name=name_of(job)) for job in jobs}
    try:
        yield
    finally:
        while tasks:
            for task in tasks:
                task.cancel()
            # Asked again: a library on its way may take a cancellation for its own and go on.
            _, tasks = await asyncio.wait(tasks, timeout=STOP_S)


async def for_ever(job: Job, signals: Signals | None = None) -> None:
    """Run a job that has no end, again whenever it ends; only who cancels this task ends it.

    A library that cancels its own futures when a connection breaks raises `CancelledError` here too, and nobody
    would ever see that the job is gone.
    """
    task, name = asyncio.current_task(), name_of(job)
    signals = signals or Signals("")
    if signals.service:
        speaking.set(signals.service)
    with signals.pulse.of(name) as heart:
        while True:
            try:
                await job()
            except asyncio.CancelledError:
                if task is None or task.cancelling():
                    raise
                log.exception("job_cancelled_by_a_library", job=name)
            except Exception:
                log.exception("job_failed", job=name)
            signals.metrics.job_failure_total.labels(name).inc()
            heart.until = None
            await asyncio.sleep(RESTART_S)


def name_of(job: Job) -> str:
    """What a job is called where one is told of it: `Consumer.run CATALOG.matching`."""
    inner = job.func if isinstance(job, functools.partial) else job
    which = getattr(getattr(inner, "__self__", None), "name", "")
    return f"{getattr(inner, '__qualname__', 'job')} {which}".strip()


def asyncpg_dsn(url: str) -> str:
    """The same database for asyncpg without SQLAlchemy."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)
