"""The power fails at moments that nobody chose: what was acknowledged is on the disk."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import nats.errors
from nats.aio.client import Client

from deploy.chaos.disk_image import after_the_cut, made, mounted, power_cut, unmount, why_not
from deploy.chaos.faults import POSTGRES, children
from deploy.chaos.long_house import House, house
from deploy.chaos.long_tale import NotPossible, Tale
from deploy.embedded.binaries import postgres_programs
from deploy.embedded.credentials import seed_file
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.engines import Engines
from deploy.embedded.instance import Instance
from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import Postgres
from shared.messaging.connection import close, connect
from shared.messaging.provision import provision_with
from shared.messaging.topology import Topology
from shared.messaging.worker import asyncpg_dsn

WRITERS, RECENT = 4, 20
SOONEST_S, LATEST_S = 0.3, 2.5
HOUSE_DISK, NATS_DISK = "1G", "512M"
TOLD = """
SELECT count(*) FROM unnest($1::uuid[], $2::bigint[]) AS told (id, version)
WHERE NOT EXISTS (SELECT FROM needs WHERE needs.id = told.id AND needs.version >= told.version)
   OR told.version > (SELECT count(DISTINCT version) FROM outbox WHERE aggregate_id = told.id
                      AND subject LIKE 'catalog.need.%' AND version <= told.version)
"""


@dataclass
class Acknowledged:
    """What the broker said it has: the place and the id of each message."""

    ids: dict[int, UUID] = field(default_factory=dict)
    # Asked instead of a cancellation, which nats-py on its way takes for a time-out of its own.
    is_enough: bool = False

    async def publish(self, client: Client) -> None:
        """One message after the other, each noted once it is acknowledged, until it is enough."""
        while not self.is_enough:
            with suppress(nats.errors.Error, TimeoutError):
                need = uuid4()
                acknowledgement = await _published(client, need)
                self.ids[acknowledgement.seq] = need


async def _published(client: Client, need: UUID) -> nats.js.api.PubAck:
    subject, headers = f"catalog.need.withdrawn.v1.{need}", {"Nats-Msg-Id": str(need)}
    return await client.jetstream().publish(subject, b"{}", headers=headers, timeout=5)


@contextmanager
def a_place() -> Iterator[Path]:
    """A folder that the engines' user can enter; raises `NotPossible` where no disk can be made in it."""
    place = Path(tempfile.mkdtemp(prefix="boucle-cut-"))
    place.chmod(0o711)
    try:
        if reason := why_not(place):
            raise NotPossible(reason)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


async def nats_loses_power(tale: Tale) -> None:
    """Whatever it acknowledged is there, without a hole, and the ids of the last minutes are still known."""
    with a_place() as place:
        image = made(place / "disk.img", NATS_DISK)
        mounted(image, place / "data" / "nats")
        try:
            await _cut_nats(tale, place, image)
        finally:
            unmount(place / "data" / "nats")


async def _cut_nats(tale: Tale, place: Path, image: Path) -> None:
    dice, acknowledged = random.Random(tale.seed), Acknowledged()  # noqa: S311 - to be repeated, not a secret
    async with Engines(place / "data") as engines, _publishing(engines.instance, acknowledged):
        for number in range(tale.cuts):
            await asyncio.sleep(dice.uniform(SOONEST_S, LATEST_S))
            cut, server = place / f"cut-{number}.img", engines.nats.process
            with power_cut(image, [server.pid] if server else [], cut=cut):
                promised = dict(acknowledged.ids)
            with after_the_cut(cut, DataFolder(place / f"cut-{number}").nats):
                await _compare(tale, engines.instance.folder, place / f"cut-{number}", promised)
            tale.say(f"  cut {number + 1}: {len(promised)} acknowledged")
    tale.writes = len(acknowledged.ids)
    tale.expect(tale.writes > 20 * tale.cuts, f"only {tale.writes} were acknowledged")
    tale.found(cuts=tale.cuts, acknowledged=tale.writes)


@asynccontextmanager
async def _publishing(instance: Instance, acknowledged: Acknowledged) -> AsyncIterator[None]:
    admin = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
    await provision_with(admin, Topology())
    catalog = await connect(instance.nats_url, user="catalog", seed_file=instance.seed_file("catalog"))
    writing = [asyncio.create_task(acknowledged.publish(catalog)) for _ in range(WRITERS)]
    try:
        yield
    finally:
        acknowledged.is_enough = True
        await asyncio.gather(*writing)
        await asyncio.gather(close(admin), close(catalog))


async def _compare(tale: Tale, of: DataFolder, root: Path, promised: dict[int, UUID]) -> None:
    """Start a server on the disk as it was at the cut, and ask it for what had been promised."""
    folder = DataFolder(root)
    folder.create()
    shutil.copytree(of.secrets, folder.secrets, dirs_exist_ok=True)
    port = free_port()
    server = Nats(folder, port, health_port=free_port())
    await server.start()
    try:
        url, last = f"nats://127.0.0.1:{port}", max(promised, default=0)
        admin = await connect(url, user="admin", seed_file=seed_file(of, "admin"))
        catalog = await connect(url, user="catalog", seed_file=seed_file(of, "catalog"))
        state = (await admin.jetstream().stream_info("CATALOG")).state
        tale.expect(state.last_seq >= last, f"{last - state.last_seq} acknowledged messages are lost")
        tale.expect(state.messages == state.last_seq, f"{state.last_seq - state.messages} holes in the stream")
        for sequence in sorted(promised)[-RECENT:]:
            again = await _published(catalog, promised[sequence])
            known = again.duplicate and again.seq == sequence
            tale.expect(bool(known), f"the id of message {sequence} was forgotten: stored again as {again.seq}")
        await asyncio.gather(close(admin), close(catalog))
    finally:
        await server.stop(grace=1.0)


async def postgres_loses_power(tale: Tale) -> None:
    """Whatever was answered is committed on the disk, each change with its event, and no page is torn."""
    with a_place() as place:
        image = made(place / "disk.img", HOUSE_DISK)

        def mount(folder: Path, _size: str) -> bool:
            """The broker's disk is the same one."""
            if folder.name != "nats":
                mounted(image, folder)
            return True

        async with house(tale, mount=mount) as here:
            async with here.writing():
                await _cut_postgres(here, place, image)
            await here.rests()
            await here.is_judged()


async def _cut_postgres(here: House, place: Path, image: Path) -> None:
    tale, cuts = here.tale, max(1, here.tale.cuts // 2)
    for number in range(cuts):
        await asyncio.sleep(here.site.dice.uniform(SOONEST_S, LATEST_S))
        postmaster = here.site.process(*POSTGRES)
        cut = place / f"cut-{number}.img"
        with power_cut(image, [postmaster, *children(postmaster)], cut=cut):
            promised = dict(here.ledger.acknowledged)
        with after_the_cut(cut, place / f"cut-{number}") as disk:
            await _held(tale, DataFolder(disk / "data"), promised)
        tale.say(f"  cut {number + 1}: {len(promised)} needs promised")
    tale.found(cuts=cuts, needs_promised=len(here.ledger.acknowledged))


async def _held(tale: Tale, folder: DataFolder, promised: dict[UUID, int]) -> None:
    """Start a server on the disk as it was at the cut, and look for every promise; then check every page."""
    server = Postgres(folder, free_port())
    await server.start()
    try:
        address = Instance(folder, server.port, 0, 0).database_url("catalog")
        connection = await asyncpg.connect(asyncpg_dsn(address), ssl=False, timeout=10)
        lost = await connection.fetchval(TOLD, list(promised), list(promised.values()))
        await connection.close()
        tale.expect(not lost, f"{lost} needs are not as promised")
    finally:
        await server.stop(grace=5.0)
    checked = subprocess.run(  # noqa: ASYNC221 - the house runs on in processes of its own
        [postgres_programs(folder) / "pg_checksums", "--check", "--pgdata", folder.postgres],
        capture_output=True,
        check=False,
    )
    tale.expect(checked.returncode == 0, f"pages are torn: {checked.stderr.decode()[-300:]}")
