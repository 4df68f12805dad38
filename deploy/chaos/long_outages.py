"""Engines that stay away for minutes, not moments: what people notice, and how the backlog goes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time

from deploy.chaos.faults import NATS
from deploy.chaos.long_house import BUDGET_S, House, Watch, house, kept_down, watched
from deploy.chaos.long_tale import Tale

BEFORE_S = 8.0
DRAIN_LIMIT_S, BACK_LIMIT_S = 120.0, 15.0
# Of an outage, for what is frozen and what swallows: long enough for every time-out there is.
PART = 0.2
MEMORY_LIMIT_MIB = 400.0
UNPUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
UNPUBLISHED_OF = "SELECT count(*) FROM outbox WHERE published_at IS NULL AND id <= $1"
NEWEST = "SELECT coalesce(max(id), 0) FROM outbox"
FAILED_TRIES = "SELECT count(*) FROM attempt WHERE n > 0"


async def nats_away(tale: Tale) -> None:
    """The broker is down: every write is accepted, and leaves when it is back."""
    async with house(tale) as here:
        async with here.writing():
            await asyncio.sleep(BEFORE_S)
            written = here.ledger.writes
            async with watched(here) as seen, kept_down(here.site, "NATS"):
                await _passing(tale)
            written = here.ledger.writes - written
            await _drained(here, written)
        await here.rests()
        _accepted(here, seen, written)
        await here.is_judged()


async def postgres_away(tale: Tale) -> None:
    """The database is down: refused in words and at once, nothing counted against a message, all back by itself."""
    async with house(tale) as here:
        async with here.writing():
            await asyncio.sleep(BEFORE_S)
            async with watched(here) as seen, kept_down(here.site, "PostgreSQL", how=signal.SIGINT):
                await _passing(tale)
            began = time.monotonic()
            await here.site.answers()
            back_after_s = time.monotonic() - began
            await asyncio.sleep(BEFORE_S)
        await here.rests()
        tale.found(back_after_s=back_after_s, answers=str(seen.statuses), slowest_answer_s=seen.slowest_s)
        _weighed(tale, seen)
        # The supervisor's own pause between two attempts is 10 s.
        tale.expect(back_after_s < BACK_LIMIT_S + 10, f"pages were back after {back_after_s:.1f} s")
        refused = seen.statuses.get(503, 0)
        tale.expect(refused >= 0.9 * len(seen.seconds), f"answers while the database was away: {seen.statuses}")
        tale.expect(not seen.without_retry_after, f"{seen.without_retry_after} refusals without Retry-After")
        tale.expect(seen.slowest_s <= BUDGET_S, f"an answer took {seen.slowest_s:.1f} s")
        tale.expect(len(seen.pids) == 2, f"processes were started again for nothing: {sorted(seen.pids)}")
        failed = [await here.ask(each, FAILED_TRIES) for each in ("catalog", "matching", "notifications")]
        tale.expect(not any(failed), f"the outage was counted as failures of messages: {failed}")
        await here.is_judged()


async def nats_frozen(tale: Tale) -> None:
    """The broker stands still, and so does each that replaces it."""
    async with house(tale) as here:
        async with here.writing():
            await asyncio.sleep(BEFORE_S)
            written = here.ledger.writes
            async with watched(here) as seen:
                frozen = await _kept_frozen(here, tale.outage_s * PART)
            written = here.ledger.writes - written
            tale.found(frozen_servers=frozen)
            await _drained(here, written)
        await here.rests()
        _accepted(here, seen, written)
        await here.is_judged()


async def nats_swallowed(tale: Tale) -> None:
    """What goes to the broker arrives nowhere, and nobody is told."""
    async with house(tale) as here:
        async with here.writing():
            await asyncio.sleep(BEFORE_S)
            written = here.ledger.writes
            here.site.nats.hold_back()
            try:
                async with watched(here) as seen:
                    await asyncio.sleep(tale.outage_s * PART)
            finally:
                here.site.nats.let_pass()
            written = here.ledger.writes - written
            await _drained(here, written)
        await here.rests()
        _accepted(here, seen, written)
        await here.is_judged()


async def _passing(tale: Tale) -> None:
    began = time.monotonic()
    while (left := tale.outage_s - (time.monotonic() - began)) > 0:
        tale.say(f"  away for {left:.0f} s more")
        await asyncio.sleep(min(left, 60.0))


async def _kept_frozen(here: House, seconds: float) -> int:
    """Freeze the broker and whoever takes its place; the supervisor ends what gives no answer."""
    frozen: set[int] = set()
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        with contextlib.suppress(ProcessLookupError):
            pid = here.site.process(*NATS)
            os.kill(pid, signal.SIGSTOP)
            frozen.add(pid)
        await asyncio.sleep(0.2)
    for pid in frozen:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    return len(frozen)


async def _drained(here: House, written: int) -> None:
    """From the moment that the broker may come back until what waited for it has left, while writes go on."""
    tale, began = here.tale, time.monotonic()
    waiting, newest = await here.ask("catalog", UNPUBLISHED), await here.ask("catalog", NEWEST)
    tale.found(writes_meanwhile=written, outbox_grew_to=waiting)
    tale.expect(waiting >= written * 0.5, f"only {waiting} events waited after {written} writes")
    while await here.ask("catalog", UNPUBLISHED_OF, newest):
        if time.monotonic() - began > 2 * DRAIN_LIMIT_S:
            break
        await asyncio.sleep(0.5)
    drained_after_s = time.monotonic() - began
    tale.found(drained_after_s=drained_after_s)
    tale.expect(drained_after_s < DRAIN_LIMIT_S, f"the outbox was empty after {drained_after_s:.0f} s")


def _accepted(here: House, seen: Watch, written: int) -> None:
    tale = here.tale
    tale.found(slowest_answer_s=seen.slowest_s, answers=str(seen.statuses))
    _weighed(tale, seen)
    tale.expect(written > 0, "nothing was written meanwhile")
    tale.expect(here.ledger.unknown == 0, f"{here.ledger.unknown} writes failed")
    tale.expect(set(seen.statuses) == {201}, f"answers while the broker was away: {seen.statuses}")
    tale.expect(seen.slowest_s <= BUDGET_S, f"an answer took {seen.slowest_s:.1f} s")
    tale.expect(len(seen.pids) == 2, f"processes were started again for nothing: {sorted(seen.pids)}")


def _weighed(tale: Tale, seen: Watch) -> None:
    for name, mib in seen.rss_mib.items():
        tale.figures[f"{name}_rss_mib"] = round(mib, 1)
        tale.expect(mib < MEMORY_LIMIT_MIB, f"{name} took {mib:.0f} MiB")
