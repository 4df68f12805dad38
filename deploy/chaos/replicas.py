"""What the rig does to two replicas of every service: each is restarted or killed while the other goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

from deploy.chaos.faults import PAGES, WORKER, Fault
from deploy.chaos.site import Site
from deploy.embedded.http_probe import status_of
from deploy.embedded.signals import HTTP_OK, signal_ports

BACK_S = 60.0
ROLL, KILL_PAGES, KILL_WORKER = "restart the replicas one by one", "kill a replica", "kill a replica of a worker"


def replica_faults(_: Site) -> list[Fault]:
    """Each waits until every replica answers again."""
    return [Fault(ROLL, roll), Fault(KILL_PAGES, kill_pages), Fault(KILL_WORKER, kill_worker)]


async def roll(site: Site) -> None:
    """Tell every replica of every service to stop, one after the other, each once the one before is back."""
    for words in (PAGES, WORKER):
        for pid in site.processes(*words):
            await _end(site, pid, signal.SIGTERM)


async def kill_pages(site: Site) -> None:
    """kill -9 one replica of the pages, with catalog's and notifications' workers in it."""
    await _end(site, site.dice.choice(site.processes(*PAGES)), signal.SIGKILL)


async def kill_worker(site: Site) -> None:
    """kill -9 one replica of matching's worker."""
    await _end(site, site.dice.choice(site.processes(*WORKER)), signal.SIGKILL)


async def _end(site: Site, pid: int, which: signal.Signals) -> None:
    os.kill(pid, which)
    async with asyncio.timeout(BACK_S):
        while _lives(pid) or not await _all_answer(site):  # noqa: ASYNC110 - processes are asked
            await asyncio.sleep(0.05)


def _lives(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


async def _all_answer(site: Site) -> bool:
    statuses = [await status_of(port, "/startupz") for port in signal_ports(site.folder).values()]
    return set(statuses) == {HTTP_OK}
