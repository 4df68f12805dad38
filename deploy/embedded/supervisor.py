"""The supervisor: starts everything of an instance, keeps it alive, and stops it in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from time import monotonic
from typing import Protocol

from deploy.embedded.data_folder import DataFolder
from deploy.embedded.engine import Engine
from deploy.embedded.engines import Engines, keep_alive
from deploy.embedded.instance import Instance
from deploy.embedded.ports import listen
from deploy.embedded.prepare import prepare, warm_up
from deploy.embedded.replica import replicas
from deploy.embedded.services_process import MAKER, ServicesProcess
from deploy.embedded.twin_process import TwinProcess
from deploy.embedded.watch import Watch
from deploy.embedded.worker_process import APART, WorkerProcess

STOP_SECONDS = 10.0
HURRIED_STOP_SECONDS = 0.2
DEMONSTRATION = "deploy.cli.demonstration"


@dataclass(frozen=True)
class DemonstrationAccount:
    """Somebody one can sign in as."""

    email: str
    role: str
    organisation: str
    password: str | None = None


class Reporter(Protocol):
    """Whoever tells the person at the terminal what happens."""

    def step(self, text: str) -> None:
        """Something one waits for begins."""

    def trouble(self, text: str) -> None:
        """Something died or came back while all was running."""

    def ready(self, instance: Instance, accounts: list[DemonstrationAccount], seconds: float) -> None:
        """A page answers."""


class Supervisor:
    """Runs one instance in the foreground until SIGINT, SIGTERM or SIGHUP.

    `nats_nodes` is 1 or 3 (None: as before), `replicas` how many processes serve and work side by side, `simulates`
    whether a simulated Stripe runs beside: the environment then says so to the services. `maker` ("module:function")
    and `demonstration` (a module with `load(instance)`) are replaced in tests only.
    """

    def __init__(
        self,
        folder: DataFolder,
        reporter: Reporter,
        *,
        port: int | None = None,
        nats_nodes: int | None = None,
        replicas: int = 1,
        simulates: bool = False,
        maker: str = MAKER,
        demonstration: str = DEMONSTRATION,
    ) -> None:
        self.folder, self.reporter, self.port = folder, reporter, port
        self.nats_nodes, self.replicas, self.simulates = nats_nodes, replicas, simulates
        self.maker, self.demonstration = maker, demonstration
        self._asked = asyncio.Event()
        self._grace = STOP_SECONDS

    async def run(self) -> None:
        """Hold the folder, do the work, and leave nothing running whatever happens."""
        self.folder.create()
        with self.folder.lock():
            self._catch_signals()
            engines = Engines(self.folder, nats_nodes=self.nats_nodes)
            services = self._services(engines.instance)
            workers: list[Engine] = [
                WorkerProcess(each.instance, name, each.replica) for each in services for name in each.apart
            ]
            if self.simulates:
                workers.append(TwinProcess(services[0].instance))
            watch = Watch(engines.instance, [*services, *(each for each in workers if isinstance(each, WorkerProcess))])
            try:
                await _first_of(self._work(engines, services, workers, watch), self._asked.wait())
            finally:
                self.reporter.step("Stopping")
                await asyncio.gather(*(each.stop(self._grace) for each in (*services, *workers)))
                services[0].listener.close()
                watch.close()
                await engines.stop(self._grace)

    def _services(self, bare: Instance) -> list[ServicesProcess]:
        """Replicas share one socket: whoever is free takes the next connection, and none is refused meanwhile."""
        listener = listen(self.port, last=self.folder.remembered().get("web_port"))
        web_port: int = listener.getsockname()[1]
        if self.folder.remembered().get("web_port") != web_port:
            self.folder.remember(web_port=web_port)
        instance = replace(bare, public_url=f"http://127.0.0.1:{web_port}")
        instance.write_settings()
        apart = APART if self.maker == MAKER else ()
        return [
            ServicesProcess(instance, listener, maker=self.maker, apart=apart, replica=each)
            for each in replicas(self.replicas)
        ]

    async def _work(
        self, engines: Engines, services: Sequence[ServicesProcess], workers: Sequence[Engine], watch: Watch
    ) -> None:
        started_at = monotonic()
        for each in services:
            each.spawn()
        instance = services[0].instance
        self.reporter.step("Starting PostgreSQL and NATS")
        await asyncio.gather(engines.start(), asyncio.to_thread(warm_up, self.folder.logs / "supervisor.log"))
        async with asyncio.TaskGroup() as group:
            group.create_task(engines.watch(self.reporter.trouble))
            await prepare(instance, self.reporter.step)
            self.reporter.step("Starting the services")
            for process in (*services, *workers):
                await process.start()
                group.create_task(keep_alive(process, self.reporter.trouble))
            group.create_task(watch.run())
            accounts = await self._accounts(instance)
            self.reporter.ready(instance, accounts, monotonic() - started_at)

    async def _accounts(self, instance: Instance) -> list[DemonstrationAccount]:
        """Load it once per data folder; afterwards the accounts are remembered."""
        kept = self.folder.remembered().get("demonstration")
        if kept is None and find_spec(self.demonstration) is not None:
            self.reporter.step("Loading the demonstration")
            load: Callable[[Instance], list[object]] = import_module(self.demonstration).load
            kept = [_as_kept(account) for account in await asyncio.to_thread(load, instance)]
            self.folder.remember(demonstration=kept)
        return [DemonstrationAccount(**account) for account in kept or []]

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(each, self._leave)

    def _leave(self) -> None:
        """The first signal stops cleanly, a second one at once."""
        if self._asked.is_set():
            self._grace = HURRIED_STOP_SECONDS
        self._asked.set()


def _as_kept(account: object) -> dict[str, str | None]:
    return {name: getattr(account, name, None) for name in DemonstrationAccount.__dataclass_fields__}


async def _first_of(work: Awaitable[None], asked: Awaitable[object]) -> None:
    """Run the work until it ends or somebody asks to leave; a failure of the work is raised as it is."""
    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(asked)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    worker, waiter = tasks
    waiter.cancel()
    if worker.done():
        worker.result()
        return
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker
