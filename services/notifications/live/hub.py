"""The hub: every open stream of this process, told of what is committed here or elsewhere.

One query finds what is new for all streams, however many they are; each message is encoded once for an organisation
and a language.
"""

import asyncio
import contextlib
import random
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.notifications.live import queries, wire
from services.notifications.live.commands import CHANNEL, Kind
from services.notifications.live.queries import Told
from shared.clock import Clock
from shared.database import Database
from shared.database.both import Databases
from shared.identity import TOKEN_LIFE, Identity
from shared.identity.revocations import Revocations
from shared.messaging.worker import asyncpg_dsn, for_ever
from shared.observability.pulse import beat
from shared.observability.signals import Signals

log = structlog.get_logger(__name__)

POLL_S = 1.0
HEARTBEAT_S = 15.0
LIFE_S = 300.0
# A client this far behind is cut off: it comes back and reads what it missed.
BOUND = 256
# Streams that open at once wait for each other here and not for a database connection, which would time out.
OPENING_AT_ONCE = 6


class Stream:
    """One open page: messages wait here until the client takes them."""

    def __init__(self, identity: Identity, language: str) -> None:
        self.identity = identity
        self.language = language
        # What its person does not want said aloud; read once when it opens, and it lives for minutes.
        self.muted: frozenset[str] = frozenset()
        self.is_ended = False
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._ready = asyncio.Event()
        now = time.monotonic()
        # Spread, so that streams that opened together neither speak nor end together.
        self.ends_at = now + LIFE_S * random.uniform(0.9, 1.0)  # noqa: S311 - not a secret
        self.beats_at = now + HEARTBEAT_S * random.uniform(0.7, 1.0)  # noqa: S311 - not a secret

    def put(self, position: int, message: bytes) -> None:
        """Queue a message; position 0 is said whatever was said before."""
        if len(self._waiting) >= BOUND:
            self.end()
        if not self.is_ended:
            self._waiting.append((position, message))
            self._ready.set()

    def end(self) -> None:
        """Let the stream say what waits, then end."""
        self.is_ended = True
        self._ready.set()

    async def take(self) -> Sequence[tuple[int, bytes]]:
        """Everything that waits, as soon as something does; empty when the stream has ended."""
        await self._ready.wait()
        taken = list(self._waiting)
        self._waiting.clear()
        if not self.is_ended:
            self._ready.clear()
        return taken


class Hub:
    """All streams of one process."""

    def __init__(
        self, databases: Databases, revocations: Revocations, clock: Clock, signals: Signals | None = None
    ) -> None:
        # What is told to all is read as the worker reads, what one page missed as that page's member.
        self.database: Database = databases.at_work()
        self.pages: Database = databases.pages
        self.fresh = asyncio.Event()
        # A stream that read its past before we know our own position could miss what lies between.
        self.started = asyncio.Event()
        self.opening = asyncio.Semaphore(OPENING_AT_ONCE)
        self._revocations = revocations
        self._clock = clock
        self._signals = signals
        self._streams: defaultdict[UUID, set[Stream]] = defaultdict(set)
        self._position = 0
        self._is_closed = False
        # Handlers in this process wake the hub by their commit; the database tells the other processes.
        self._process = uuid4().hex
        self.database.surround(live_fresh=self.fresh, live_process=self._process)
        if signals is not None:
            open_streams = signals.metrics.gauge("live_streams", "Open pages that this process tells what is new.")
            open_streams.set_function(lambda: float(len(self)))

    def __len__(self) -> int:
        return sum(len(streams) for streams in self._streams.values())

    def join(self, stream: Stream) -> None:
        """From now on the stream receives what is new."""
        self._streams[stream.identity.organisation_id].add(stream)
        if self._is_closed:
            stream.end()

    def leave(self, stream: Stream) -> None:
        """The client went away."""
        streams = self._streams[stream.identity.organisation_id]
        streams.discard(stream)
        if not streams:
            del self._streams[stream.identity.organisation_id]

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver and keep alive until told to stop, then end every stream."""
        jobs = [asyncio.create_task(for_ever(each, self._signals)) for each in (self._follow, self._hear, self._beat)]
        try:
            await stopping.wait()
        finally:
            self._is_closed = True
            for stream in self._all():
                stream.end()
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)

    def _all(self) -> list[Stream]:
        return [stream for streams in self._streams.values() for stream in streams]

    async def _follow(self) -> None:
        while True:
            beat()
            try:
                if not self.started.is_set():
                    await self._start()
                self.fresh.clear()
                while await self.deliver() == queries.LIMIT:
                    pass
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("live_lost_database", error=repr(error))
                await asyncio.sleep(POLL_S)
            except Exception:
                # One event that cannot be told is passed over; the streams live on.
                log.exception("live_event_untold", position=self._position)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.fresh.wait(), POLL_S)

    async def _hear(self) -> None:
        """Be woken by what another process commits; what is not heard, the poll finds a moment later."""
        lost = asyncio.Event()
        connection = await asyncpg.connect(asyncpg_dsn(self.database.url), timeout=5, command_timeout=5)
        try:
            connection.add_termination_listener(lambda *_: lost.set())
            await connection.add_listener(CHANNEL, self._heard)
            while not lost.is_set():
                beat(rest_s=HEARTBEAT_S)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), HEARTBEAT_S)
                    return
                await connection.execute("SELECT 1")
        finally:
            connection.terminate()

    def _heard(self, *told: object) -> None:
        if told[-1] != self._process:
            self.fresh.set()

    async def _start(self) -> None:
        margin = TOKEN_LIFE + timedelta(seconds=10)
        async with self.database.sessions() as session:
            self._position = await queries.newest_position(session)
            for session_id in await queries.revoked_since(session, self._clock() - margin):
                self._revoke(session_id)
        self.started.set()

    async def deliver(self) -> int:
        """Tell the open streams what was committed since the last time; the number of events read."""
        async with self.database.connection() as connection:
            news = await queries.told_after(connection, self._position)
            listeners = self._listeners(news)
            unread = await queries.unread_of(connection, listeners) if listeners else {}
            # Before the connection goes back, which takes longer than this.
            for told in news:
                self._position = told.id
                self._hand_out(told, unread)
        return len(news)

    def _listeners(self, news: Iterable[Told]) -> set[tuple[UUID, UUID]]:
        return {
            (stream.identity.member_id, stream.identity.organisation_id)
            for told in news
            if told.organisation_id is not None and told.kind != Kind.NEW_FOR_YOU
            for stream in self._streams.get(told.organisation_id, ())
        }

    def _hand_out(self, told: Told, unread: dict[UUID, int]) -> None:
        if told.organisation_id is None:
            self._revoke(UUID(str(told.payload["session_id"])))
            return
        heads: dict[tuple[str, frozenset[str]], bytes] = {}
        for stream in list(self._streams.get(told.organisation_id, ())):
            count = unread.get(stream.identity.member_id)
            # Without a count it joined while we read, and reads this event by itself.
            if count is None and told.kind != Kind.NEW_FOR_YOU:
                continue
            read_as = (stream.language, stream.muted)
            if read_as not in heads:
                heads[read_as] = wire.head_of(told, *read_as)
            stream.put(told.id, wire.whole(heads[read_as], count))

    def _revoke(self, session_id: UUID) -> None:
        self._revocations.add(session_id)
        for stream in self._all():
            if stream.identity.session_id == session_id:
                stream.end()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(1)
            now = time.monotonic()
            for stream in self._all():
                if now >= stream.ends_at:
                    stream.end()
                elif now >= stream.beats_at:
                    stream.beats_at = now + HEARTBEAT_S
                    stream.put(0, wire.HEARTBEAT)
