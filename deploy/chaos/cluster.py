"""What the rig does to three NATS nodes: one at a time they die, freeze or come back empty; then two in a row."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal

from deploy.chaos.faults import Fault
from deploy.chaos.site import Site
from deploy.embedded.nats_cluster import is_whole, server_name
from shared.messaging.connection import close, connect

NODES = (1, 2, 3)
WHOLE_S = 60.0
# By then every relay has asked again: what comes later is the next fault's doing.
RESUMED_S = 1.5
# Between two deaths in a row: the first one is not back yet, or hardly.
IN_A_ROW_S = 0.3
# Of a stream on a running cluster, on which every event of catalog waits.
STREAM = "CATALOG"
KILL_ONE, KILL_LEADER, FREEZE_ONE = "kill a NATS node", "kill the leader of a stream", "freeze a NATS node"
EMPTY_ONE, KILL_TWO = "a NATS node comes back empty", "kill two NATS nodes in a row"


def cluster_faults(_: Site) -> list[Fault]:
    """Each waits until the cluster is whole again: two at once would be another fault."""
    return [
        Fault(KILL_ONE, kill_one),
        Fault(KILL_LEADER, kill_leader),
        Fault(FREEZE_ONE, freeze_one),
        Fault(EMPTY_ONE, empty_one),
        Fault(KILL_TWO, kill_two),
    ]


async def kill_one(site: Site) -> None:
    """kill -9 any node."""
    await _strike(site, site.dice.choice(NODES))


async def kill_leader(site: Site) -> None:
    """kill -9 the node through which every event of catalog goes."""
    await _strike(site, await _leader(site))


async def freeze_one(site: Site) -> None:
    """Stop a node for good: its connections stay open and answer nothing, until somebody replaces it."""
    await _strike(site, site.dice.choice(NODES), which=signal.SIGSTOP)


async def empty_one(site: Site) -> None:
    """kill -9 a node whose disk is lost: the others hold everything and fill it again."""
    number = site.dice.choice(NODES)
    store = site.folder.nats_node(number) / "jetstream"
    pid = _pid(site, number)
    # Frozen first, or its files would come back while they are being removed.
    os.kill(pid, signal.SIGSTOP)
    await asyncio.to_thread(shutil.rmtree, store, ignore_errors=True)
    os.kill(pid, signal.SIGKILL)
    await _until_replaced(site, number, pid)


async def kill_two(site: Site) -> None:
    """kill -9 two nodes one after the other: the third alone may not write, and must forget nothing."""
    first, second = site.dice.sample(NODES, 2)
    pids = {first: _pid(site, first)}
    os.kill(pids[first], signal.SIGKILL)
    await asyncio.sleep(site.dice.uniform(0, IN_A_ROW_S))
    pids[second] = _pid(site, second)
    os.kill(pids[second], signal.SIGKILL)
    for number, pid in pids.items():
        await _until_replaced(site, number, pid)


async def _strike(site: Site, number: int, which: signal.Signals = signal.SIGKILL) -> None:
    pid = _pid(site, number)
    os.kill(pid, which)
    await _until_replaced(site, number, pid)


def _pid(site: Site, number: int) -> int:
    return site.process("nats-server", f"/{site.folder.nats_node(number).name}/")


async def _until_replaced(site: Site, number: int, pid: int) -> None:
    """Another process runs, every node holds everything, and each stream has a leader that all follow."""
    async with asyncio.timeout(WHOLE_S):
        while True:
            with contextlib.suppress(ProcessLookupError):
                if _pid(site, number) != pid and await is_whole(site.instance.health_ports):
                    break
            await asyncio.sleep(0.2)
    await asyncio.sleep(RESUMED_S)


async def _leader(site: Site) -> int:
    instance = site.instance
    admin = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
    try:
        cluster = (await admin.jetstream().stream_info(STREAM)).cluster
    finally:
        await close(admin)
    return next(number for number in NODES if cluster is not None and cluster.leader == server_name(number))
