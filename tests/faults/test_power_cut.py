"""What the broker acknowledged is on the disk, not in a cache: the disk is copied at a moment nobody chose."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import nats.errors
import pytest
from nats.aio.client import Client

from deploy.embedded.credentials import seed_file
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.engines import Engines
from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from shared.messaging.connection import close, connect
from shared.messaging.provision import provision_with
from shared.messaging.topology import Topology

CUTS = 3
TOOLS = ("mkfs.ext4", "mount", "umount", "cp")


def run(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the engines' user can enter; what was mounted below it is gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="boucle-cut-"))
    place.chmod(0o711)
    yield place
    for mounted in sorted(place.rglob("nats"), reverse=True):
        subprocess.run(["umount", "--lazy", str(mounted)], check=False, capture_output=True)
    shutil.rmtree(place, ignore_errors=True)


def disk(image: Path, where: Path) -> None:
    """Mount an image as a file system of its own, whose unwritten pages stay out of the image."""
    where.mkdir(parents=True, exist_ok=True)
    run("mount", "-o", "loop", image, where)


@pytest.mark.promise(20)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk")
@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="no tools to make a disk")
async def test_a_power_cut_loses_nothing_that_was_acknowledged(place: Path) -> None:
    image = place / "disk.img"
    run("truncate", "-s", "256M", image)
    run("mkfs.ext4", "-q", "-F", image)
    disk(image, place / "data" / "nats")
    dice, acknowledged = random.Random(20), list[int]()
    async with Engines(place / "data") as engines:
        instance = engines.instance
        admin = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
        await provision_with(admin, Topology())
        catalog = await connect(instance.nats_url, user="catalog", seed_file=instance.seed_file("catalog"))
        writing = [asyncio.create_task(publish_for_ever(catalog, acknowledged)) for _ in range(4)]
        for number in range(CUTS):
            await asyncio.sleep(dice.uniform(0.3, 1.5))
            assert engines.nats.process is not None
            os.kill(engines.nats.process.pid, signal.SIGSTOP)
            promised = max(acknowledged)
            cut = place / f"cut-{number}.img"
            run("cp", "--sparse=always", image, cut)
            os.kill(engines.nats.process.pid, signal.SIGCONT)
            assert await held_after(place / f"cut-{number}", cut, instance.folder) >= promised
        for each in writing:
            each.cancel()
        await asyncio.gather(*writing, return_exceptions=True)
        await asyncio.gather(close(admin), close(catalog))
    assert len(acknowledged) > 100


async def publish_for_ever(client: Client, acknowledged: list[int]) -> None:
    while True:
        with suppress(nats.errors.Error, TimeoutError):
            need = uuid4()
            ack = await client.jetstream().publish(
                f"catalog.need.withdrawn.v1.{need}", b"{}", headers={"Nats-Msg-Id": str(need)}, timeout=5
            )
            acknowledged.append(ack.seq)


async def held_after(root: Path, cut: Path, of: DataFolder) -> int:
    """How many messages a server finds on the disk as it was at the cut; none is missing in between."""
    folder = DataFolder(root)
    folder.create()
    shutil.copytree(of.secrets, folder.secrets, dirs_exist_ok=True)
    disk(cut, folder.nats)
    port = free_port()
    server = Nats(folder, port, health_port=free_port())
    await server.start()
    try:
        admin = await connect(f"nats://127.0.0.1:{port}", user="admin", seed_file=seed_file(of, "admin"))
        state = (await admin.jetstream().stream_info("CATALOG")).state
        await close(admin)
    finally:
        await server.stop(grace=1.0)
    assert state.messages == state.last_seq
    return state.messages
