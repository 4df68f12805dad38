"""Hands one message to one receiver over HTTP, and to nobody else.

INVARIANT: a connection goes to an address that was judged, and to no other. The name is resolved here, all it stands
for is judged, and one of these addresses is dialled; TLS still asks for the name. No redirect is followed, no proxy of
the environment is used, and an answer is read no further than it is shown.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from services.notifications.webhooks import schedule
from services.notifications.webhooks.address import is_allowed
from shared.clock import Clock

# All of one attempt: resolving, connecting, sending, and the answer however slowly it drips.
TIMEOUT_S = 20.0
CONNECT_S = 5.0
READ_AT_MOST = 4_096
SHOWN = 500
AGENT = "Boucle-Webhooks/1"

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True)
class Answer:
    """What came of one attempt: a status with the beginning of the answer, or why there is none."""

    status: int | None = None
    text: str | None = None
    error: str | None = None
    retry_after: timedelta | None = None
    duration_ms: int = 0

    @property
    def is_taken(self) -> bool:
        """True when the receiver has it: 2xx, and nothing else."""
        return self.status is not None and 200 <= self.status < 300


class NotReachable(Exception):
    """The connection was not made, and why: a code, told in words on the page."""


class Courier:
    """Sends messages; one for a process."""

    def __init__(
        self,
        clock: Clock,
        *,
        to_loopback: bool = False,
        resolve: Resolve | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._network = _JudgedNetwork(resolve or resolved, to_loopback=to_loopback)
        self._trust = trust or httpx.create_ssl_context()

    async def send(self, url: str, headers: Mapping[str, str], body: str) -> Answer:
        """One attempt; whatever goes wrong outside is an answer."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                status, said, text = await self._asked(url, headers, body)
        except Exception as error:
            return Answer(error=_code_of(error), duration_ms=_since(began))
        later = schedule.retry_after(said.get(b"retry-after"), now=self._clock())
        return Answer(status, text, None if status < 300 or status >= 400 else "redirect", later, _since(began))

    async def _asked(self, url: str, headers: Mapping[str, str], body: str) -> tuple[int, dict[bytes, str], str]:
        said = {"content-type": "application/cloudevents+json; charset=utf-8", "user-agent": AGENT, **headers}
        pool = httpcore.AsyncConnectionPool(
            ssl_context=self._trust, network_backend=self._network, max_keepalive_connections=0
        )
        timeout = {"connect": CONNECT_S, "read": TIMEOUT_S, "write": TIMEOUT_S, "pool": CONNECT_S}
        async with (
            pool,
            pool.stream(
                "POST", url, headers=list(said.items()), content=body.encode(), extensions={"timeout": timeout}
            ) as response,
        ):
            found = {name.lower(): value.decode("latin-1") for name, value in response.headers}
            return response.status, found, await _beginning(response)


class _JudgedNetwork(httpcore.AsyncNetworkBackend):
    """Connects where a webhook may lead."""

    def __init__(self, resolve: Resolve, *, to_loopback: bool) -> None:
        self._resolve, self._to_loopback = resolve, to_loopback
        self._dialling = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address of a name that answers; raises `NotReachable` if any of them is ours."""
        found = [ip_address(each.partition("%")[0]) for each in await self._resolve(host, port)]
        if not found:
            raise NotReachable("unknown_name")
        if not all(is_allowed(address, to_loopback=self._to_loopback) for address in found):
            raise NotReachable("private_address")
        for address in found[:-1]:
            try:
                return await self._dialling.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._dialling.connect_tcp(str(found[-1]), port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """As httpcore asks it of a network."""
        await asyncio.sleep(seconds)


async def resolved(host: str, port: int) -> list[str]:
    """The addresses a name stands for, as the machine's resolver says at this moment."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    except OSError as error:
        raise NotReachable("unknown_name") from error
    return [str(each[4][0]) for each in found]


async def _beginning(response: httpcore.Response) -> str:
    """The first words of an answer; the rest is not read."""
    read = b""
    async for part in response.aiter_stream():
        read += part[: READ_AT_MOST - len(read)]
        if len(read) >= READ_AT_MOST:
            break
    # PostgreSQL's text has no NUL character.
    return read.decode("utf-8", "replace").replace("\0", " ")[:SHOWN]


def _code_of(error: Exception) -> str:
    if isinstance(error, NotReachable):
        return str(error)
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return "timeout"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "certificate" if isinstance(cause, ssl.SSLCertVerificationError) else "tls"
        cause = cause.__cause__ or cause.__context__
    return "connection"


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
