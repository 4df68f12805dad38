"""From the answer to "publish" to the event on an open stream, at several rates, beside the floor in the same run.

And of that way the part of matching: from the need's event to the match's, by the broker's clock, beside a process that
hears an event and answers without deciding anything.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from deploy.bench.figures import percentile
from deploy.bench.floor import answered_samples, floor_samples, stored_between
from deploy.bench.person import Person
from deploy.bench.quiet import quiet
from deploy.bench.relay import relay_figures
from deploy.bench.stage import Stage, stage
from deploy.cli.place import running_instance
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.engines import Engines
from deploy.embedded.instance import Instance

RATES = (1, 10, 50)
PAGE_READS = 300
FLOOR_RATE = 10
ARRIVAL_LIMIT_S = 30.0

Say = Callable[[str], None]


class LostEvents(RuntimeError):
    """Published needs that never reached the stream: a figure without them would be a lie."""


async def measure(say: Say, *, seconds: float = 12.0) -> dict[str, Any]:
    """The whole benchmark on a throw-away instance; `seconds` of load at each rate (at least 20 needs)."""
    async with stage() as standing:
        say("First start")
        first_s = await standing.start()
        await standing.ready()
        await standing.stop()
        say("Second start")
        second_s = await standing.start()
        await standing.ready()
        instance = running_instance(DataFolder(standing.folder))
        say("Waiting until the demonstration is matched")
        await quiet(instance)
        buyer, supplier = await _people(standing)
        arrivals = Arrivals(supplier)
        e2e: dict[str, Any] = {}
        for rate in RATES:
            say(f"{rate} needs a second")
            e2e[str(rate)] = await _at_rate(buyer, arrivals, instance, rate=rate, seconds=max(seconds, 20 / rate))
        say("First byte of the need page")
        first_byte = await _first_byte(buyer, arrivals.any_need)
        await arrivals.close()
        await asyncio.gather(buyer.close(), supplier.close())
        await standing.stop()
        say("Relay beside raw publishes")
        async with Engines(DataFolder(standing.folder)) as engines:
            relay = await relay_figures(engines.instance)
    return {
        "e2e": e2e,
        "relay": relay,
        "first_byte": first_byte,
        "start": {"first_s": round(first_s, 2), "second_s": round(second_s, 2)},
    }


class Arrivals:
    """When each demand showed up on one supplier's open stream."""

    def __init__(self, supplier: Person) -> None:
        self.at: dict[str, float] = {}
        self.any_need = ""
        self._task = asyncio.create_task(self._listen(supplier))

    async def _listen(self, supplier: Person) -> None:
        while True:
            async for arrived, message in supplier.live():
                demand = message.get("about_id")
                if message.get("kind") == "new-for-you" and demand:
                    self.at.setdefault(str(demand), arrived)

    async def wait_for(self, needs: list[str]) -> None:
        """Until all of them arrived; raises `LostEvents` when they do not."""
        deadline = time.perf_counter() + ARRIVAL_LIMIT_S
        while missing := [need for need in needs if need not in self.at]:
            if time.perf_counter() > deadline:
                raise LostEvents(f"{len(missing)} of {len(needs)} never arrived")
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def _people(standing: Stage) -> tuple[Person, Person]:
    buyer, supplier = Person(standing.url), Person(standing.url)
    await buyer.sign_up(1, role="buyer", name="Banc d'essai, acheteur", place="31000 Toulouse")
    await supplier.sign_up(2, role="ess", name="Banc d'essai, traiteur", place="31000 Toulouse")
    await supplier.offer_meals()
    return buyer, supplier


async def _at_rate(
    buyer: Person, arrivals: Arrivals, instance: Instance, *, rate: int, seconds: float
) -> dict[str, float]:
    needs = [await _draft(buyer, number) for number in range(int(rate * seconds))]
    answered: dict[str, float] = {}

    async def publish(need: str) -> None:
        await buyer.post(f"/api/v1/needs/{need}/publish")
        answered[need] = time.perf_counter()

    # At the same time, so that the engines are as busy for the floors as they are for the needs.
    beside = asyncio.gather(
        floor_samples(instance, rate=min(rate, FLOOR_RATE), seconds=seconds),
        answered_samples(instance, rate=min(rate, FLOOR_RATE), seconds=seconds),
    )
    began = time.perf_counter()
    publishing = []
    for number, need in enumerate(needs):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        publishing.append(asyncio.create_task(publish(need)))
    await asyncio.gather(*publishing)
    await arrivals.wait_for(needs)
    arrivals.any_need = needs[0]
    samples = [max(0.0, arrivals.at[need] - answered[need]) for need in needs]
    floor, bare = await beside
    p50, floor_p50 = percentile(samples, 0.5), percentile(floor, 0.5)
    matched = await stored_between(instance, "catalog.need.published.v1", "matching.demand.matched.v1", needs)
    matched_p50, bare_p50 = percentile(matched, 0.5), percentile(bare, 0.5)
    for need in needs:
        await buyer.post(f"/api/v1/needs/{need}/withdraw")
    return {
        "p50_ms": p50,
        "p99_ms": percentile(samples, 0.99),
        "floor_p50_ms": floor_p50,
        "ratio": round(p50 / floor_p50, 2),
        "matched_p50_ms": matched_p50,
        "matched_p99_ms": percentile(matched, 0.99),
        "matched_floor_p50_ms": bare_p50,
        "matched_ratio": round(matched_p50 / bare_p50, 2),
    }


async def _draft(buyer: Person, number: int) -> str:
    need = await buyer.post(
        "/api/v1/needs",
        kind="procurement",
        title=f"{20 + number} plateaux-repas pour un séminaire",
        description="Livraison le midi, vaisselle réutilisable.",
        categories=["catering"],
        place="Montaudran",
    )
    return str(need["id"])


async def _first_byte(buyer: Person, need: str) -> dict[str, float]:
    samples = []
    for _ in range(PAGE_READS):
        began = time.perf_counter()
        async with buyer.client.stream("GET", f"/needs/{need}") as answer:
            async for _chunk in answer.aiter_raw():
                samples.append(time.perf_counter() - began)
                break
    return {"p50_ms": percentile(samples, 0.5), "p95_ms": percentile(samples, 0.95)}
