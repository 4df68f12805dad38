"""One origin for three apps: order of life, who answers what, and words when one is down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
import pytest
from litestar.datastructures import State

from deploy.embedded import guest
from deploy.embedded.dispatcher import Dispatcher, Message
from deploy.embedded.guest import App
from shared.web.urls import SERVICES, service_for
from tests.deploy.tiny_apps import make_app


class Life:
    """Speaks the ASGI lifespan protocol to a dispatcher, as a server does."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher, self.said = dispatcher, list[str]()
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._heard = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._inbox.put_nowait({"type": "lifespan.startup"})
        self._task = asyncio.create_task(self.dispatcher({"type": "lifespan"}, self._inbox.get, self._send))
        await self._heard.wait()

    async def stop(self) -> None:
        self._inbox.put_nowait({"type": "lifespan.shutdown"})
        assert self._task is not None
        await self._task

    async def _send(self, message: Message) -> None:
        self.said.append(message["type"])
        self._heard.set()


@asynccontextmanager
async def living(dispatcher: Dispatcher) -> AsyncIterator[httpx.AsyncClient]:
    life = Life(dispatcher)
    await life.start()
    assert life.said == ["lifespan.startup.complete"]
    transport = httpx.ASGITransport(app=dispatcher)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield client
    finally:
        await life.stop()


def house(make: Callable[[str], App] = make_app) -> Dispatcher:
    return Dispatcher({name: partial(make, name) for name in SERVICES}, service_for)


async def eventually(client: httpx.AsyncClient, path: str, status: int) -> bool:
    """Whether the path comes to answer so within half a minute."""
    for _ in range(3000):
        if (await client.get(path)).status_code == status:
            return True
        await asyncio.sleep(0.01)
    return False


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guest, "LONGEST_PAUSE_SECONDS", 0.2)


async def test_apps_start_in_order_and_leave_in_reverse() -> None:
    diary: list[str] = []
    dispatcher = house(lambda name: make_app(name, diary))
    async with living(dispatcher):
        assert diary == ["catalog in", "matching in", "notifications in"]
    assert diary[3:] == ["notifications out", "matching out", "catalog out"]


async def test_a_failing_start_is_told_only_after_the_others_have_left() -> None:
    diary: list[str] = []

    def make(name: str) -> App:
        if name == "notifications":
            raise RuntimeError("no database")
        return make_app(name, diary)

    life = Life(house(make))
    await life.start()
    assert life.said == ["lifespan.startup.failed"]
    assert diary == ["catalog in", "matching in", "matching out", "catalog out"]


@pytest.mark.parametrize(
    ("path", "name"),
    [("/", "catalog"), ("/matching", "matching"), ("/notifications", "notifications")],
)
async def test_each_path_goes_to_its_owner(path: str, name: str) -> None:
    async with living(house()) as client:
        assert (await client.get(path)).text == name


async def test_the_language_is_looked_past_and_the_path_left_whole() -> None:
    seen: list[str] = []
    async with living(house(lambda name: Recorder(name, seen))) as client:
        await client.get("/en/matching/x")
    assert seen == ["matching /en/matching/x"]


async def test_an_app_that_gives_up_says_so_while_the_others_answer_and_then_comes_back() -> None:
    away: set[str] = set()

    def make(name: str) -> App:
        if name in away:
            raise RuntimeError("no database yet")
        return make_app(name)

    async with living(house(make)) as client:
        away.add("matching")
        await client.get("/matching/fail")
        assert await eventually(client, "/-/apps/matching", 503)
        page = await client.get("/en/matching", headers={"accept": "text/html"})
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        assert "“matching” service is restarting" in page.text
        assert (await client.get("/")).text == "catalog"
        away.clear()
        assert await eventually(client, "/-/apps/matching", 200)
        assert (await client.get("/matching")).text == "matching"


async def test_a_worker_that_raises_inside_the_lifespan_takes_only_its_own_app_down() -> None:
    """A task group in a lifespan cancels the task that entered it: that task must be the guest's alone."""
    fall = asyncio.Event()

    def make(name: str) -> App:
        if name == "matching" and fall.is_set():
            raise RuntimeError("it would only fall again")
        return Falling(name, fall) if name == "matching" else make_app(name)

    async with living(house(make)) as client:
        fall.set()
        assert await eventually(client, "/-/apps/matching", 503)
        answer = await client.get("/matching", headers={"accept": "application/json"})
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert (await client.get("/notifications")).text == "notifications"


async def test_an_error_that_escapes_an_app_is_an_answer_in_words() -> None:
    async with living(house(lambda name: Recorder(name, [], error=name == "catalog"))) as client:
        answer = await client.get("/", headers={"accept": "text/html"})
        assert answer.status_code == 503
        assert "redémarre" in answer.text


async def test_static_files_come_from_any_app_that_is_up() -> None:
    seen: list[str] = []
    dispatcher = house(lambda name: Recorder(name, seen))
    async with living(dispatcher) as client:
        dispatcher.guests["catalog"].app = None
        assert (await client.get("/static/app.1a2b.css")).status_code == 200
    assert seen == ["matching /static/app.1a2b.css"]


class Recorder:
    """An ASGI app that notes what it is asked."""

    def __init__(self, name: str, seen: list[str], *, error: bool = False) -> None:
        self.name, self.seen, self.error = name, seen, error
        self.state: Any = State({})

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        yield

    async def __call__(self, scope: Any, _: Any, send: Any) -> None:
        if self.error:
            raise RuntimeError("escaped")
        self.seen.append(f"{self.name} {scope['path']}")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Falling(Recorder):
    """An app whose worker raises when told to."""

    def __init__(self, name: str, fall: asyncio.Event) -> None:
        super().__init__(name, [])
        self.fall = fall

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._work())
            yield

    async def _work(self) -> None:
        await self.fall.wait()
        raise RuntimeError("the worker fell")
