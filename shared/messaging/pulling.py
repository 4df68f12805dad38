"""Asks a durable for messages, tells the broker's remarks from them, and gives back what was not handled."""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from shared.messaging.topology import ConsumerSpec

log = structlog.get_logger(__name__)

BATCH = 64
PULL_EXPIRES_S = 5.0
HEARTBEAT_S = 1.0
SILENCE = 2.5  # in heartbeats: so long without a word, and the request is taken for lost
QUIET_S = 1.0
CLOSE_S = 1.0


class Pulling:
    """One subscription on one durable, with at most one pull request that counts.

    Every request has a reply subject of its own, so that the end of an older one is not taken for the end of the
    newest; none is sent while messages wait here, or slow handlers would pile requests up at the broker.
    """

    def __init__(self, client: Client, spec: ConsumerSpec) -> None:
        self._client = client
        self._name = f"{spec.stream}.{spec.durable}"
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        # Our own: nats-py starts two tasks for each message that one waits for.
        self._arrived: deque[Msg] = deque()
        self._something = asyncio.Event()
        self._unhandled: list[Msg] = []
        self._pulls = 0
        self._outstanding = 0
        self._heard_at = 0.0

    @classmethod
    async def start(cls, client: Client, spec: ConsumerSpec) -> "Pulling":
        """Listen, without asking for anything yet."""
        pulling = cls(client, spec)
        pulling._subscription = await client.subscribe(f"{pulling._inbox}.*", cb=pulling._take, pending_msgs_limit=4096)
        return pulling

    async def _take(self, message: Msg) -> None:
        self._arrived.append(message)
        self._something.set()

    @property
    def is_empty(self) -> bool:
        """Nothing more has arrived yet."""
        return not self._arrived

    async def messages(self) -> AsyncIterator[Msg | None]:
        """Every message, as it comes; None for a quiet second, and while the broker is away."""
        while True:
            if self.is_empty and self._needs_asking():
                if not self._client.is_connected:
                    # Said, too: who waits for the broker is alive, and must not be taken for one that stands still.
                    await asyncio.sleep(0.1)
                    yield None
                    continue
                await self._ask()
            if self.is_empty and not await self._wait():
                yield None
                continue
            message = self._arrived.popleft()
            if (status := (message.headers or {}).get("Status")) is not None:
                await self._hear(message.subject, status)
                continue
            self._outstanding -= 1
            yield message
            # The handler's time was not the broker's silence.
            self._heard_at = time.monotonic()

    async def _wait(self) -> bool:
        """True once something has arrived; raises when nothing will any more."""
        self._something.clear()
        try:
            async with asyncio.timeout(QUIET_S):
                await self._something.wait()
        except TimeoutError:
            if self._client.is_closed:
                raise nats.errors.ConnectionClosedError from None
        return not self.is_empty

    def put_back(self, message: Msg) -> None:
        """A message in hand that will not be handled; it goes back when this closes."""
        self._unhandled.append(message)

    async def close(self) -> None:
        """Stop listening; then what had been fetched goes back in its order, at once instead of after its lease.

        Only then: while we listen, the broker would send it to us again.
        """
        if self._subscription is None:
            return
        with contextlib.suppress(nats.errors.Error, TimeoutError, OSError):
            async with asyncio.timeout(CLOSE_S):
                # Ends once the broker has sent its last and we have taken it.
                await self._subscription.drain()  # type: ignore[no-untyped-call]
        with contextlib.suppress(nats.errors.Error):
            await self._subscription.unsubscribe()
        self._unhandled += [message for message in self._arrived if message.reply.startswith("$JS.ACK")]
        with contextlib.suppress(nats.errors.Error):
            for message in self._unhandled:
                await message.nak()

    def _needs_asking(self) -> bool:
        return self._outstanding <= 0 or time.monotonic() - self._heard_at > SILENCE * HEARTBEAT_S

    async def _ask(self) -> None:
        self._pulls += 1
        request = {"batch": BATCH, "expires": int(PULL_EXPIRES_S * 1e9), "idle_heartbeat": int(HEARTBEAT_S * 1e9)}
        where, reply = f"$JS.API.CONSUMER.MSG.NEXT.{self._name}", f"{self._inbox}.{self._pulls}"
        await self._client.publish(where, json.dumps(request).encode(), reply=reply)
        self._outstanding, self._heard_at = BATCH, time.monotonic()

    async def _hear(self, subject: str, status: str) -> None:
        if subject != f"{self._inbox}.{self._pulls}":
            return
        self._heard_at = time.monotonic()
        if status != "100":  # 100 is a heartbeat; anything else ends this pull request
            self._outstanding = 0
        if status in ("409", "503"):
            log.warning("consumer_pull_refused", consumer=self._name, status=status)
            await asyncio.sleep(0.2)
