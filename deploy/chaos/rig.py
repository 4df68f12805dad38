"""One run of the rig: load and faults for a while, then silence, then the verdict."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from deploy.bench.quiet import NotQuiet, quiet
from deploy.chaos.deals import deal_for_ever
from deploy.chaos.faults import Fault, NothingYet, faults
from deploy.chaos.gaps import Strike, counts_by_fault, gaps_by_fault, longest_gap_s
from deploy.chaos.ledger import Ledger
from deploy.chaos.load import WRITERS_A_BUYER, Crowd, gather_crowd, write_for_ever
from deploy.chaos.lots import give_for_ever
from deploy.chaos.site import NotReached, Site, site
from deploy.chaos.verdict import Verdict, judge

AT_LEAST = 2
# What piled up behind the last fault takes a minute beside other tests; what is stuck stays so.
QUIET_LIMIT_S = 240.0
# A run that waits for writes ends after so many times its seconds, however few there were.
LONGEST = 4
BREATH_S = 0.5
# How long a strike is tried again: a slow machine takes half a minute to start what the strike before has killed.
PATIENCE_S = 60.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stage:
    """What is broken, and how: the house's shape, its catalogue of faults, and how many write without a pause."""

    nats_nodes: int = 1
    replicas: int = 1
    writers_a_buyer: int = WRITERS_A_BUYER
    faults: Callable[[Site], list[Fault]] = faults


ALONE = Stage()


@dataclass(frozen=True)
class Report:
    """What a run did and found; `quiet_after_s` is None when it never came to rest."""

    seed: int
    seconds: float
    writes: int
    unknown: int
    struck: dict[str, int]
    not_reached: list[str]
    surprises: list[str]
    quiet_after_s: float | None
    # What never came to rest.
    restless: str
    verdict: Verdict
    skipped: list[str]
    # The longest time without an answer to a write, and without a message that catalog's stream stored.
    longest_write_gap_s: float
    longest_publish_gap_s: float
    # The second, by the fault after which it ended.
    publish_gaps_s: dict[str, float]
    # Writes without an answer, by the fault after which that was noticed.
    unknown_by_fault: dict[str, int]
    # The first of them: what was asked, and how it ended.
    doubts: list[str]
    # Writes that were promised, by what they did.
    deeds: dict[str, int]

    @property
    def troubles(self) -> list[str]:
        """What was lost, doubled, stuck or out of order, and every fault that did not happen; a line each."""
        found = [*self.verdict.troubles, *(f"surprise: {each}" for each in self.surprises)]
        if self.quiet_after_s is None:
            found.append(f"never came to rest: {self.restless}")
        found += [f"not reached: {each}" for each in self.not_reached]
        return found + [f"struck {times} times: {name}" for name, times in self.struck.items() if times < AT_LEAST]

    @property
    def is_clean(self) -> bool:
        """No promise was broken, and every fault did happen."""
        return not self.troubles

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        told = asdict(self) | {"is_clean": self.is_clean, "troubles": self.troubles}
        del told["verdict"]["stored_at"]
        return told


async def run(
    seed: int,
    seconds: float,
    say: Say,
    *,
    writes: int = 0,
    only: Collection[str] = (),
    mutation: str | None = None,
    stage: Stage = ALONE,
) -> Report:
    """Break a Boucle for `seconds`, longer when the faults or so many `writes` take longer, and tell what became of it.

    `only` names the faults to use instead of all; `mutation` one of `mutations.py`, for a rig that is to find it.
    """
    async with site(seed, mutation=mutation, nats_nodes=stage.nats_nodes, replicas=stage.replicas) as here:
        say("Signing everybody up")
        crowd = await gather_crowd(here.url)
        await quiet(here.instance)
        ledger, strikes, began = Ledger(), list[Strike](), time.time()
        writers = [
            asyncio.create_task(write_for_ever(buyer, ledger, seed=seed * 1000 + number))
            for number, buyer in enumerate(crowd.buyers * stage.writers_a_buyer)
        ]
        writers += [asyncio.create_task(each) for each in dealers(crowd, ledger, seed=seed)]
        catalogue = [fault for fault in stage.faults(here) if not only or fault.name in only]
        until = Until(seconds, lambda: ledger.writes >= writes)
        struck, missed = await _strike_all(
            here, catalogue, until, lambda what: say(f"{ledger.writes} writes: {what}"), strikes
        )
        for writer in writers:
            writer.cancel()
        for ended_by in await asyncio.gather(*writers, return_exceptions=True):
            if isinstance(ended_by, Exception):
                ledger.wonder(f"a writer gave up: {ended_by!r}")
        ended = time.time()
        say("Waiting for silence")
        quiet_after_s, restless = await _silence(here)
        say("Judging")
        poisons = sum(times for name, times in struck.items() if name.startswith("poison"))
        verdict = await judge(here, ledger, poisons=poisons)
        await crowd.close()
        return Report(
            seed=seed,
            seconds=round(ended - began, 1),
            writes=ledger.writes,
            unknown=ledger.unknown,
            struck=dict(struck),
            not_reached=missed,
            surprises=ledger.surprises[:20],
            quiet_after_s=quiet_after_s,
            restless=restless,
            verdict=verdict,
            skipped=[] if here.has_own_disks or stage is not ALONE else ["full disks: this user may not mount"],
            longest_write_gap_s=longest_gap_s(ledger.answered_at, began, ended),
            longest_publish_gap_s=longest_gap_s(verdict.stored_at, began, ended),
            publish_gaps_s=gaps_by_fault(verdict.stored_at, strikes, began, ended),
            unknown_by_fault=counts_by_fault(ledger.doubted_at, strikes),
            doubts=ledger.doubts[:20],
            deeds=dict(ledger.deeds.most_common()),
        )


def dealers(crowd: Crowd, ledger: Ledger, *, seed: int) -> list[Coroutine[Any, Any, None]]:
    """Who deals beside those who write needs: each buyer with two suppliers, each publisher with two takers."""
    suppliers = crowd.suppliers
    deals = [
        deal_for_ever(
            buyer, [suppliers[number % 3], suppliers[(number + 1) % 3]], ledger, seed=seed * 1000 + 100 + number
        )
        for number, buyer in enumerate(crowd.buyers)
    ]
    lots = [
        give_for_ever(holder, [suppliers[number], suppliers[number + 1]], ledger, seed=seed * 1000 + 200 + number)
        for number, holder in enumerate(crowd.publishers)
    ]
    return deals + lots


@dataclass(frozen=True)
class Until:
    """When a run has struck enough: after so many seconds, and when enough was written on a machine that is slow."""

    seconds: float
    written: Callable[[], bool]

    def reached(self, after_s: float) -> bool:
        """Whether it may end."""
        return after_s >= self.seconds and (self.written() or after_s >= LONGEST * self.seconds)


async def _strike_all(
    here: Site, catalogue: Sequence[Fault], until: Until, say: Say, strikes: list[Strike]
) -> tuple[Counter[str], list[str]]:
    """Every fault twice in an order of the seed, and more of them until it is enough."""
    program = [*catalogue] * AT_LEAST
    here.dice.shuffle(program)
    struck: Counter[str] = Counter({fault.name: 0 for fault in catalogue})
    missed: list[str] = []
    began = time.monotonic()
    while program or not until.reached(time.monotonic() - began):
        fault = program.pop() if program else here.dice.choice(catalogue)
        say(f"{fault.name}, {time.monotonic() - began:.1f} s")
        strikes.append(Strike(time.time(), fault.name))
        if await _strikes(fault, here):
            struck[fault.name] += 1
        else:
            missed.append(fault.name)
        await asyncio.sleep(here.dice.uniform(0, BREATH_S))
    return struck, missed


async def _strikes(fault: Fault, here: Site) -> bool:
    """Whether it did happen: what needs an engine that is down just now is tried again."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            await fault.strike(here)
        except NotReached:
            return False
        except (NothingYet, OSError, TimeoutError, ProcessLookupError):
            await asyncio.sleep(1)
        except Exception as error:  # an engine that is being killed answers with any of its library's errors
            if not type(error).__module__.startswith(("asyncpg", "nats")):
                raise
            await asyncio.sleep(1)
        else:
            return True
    return False


async def _silence(here: Site) -> tuple[float | None, str]:
    """After how many seconds nothing moved any more; None and what still did."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(QUIET_LIMIT_S):
            await here.answers()
        await quiet(here.instance, limit_s=QUIET_LIMIT_S)
    except NotQuiet as error:
        return None, str(error)
    except TimeoutError:
        return None, "no page answers"
    return round(time.monotonic() - began, 1), ""
