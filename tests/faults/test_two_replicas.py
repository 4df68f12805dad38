"""Two replicas of every service: each is restarted or dies while the other goes on, and no browser notices."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from deploy.bench.person import Person
from deploy.bench.quiet import quiet
from deploy.chaos.load import NEED, gather_crowd
from deploy.chaos.replicas import KILL_PAGES, KILL_WORKER, ROLL
from deploy.chaos.rig import run
from deploy.chaos.site import Site, site
from deploy.chaos.stages import TWO_REPLICAS
from deploy.embedded.credentials import SERVICES
from deploy.embedded.signals import signal_ports

SEED = 1
MOST_STREAMS = 60
HEARD_S = 10.0
BEGUN_S = 60.0


def silent(_: str) -> None:
    """Say nothing."""


@pytest.mark.promise(2, 30, 31, 39)
@pytest.mark.parametrize("faults", [(ROLL,), (KILL_PAGES, KILL_WORKER)], ids=["restart", "death"])
async def test_a_rolling_restart_fails_no_write_and_a_death_loses_none(faults: tuple[str, ...]) -> None:
    report = await run(SEED, 1.0, silent, only=faults, stage=TWO_REPLICAS)
    story = f"seed={report.seed} {report.as_dict()}"
    assert report.troubles == [], story
    assert set(report.struck) == set(faults), story
    assert report.unknown_by_fault.get(ROLL, 0) == 0, story
    assert report.longest_publish_gap_s < HEARD_S, story


@pytest.mark.promise(31)
async def test_one_relay_leads_and_a_browser_hears_at_either_replica() -> None:
    async with site(SEED, replicas=2) as here:
        crowd = await gather_crowd(here.url)
        leaders = await led(here)
        for service in SERVICES:
            told = [value for (_, whose), value in leaders.items() if whose == service]
            assert sum(told) == 1, leaders
            assert len(told) >= 2, leaders
        # An offer that is heard beside a need has its ranking told a second time, as it should.
        await quiet(here.instance)
        async with Listeners(here, crowd.buyers[0]) as streams:
            for _ in range(3):
                await publish_and_hear(crowd.buyers[0], streams)
        await crowd.close()


class Listeners:
    """Streams of one person, opened until each replica has some."""

    def __init__(self, here: Site, person: Person) -> None:
        self.here, self.person = here, person
        self.heard: list[list[dict[str, Any]]] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Listeners":
        for _ in range(MOST_STREAMS):
            self.heard.append([])
            self._tasks.append(asyncio.create_task(self._listen(self.heard[-1])))
            async with asyncio.timeout(BEGUN_S):
                while not self.heard[-1]:
                    await asyncio.sleep(0.02)
            found = await figures(self.here, "live_streams")
            if min(found.values()) >= 1:
                assert sum(found.values()) == len(self.heard)
                return self
        raise AssertionError("one replica takes every connection")

    async def _listen(self, heard: list[dict[str, Any]]) -> None:
        async for _, said in self.person.live():
            heard.append(said)

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def publish_and_hear(buyer: Person, streams: Listeners) -> None:
    """Whichever replica takes the write, relays it, judges it and tells it: every stream hears of it, once."""
    need = await buyer.post("/api/v1/needs", **NEED, title="Repas")
    await buyer.post(f"/api/v1/needs/{need['id']}/publish")

    def times(heard: list[dict[str, Any]]) -> int:
        return sum(said.get("kind") == "demand-matched" and need["id"] in str(said) for said in heard)

    async with asyncio.timeout(BEGUN_S):
        while not all(times(heard) for heard in streams.heard):
            await asyncio.sleep(0.02)
    await asyncio.sleep(1.5)
    assert [times(heard) for heard in streams.heard] == [1] * len(streams.heard), streams.heard


async def led(here: Site) -> dict[tuple[str, str], float]:
    """Who leads, once every service has a leader and somebody beside it: workers begin after pages."""
    async with asyncio.timeout(BEGUN_S):
        while True:
            leaders = await figures(here, "relay_is_leader")
            begun = [service for _, service in leaders]
            if sum(leaders.values()) >= len(SERVICES) and all(begun.count(each) >= 2 for each in SERVICES):
                return leaders
            await asyncio.sleep(0.1)


async def figures(here: Site, name: str) -> dict[tuple[str, str], float]:
    """A gauge of every process that has it: (process, service) → value."""
    found = {}
    async with httpx.AsyncClient() as client:
        for process, port in signal_ports(here.folder).items():
            text = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
            for labels, value in re.findall(rf"^boucle_{name}(?:{{(.*)}})? (\S+)$", text, re.MULTILINE):
                service = re.search(r'service="(\w+)"', labels)
                found[process, service[1] if service else ""] = float(value)
    return found
