"""A throw-away house under a steady load, and what a long fault is measured with."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from deploy.bench.quiet import quiet
from deploy.chaos.faults import NATS, PAGES, POSTGRES, WORKER
from deploy.chaos.ledger import Ledger
from deploy.chaos.load import NEED, WRITERS_A_BUYER, Crowd, gather_crowd, write_for_ever
from deploy.chaos.long_tale import Tale
from deploy.chaos.site import START_LIMIT_S, Mount, Site, site
from deploy.chaos.verdict import judge
from deploy.embedded.data_folder import PROJECT
from deploy.embedded.http_probe import status_of
from deploy.embedded.signals import HTTP_OK
from shared.messaging.worker import asyncpg_dsn

# Twelve writers that rest so long between two writes make about 25 a second, for as long as it takes.
REST_S = 0.35
# From the last fault until nothing moves: the readers have the whole of an outage to catch up on.
AT_REST_S = 600.0
ENGINES = {"NATS": (NATS, "nats", 0o000), "PostgreSQL": (POSTGRES, "postgres", 0o777)}
LOOK_S = 1.0
# What a request may take while something is away.
BUDGET_S = 5.0


def on_this_disk(_folder: Path, _size: str) -> bool:
    """No disk of its own: the speed and the room of the machine's."""
    return False


@dataclass
class House:
    """The site, its crowd and what the crowd was promised."""

    tale: Tale
    site: Site
    crowd: Crowd
    ledger: Ledger = field(default_factory=Ledger)

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Buyers write until the block ends."""
        writers = [
            asyncio.create_task(write_for_ever(buyer, self.ledger, seed=self.tale.seed * 1000 + number))
            for number, buyer in enumerate(self.crowd.buyers * WRITERS_A_BUYER)
        ]
        try:
            yield
        finally:
            for writer in writers:
                writer.cancel()
            await asyncio.gather(*writers, return_exceptions=True)

    async def rests(self) -> None:
        """Wait until nothing moves, and keep how long it took."""
        began = time.monotonic()
        try:
            await self.site.answers()
            await quiet(self.site.instance, limit_s=AT_REST_S)
        except TimeoutError:
            self.tale.expect(False, f"not at rest after {AT_REST_S:.0f} s")
        self.tale.found(at_rest_after_s=time.monotonic() - began)

    async def nats_is_back(self) -> None:
        """Wait until the broker answers, as it does once its supervisor could start it."""
        async with asyncio.timeout(START_LIMIT_S):
            while await status_of(self.site.instance.health_port, "/healthz", timeout=2.0) != HTTP_OK:  # noqa: ASYNC110
                await asyncio.sleep(0.2)

    async def is_judged(self) -> None:
        """Compare the ledger with everything that is stored."""
        self.tale.judged(await judge(self.site, self.ledger, poisons=0))
        self.tale.expect(not self.ledger.surprises, f"unexplained answers: {self.ledger.surprises[:5]}")

    async def ask(self, service: str, question: str, *values: object) -> Any:
        """The first column of the first row."""
        address = asyncpg_dsn(self.site.instance.database_url(service))
        connection = await asyncpg.connect(address, ssl=False, timeout=10)
        try:
            return await connection.fetchval(question, *values)
        finally:
            await connection.close()

    async def boucle(self, *words: str, may_fail: bool = False) -> Any:
        """What an operator types, with --json where it has one; its answer, and red when it fails."""
        self.tale.say(f"  $ boucle {' '.join(words)}")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.cli.main", *words, "--data", str(self.site.folder.root)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=PROJECT,
        )
        answer, trouble = await process.communicate()
        if process.returncode and not may_fail:
            self.tale.expect(False, f"boucle {' '.join(words)}: {trouble.decode()[-500:]}")
        return json.loads(answer) if "--json" in words and answer else answer.decode()


@contextlib.asynccontextmanager
async def house(tale: Tale, *, mount: Mount = on_this_disk) -> AsyncIterator[House]:
    """Start it, sign everybody up, and hand it over at rest."""
    async with site(tale.seed, mount=mount) as here:
        crowd = await gather_crowd(here.url)
        for buyer in crowd.buyers:
            buyer.client.event_hooks["request"] = [*buyer.client.event_hooks["request"], _rest]
        await quiet(here.instance)
        open_house = House(tale, here, crowd)
        try:
            yield open_house
        finally:
            tale.writes += open_house.ledger.writes
            tale.unknown += open_house.ledger.unknown
            await crowd.close()


async def _rest(_request: httpx.Request) -> None:
    await asyncio.sleep(REST_S)


@contextlib.asynccontextmanager
async def kept_down(here: Site, engine: str, *, how: signal.Signals = signal.SIGKILL) -> AsyncIterator[None]:
    """End an engine and keep its supervisor from starting it: its store is not as it accepts it to be."""
    words, folder, refused = ENGINES[engine]
    store = here.folder.root / folder
    mode = store.stat().st_mode
    store.chmod(refused)
    try:
        await here.strike(how, *words)
        yield
    finally:
        store.chmod(mode)


@contextlib.asynccontextmanager
async def laid_open(here: Site, *, how: signal.Signals) -> AsyncIterator[Path]:
    """End NATS and give its store, on which no server is started until the block ends: its supervisor stands still."""
    pid = here.process(*NATS)
    here.house.send_signal(signal.SIGSTOP)
    try:
        os.kill(pid, how)
        async with asyncio.timeout(START_LIMIT_S):
            while _is_alive(pid):  # noqa: ASYNC110 - a process of another process has no event
                await asyncio.sleep(0.02)
        yield here.folder.nats
    finally:
        here.house.send_signal(signal.SIGCONT)


def _is_alive(pid: int) -> bool:
    """Whether it runs: what nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@dataclass
class Watch:
    """What was seen meanwhile: answers of a buyer who writes once a second, and the memory of the processes."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    without_retry_after: int = 0
    rss_mib: dict[str, float] = field(default_factory=dict)
    pids: set[int] = field(default_factory=set)

    @property
    def slowest_s(self) -> float:
        return max(self.seconds, default=0.0)


@contextlib.asynccontextmanager
async def watched(here: House) -> AsyncIterator[Watch]:
    """Look on, once a second, from outside."""
    seen = Watch()
    tasks = [asyncio.create_task(_write_now_and_then(here, seen)), asyncio.create_task(_weigh(here.site, seen))]
    try:
        yield seen
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


async def _write_now_and_then(here: House, seen: Watch) -> None:
    buyer = here.crowd.buyers[0]
    while True:
        began = time.monotonic()
        status, headers = 0, httpx.Headers()
        with contextlib.suppress(httpx.TransportError):
            answer = await buyer.client.post("/api/v1/needs", json=NEED | {"title": "Repas"})
            status, headers = answer.status_code, answer.headers
        # Without the rest that each request of a buyer begins with.
        seen.seconds.append(time.monotonic() - began - REST_S)
        seen.statuses[status] = seen.statuses.get(status, 0) + 1
        if status == httpx.codes.SERVICE_UNAVAILABLE and "retry-after" not in headers:
            seen.without_retry_after += 1
        await asyncio.sleep(LOOK_S)


async def _weigh(here: Site, seen: Watch) -> None:
    while True:
        for name, words in (("services", PAGES), ("matching_worker", WORKER)):
            with contextlib.suppress(OSError):
                pid = here.process(*words)
                seen.pids.add(pid)
                seen.rss_mib[name] = max(_rss_mib(pid), seen.rss_mib.get(name, 0.0))
        await asyncio.sleep(LOOK_S)


def _rss_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
