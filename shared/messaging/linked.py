"""A connection of one's own to the broker, for what must not wait behind events: kept up until the block ends."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

from nats.aio.client import Client

from shared.messaging.connection import close, connect
from shared.messaging.worker import STOP_S, at_work, watch
from shared.observability.signals import Signals
from shared.settings import ServiceSettings

Busy = Callable[[Client], AbstractAsyncContextManager[None]]


@contextlib.asynccontextmanager
async def linked(settings: ServiceSettings, signals: Signals, busy: Busy) -> AsyncIterator[None]:
    """Have `busy` at work on a connection while there is one; nobody waits for the broker."""
    async with at_work(signals, functools.partial(_stay_linked, settings, signals, busy)):
        yield


async def _stay_linked(settings: ServiceSettings, signals: Signals, busy: Busy) -> None:
    closed = asyncio.Event()
    client = await connect(
        settings.nats_url,
        user=settings.service,
        seed_file=settings.nats_seed_file,
        on_closed=closed.set,
        metrics=signals.metrics,
    )
    try:
        async with busy(client), at_work(signals, functools.partial(watch, client, closed)):
            await closed.wait()
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await close(client)
