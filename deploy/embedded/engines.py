"""PostgreSQL and NATS (one node, or three) of one data folder, started, watched and stopped together.

For tests (this is what the suite's conftest uses)::

    async with temporary_engines() as engines:            # a temp folder, not durable, ~1 s
        engines.instance.database_url("catalog")          # postgresql+asyncpg://catalog_app:...@127.0.0.1:.../catalog
        engines.instance.database_url("catalog", "owner")  # the role that migrates; "read" selects only
        engines.instance.admin_database_url("postgres")   # the superuser
        engines.instance.nats_url
        engines.instance.seed_file("catalog")             # or "matching", "notifications", "admin", "sys"
        engines.instance.password("catalog_app")
        engines.instance.settings("catalog")              # dict for services/catalog/settings.py
        engines.postgres.process.pid, engines.nats.process.pid   # to kill or freeze them
        await engines.postgres.start()                    # start again after a kill

`Engines(folder)` does the same in a given folder. Enter it from the thread that lives longest (the main one): the
kernel ends the engines when the thread that started them ends, however it ends.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.embedded import nats_cluster
from deploy.embedded.credentials import make_credentials
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.engine import Engine, EngineFailed
from deploy.embedded.genuine import refuse_changed
from deploy.embedded.instance import Instance
from deploy.embedded.nats import Nats, Permissions, service_permissions
from deploy.embedded.ports import remembered_ports
from deploy.embedded.postgres import Postgres

Say = Callable[[str], None]
LONGEST_PAUSE_SECONDS = 10.0
# What lived so long did not die of its start: it is started again at once.
STEADY_SECONDS = 3.0


def quiet(_: str) -> None:
    """Say nothing."""


class Engines:
    """The engines of one folder. `durable=False` (tests only) turns fsync off and leaves NATS lazy.

    `nats_nodes` is 1 or 3; None is what the folder had before.
    """

    def __init__(
        self,
        folder: Path | DataFolder,
        *,
        durable: bool = True,
        permissions: Permissions = service_permissions,
        nats_nodes: int | None = None,
    ) -> None:
        self.folder = folder if isinstance(folder, DataFolder) else DataFolder(folder.resolve())
        self.folder.create()
        make_credentials(self.folder)
        count = nats_cluster.settle_count(self.folder, nats_nodes)
        postgres_port = remembered_ports(self.folder, "postgres")["postgres"]
        ports = nats_cluster.node_ports(self.folder, count)
        self.instance = Instance(self.folder, postgres_port, ports[0].clients, ports[0].health, more_nats=ports[1:])
        self.postgres = Postgres(self.folder, postgres_port, durable=durable)
        self.nats_nodes = nats_cluster.nats_nodes(self.folder, ports, durable=durable, permissions=permissions)

    @property
    def nats(self) -> Nats:
        """The only node, or the first."""
        return self.nats_nodes[0]

    @property
    def _all(self) -> list[Engine]:
        return [self.postgres, *self.nats_nodes]

    async def start(self) -> None:
        """Start all at the same time; if one fails, the others are stopped and the failure raised.

        A program that was changed is not started: `ProgramChanged`.
        """
        await asyncio.to_thread(refuse_changed, self.folder)
        results = await asyncio.gather(*(each.start() for each in self._all), return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            await self.stop()
            raise failures[0]
        if len(self.nats_nodes) > 1:
            await nats_cluster.until_whole(self.instance.health_ports)

    async def stop(self, grace: float = 10.0) -> None:
        """Stop all at the same time."""
        await asyncio.gather(*(each.stop(grace) for each in self._all))

    async def watch(self, say: Say = quiet) -> None:
        """Start again whatever dies or falls ill, for ever."""
        async with asyncio.TaskGroup() as group:
            for each in self._all:
                group.create_task(keep_alive(each, say))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def keep_alive(engine: Engine, say: Say) -> None:
    """Watch one engine and start it again, at once the first time, with growing pauses while it keeps failing."""
    loop = asyncio.get_running_loop()
    pause = 0.0
    while True:
        started_at = loop.time()
        trouble = await engine.trouble()
        pause = 0.0 if loop.time() - started_at > STEADY_SECONDS else pause
        say(f"{engine.name} {trouble}; starting it again")
        await engine.stop(grace=2.0)
        await asyncio.sleep(pause)
        pause = min(max(0.25, pause * 2), LONGEST_PAUSE_SECONDS)
        await _start_again(engine, say)


async def _start_again(engine: Engine, say: Say) -> None:
    """One attempt; a failure is said and not raised, so that the watch goes on and tries again."""
    started_at = asyncio.get_running_loop().time()
    try:
        await engine.start()
    except EngineFailed as failed:
        say(str(failed))
    except OSError as error:
        # A full disk: neither a configuration nor a log can be written until somebody makes room.
        say(f"{engine.name} could not be started: {error}")
    else:
        say(f"{engine.name} answers again after {asyncio.get_running_loop().time() - started_at:.2f} s")


@asynccontextmanager
async def temporary_engines(
    *, durable: bool = False, permissions: Permissions = service_permissions, nats_nodes: int | None = None
) -> AsyncIterator[Engines]:
    """Engines in a folder of their own that is gone afterwards.

    Not pytest's tmp_path: as root that lies under a folder which the engines' user cannot enter.
    """
    place = _passable_folder()
    try:
        async with Engines(place / "data", durable=durable, permissions=permissions, nats_nodes=nats_nodes) as engines:
            yield engines
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _passable_folder() -> Path:
    place = Path(tempfile.mkdtemp(prefix="boucle-"))
    place.chmod(0o711)
    return place
