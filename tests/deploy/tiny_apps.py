"""Three tiny apps that stand for the services wherever the house itself is tested."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, get
from litestar.datastructures import State
from litestar.response import ServerSentEvent

PREFIXES = {"catalog": "/", "matching": "/matching", "notifications": "/notifications"}


@get("/", sync_to_thread=False)
def page(state: State) -> str:
    """Say which app answers."""
    name: str = state.name
    return name


@get("/feed", sync_to_thread=False)
def feed(state: State) -> ServerSentEvent:
    """A stream that ends only when the app is told to stop."""

    async def beats() -> AsyncIterator[str]:
        while not state.stopping.is_set():
            yield "beat"
            await _either(state.stopping, 0.5)

    return ServerSentEvent(beats())


@get("/fail", sync_to_thread=False)
def fail(state: State) -> str:
    """Make the app give up, as a worker beyond repair would."""
    state.failed.set()
    return "failing"


@get("/hang", sync_to_thread=False)
def hang() -> str:
    """Block the event loop for a while, so that a stop cannot be clean."""
    time.sleep(30)
    return "late"


async def _either(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


def make_app(name: str, diary: list[str] | None = None) -> Litestar:
    """An app of one name, which writes into the diary when it starts and stops."""

    @asynccontextmanager
    async def living(app: Litestar) -> AsyncIterator[None]:
        if diary is not None:
            diary.append(f"{name} in")
        yield
        if diary is not None:
            diary.append(f"{name} out")

    return Litestar(
        [page, feed, fail, hang],
        path=PREFIXES[name],
        lifespan=[living],
        state=State({"name": name, "stopping": asyncio.Event(), "failed": asyncio.Event()}),
        openapi_config=None,
        logging_config=None,
    )
