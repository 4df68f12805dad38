"""One connection to NATS that survives what networks do."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple, ParamSpec

import nats
import structlog
from nats.aio.client import Client

from shared.messaging.topology import inbox_prefix
from shared.observability.metrics import Metrics

log = structlog.get_logger(__name__)
P = ParamSpec("P")

# A black-holed link is given up after this long; nats-py alone waits for unsent bytes for many minutes.
TCP_USER_TIMEOUT_MS = 5000
# Who took no notice of being stopped is told again.
AGAIN_S = 0.1


class Told(NamedTuple):
    """The client's callbacks."""

    disconnected: Callable[[], Awaitable[None]]
    reconnected: Callable[[], Awaitable[None]]
    failed: Callable[[Exception], Awaitable[None]]
    closed: Callable[[], Awaitable[None]]


async def connect(
    url: str,
    *,
    user: str,
    seed_file: Path | None,
    on_closed: Callable[[], None] | None = None,
    metrics: Metrics | None = None,
) -> Client:
    """Connect as a NATS user and keep trying for ever; `on_closed` is called if the client gives up all the same.

    `url` may name several servers, separated by commas.
    """
    client = Client()
    told = _told(client, user, on_closed, metrics or Metrics())
    try:
        await client.connect(
            servers=url.split(","),
            name=f"{user}@{socket.gethostname()}",
            nkeys_seed=str(seed_file) if seed_file else None,
            inbox_prefix=inbox_prefix(user).encode(),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,  # type: ignore[arg-type] # the code takes fractions of a second
            ping_interval=3,
            max_outstanding_pings=2,
            connect_timeout=2,
            # Nothing is kept to be sent later: a publish that failed here must not appear there afterwards.
            pending_size=0,
            disconnected_cb=told.disconnected,
            reconnected_cb=told.reconnected,
            error_cb=told.failed,
            closed_cb=told.closed,
        )
    except BaseException:
        # Given up half way (a stop while the broker is away): no socket may stay behind.
        with contextlib.suppress(Exception):
            await client.close()
        raise
    _limit_unacknowledged_bytes(client)
    return client


def _told(client: Client, user: str, on_closed: Callable[[], None] | None, metrics: Metrics) -> Told:
    """What the client calls when something happens to its connection."""

    async def disconnected() -> None:
        # Also told at our own close, which is no trouble.
        if client.is_closed or client.is_draining:
            return
        metrics.connection_total.labels("lost").inc()
        log.warning("nats_disconnected", user=user)

    async def reconnected() -> None:
        metrics.connection_total.labels("back").inc()
        _limit_unacknowledged_bytes(client)
        log.info("nats_reconnected", user=user)

    async def failed(error: Exception) -> None:
        if "permissions violation" in str(error).lower():
            metrics.permission_violation_total.inc()
            log.error("nats_permission_violation", user=user, error=str(error))
        else:
            log.warning("nats_error", user=user, error=str(error))

    async def closed() -> None:
        metrics.connection_total.labels("closed").inc()
        log.debug("nats_closed", user=user)
        if on_closed is not None:
            on_closed()

    return Told(_guarded(disconnected), _guarded(reconnected), _guarded(failed), _guarded(closed))


def _guarded(callback: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None]]:
    # An exception inside disconnected_cb would end the reconnect task and leave the client RECONNECTING for ever.
    async def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await callback(*args, **kwargs)
        except Exception:
            log.exception("nats_callback_failed")

    return run


def _limit_unacknowledged_bytes(client: Client) -> None:
    writer = writer_of(client)
    raw = writer.get_extra_info("socket") if writer is not None else None
    if raw is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS)


def hang_up(client: Client) -> None:
    """End the connection without a word: nothing that is said on it is heard any more."""
    writer = writer_of(client)
    if writer is not None:
        writer.transport.abort()


def writer_of(client: Client) -> asyncio.StreamWriter | None:
    """What the client writes to, once it has reached a server."""
    writer: asyncio.StreamWriter | None = getattr(client._transport, "_io_writer", None)
    return writer


async def close(client: Client) -> None:
    """Close for good; draining while reconnecting raises and would leave the client open."""
    try:
        if client.is_connected:
            await client.flush(timeout=1)
    except (nats.errors.Error, TimeoutError):
        log.debug("nats_flush_at_close_failed")
    finally:
        await _stop_coming_back(client)
        # What could not be written any more stays unwritten: the connection is gone as it should be.
        with contextlib.suppress(OSError):
            await client.close()


async def _stop_coming_back(client: Client) -> None:
    """A connection made in the moment of the cancellation is kept by `wait_for`: the client would be back after all."""
    client.options["allow_reconnect"] = False
    coming = client._reconnection_task
    while coming is not None and not coming.done():
        coming.cancel()
        await asyncio.wait({coming}, timeout=AGAIN_S)
