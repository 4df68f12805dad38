"""Where the rig strikes: the running house, its processes, its engines and the proxies in between."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.bench.stage import unlimited
from deploy.chaos.proxy import Proxy
from deploy.cli.place import running_instance
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.instance import Instance
from deploy.embedded.ports import free_port, remembered_ports

START_LIMIT_S = 120.0
# A service that died again and again waits ten seconds before it starts, and starts for some.
REACH_LIMIT_S = 45.0
STOP_LIMIT_S = 20.0
# Small enough to be filled in a moment, large enough for a run.
DISK, NATS_DISK = "900m", "200m"


# Puts a file system of its own at a folder; false where that is not allowed.
Mount = Callable[[Path, str], bool]


class NotReached(AssertionError):
    """A fault was armed and nothing came by: a run that proves nothing about it."""


@dataclass
class Site:
    """One instance under attack."""

    url: str
    folder: DataFolder
    faults: Path
    postgres: Proxy
    nats: Proxy
    house: subprocess.Popen[bytes]
    dice: random.Random
    has_own_disks: bool
    # Ids of the events that the rig itself made up.
    own_events: set[str] = field(default_factory=set)

    @property
    def instance(self) -> Instance:
        """Its real addresses, behind the proxies."""
        return running_instance(self.folder)

    def process(self, *words: str) -> int:
        """The process below the supervisor whose command line holds all these words."""
        found = self.processes(*words)
        if not found:
            raise ProcessLookupError(" ".join(words))
        return found[0]

    def processes(self, *words: str) -> list[int]:
        """All such processes."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.house.pid and all(word in line for word in words):
                    found.append(int(entry.name))
        return found

    async def strike(self, which: signal.Signals, *words: str) -> None:
        """Signal a process, as soon as it is there."""
        async with asyncio.timeout(START_LIMIT_S):
            while True:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.process(*words), which)
                    return
                await asyncio.sleep(0.05)

    async def arm(self, point: str, how: str, *, seconds: float = REACH_LIMIT_S) -> None:
        """Make the next process that comes by a failpoint fail there; raises `NotReached` when none does."""
        file = self.faults / point
        hit = file.with_name(f"{point}.hit")
        hit.unlink(missing_ok=True)
        file.write_text(how)
        try:
            async with asyncio.timeout(seconds):
                while not hit.exists():  # noqa: ASYNC110 - another process makes the file
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise NotReached(point) from None
        finally:
            if "always" not in how:
                file.unlink(missing_ok=True)

    def disarm(self, point: str) -> None:
        """Let it pass again."""
        (self.faults / point).unlink(missing_ok=True)

    async def answers(self) -> None:
        """Wait until a page answers."""
        async with httpx.AsyncClient(timeout=5) as client, asyncio.timeout(START_LIMIT_S):
            while True:
                if self.house.poll() is not None:
                    raise RuntimeError("the supervisor ended")
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"{self.url}/readyz")).status_code == httpx.codes.OK:
                        return
                await asyncio.sleep(0.05)


def small_disk(folder: Path, size: str) -> bool:
    """A file system in memory of a known size, which only root can mount."""
    folder.mkdir(parents=True, exist_ok=True)
    return _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(folder))


@contextlib.asynccontextmanager
async def site(
    seed: int, *, mutation: str | None = None, nats_nodes: int = 1, replicas: int = 1, mount: Mount = small_disk
) -> AsyncIterator[Site]:
    """A house behind proxies in a folder of its own, on small disks of its own where that is allowed.

    A cluster lies on the machine's own disk, where a sync costs what it costs, and has no proxy before it.
    """
    place = Path(tempfile.mkdtemp(prefix="boucle-chaos-"))
    place.chmod(0o711)  # noqa: ASYNC240 - once, before anything runs
    root, faults = place / "disk", place / "faults"
    for each in (root, faults):
        each.mkdir()
    has_own_disks = nats_nodes == 1 and mount(root, DISK) and mount(root / "data" / "nats", NATS_DISK)
    postgres, nats = Proxy(), Proxy()
    await asyncio.gather(postgres.start(), nats.start())
    folder, port = DataFolder(root / "data"), free_port()
    folder.create()
    ports = remembered_ports(folder, "postgres", "nats", "nats_health")
    postgres.forward_to(ports["postgres"])
    nats.forward_to(ports["nats"])
    told: dict[str, object] = {
        "data": folder.root,
        "port": port,
        "postgres-proxy": postgres.port,
        "nats-nodes": nats_nodes,
        "replicas": replicas,
    }
    if nats_nodes == 1:
        told["nats-proxy"] = nats.port
    if mutation:
        told["maker"] = f"deploy.chaos.mutations:{mutation}"
    house = _start(told, log=place / "house.log", faults=faults)
    dice = random.Random(seed)  # noqa: S311 - to be repeated, not a secret
    here = Site(f"http://127.0.0.1:{port}", folder, faults, postgres, nats, house, dice, has_own_disks)
    try:
        await here.answers()
        yield here
    finally:
        house.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(house.wait, STOP_LIMIT_S)
        house.kill()
        await asyncio.gather(postgres.close(), nats.close())
        for each in (root / "data" / "nats", root):
            _run("umount", "--lazy", str(each))
        shutil.rmtree(place, ignore_errors=True)


def _start(told: dict[str, object], *, log: Path, faults: Path) -> subprocess.Popen[bytes]:
    options = [word for name, value in told.items() for word in (f"--{name}", str(value))]
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.chaos.house", *options],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **unlimited(), "BOUCLE_FAULTS": str(faults)},
        )


def _run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
