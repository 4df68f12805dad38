"""One service's app inside the common process: its own lifespan, its own failure, its own restart."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol, Self

LONGEST_PAUSE_SECONDS = 10.0
logger = logging.getLogger("boucle.house")


class App(Protocol):
    """What the house asks of an app; Litestar's is one."""

    state: Any

    def lifespan(self) -> Any:
        """The context in which the app may answer."""

    async def __call__(self, scope: Any, receive: Any, send: Any, /) -> None:
        """Answer one request."""


class AppFailed(Exception):
    """The app said, by setting `app.state.failed`, that it cannot go on."""


class Guest:
    """An app that lives in a task of its own.

    A worker may fail in three ways and only its own guest goes down: the lifespan raises, a task group inside the
    lifespan cancels it, or the app sets the event `app.state.failed`. The guest is then made anew after a pause.
    """

    def __init__(self, name: str, make: Callable[[], App]) -> None:
        self.name, self.make = name, make
        self.app: App | None = None
        self._made: App | None = None
        self._leaving = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        return self.app is not None

    @property
    def signals(self) -> Any:
        """What the app tells of itself to whoever runs it; None while it is down or when it tells nothing."""
        return None if self.app is None else self.app.state.get("signals")

    def prepare(self) -> None:
        """Import and build the app before it is asked to live, while the engines still start."""
        self._made = self.make()

    async def __aenter__(self) -> Self:
        """Return once the app may answer; what its first start raises is raised here."""
        first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(first), name=f"guest {self.name}")
        await first
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        if self._task is not None:
            await self._task

    def end_streams(self) -> None:
        """Tell open streams to end by themselves."""
        if self.app is not None:
            _end_streams_of(self.app)

    async def _live(self, first: asyncio.Future[None]) -> None:
        pause, clock = 0.0, asyncio.get_running_loop().time
        while not self._leaving.is_set():
            born_at = clock()
            try:
                await self._live_once(first)
            except Exception as error:
                if not first.done():
                    first.set_exception(error)
                    return
                logger.exception("%s is down and will be started again", self.name)
            pause = 0.0 if clock() - born_at > LONGEST_PAUSE_SECONDS else pause
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), pause)
            pause = min(max(0.5, pause * 2), LONGEST_PAUSE_SECONDS)

    async def _live_once(self, first: asyncio.Future[None]) -> None:
        app, self._made = self._made or self.make(), None
        try:
            async with app.lifespan():
                self.app = app
                if not first.done():
                    first.set_result(None)
                await self._until_failed_or_leaving(app)
        finally:
            self.app = None
            _end_streams_of(app)

    async def _until_failed_or_leaving(self, app: App) -> None:
        failed = app.state.get("failed")
        events = [self._leaving, *([failed] if isinstance(failed, asyncio.Event) else [])]
        waits = [asyncio.create_task(event.wait()) for event in events]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not self._leaving.is_set():
            raise AppFailed(f"{self.name} gave up")


def _end_streams_of(app: App) -> None:
    stopping = app.state.get("stopping")
    if isinstance(stopping, asyncio.Event):
        stopping.set()
