"""The three services as one supervised process, which imports while the engines start and serves at a word."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar

from deploy.embedded.data_folder import PROJECT
from deploy.embedded.engine import Engine, EngineFailed
from deploy.embedded.http_probe import status_of
from deploy.embedded.instance import NOT_FOR_PAGES, Instance
from deploy.embedded.process import Command, clean_environment, ended, last_words
from deploy.embedded.replica import ALONE, Replica
from deploy.embedded.server import FAREWELL_S
from deploy.embedded.signals import HTTP_OK, is_alive, signals_listener

START_SECONDS = 60.0
STATUS_PATH = "/-/apps"
GO = b"go\n"
# "module:function" that builds the app of a service by its name
MAKER = "deploy.embedded.house:make_app"


class ServicesProcess(Engine):
    """The supervisor keeps the listening socket, so that requests wait during a restart instead of being refused."""

    stop_signals: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGTERM,)
    misses_allowed: ClassVar[int] = 5

    def __init__(
        self,
        instance: Instance,
        listener: socket.socket,
        *,
        maker: str = MAKER,
        apart: Sequence[str] = (),
        replica: Replica = ALONE,
    ) -> None:
        """`apart` names the services whose worker somebody else runs, in a process of its own."""
        super().__init__()
        self.name = replica.named("The services' process", " ")
        # what it is called where its health and metrics are told of
        self.signals_name = replica.named("services")
        self.instance, self.listener, self.maker, self.apart = instance, listener, maker, apart
        self.replica = replica
        self.port: int = listener.getsockname()[1]
        self.signals = signals_listener(instance.folder, self.signals_name)
        self.log = instance.folder.logs / f"{self.signals_name}.log"
        self._told_to_go = False

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start importing; nothing is served before `start`."""
        descriptor, signals = self.listener.fileno(), self.signals.fileno()
        command = [sys.executable, "-m", "deploy.embedded.house", "--maker", self.maker]
        command += ["--farewell", str(FAREWELL_S)] if self.replica.of > 1 else []
        self._told_to_go = False
        self.process = Command(
            [*command, "--listener", str(descriptor), "--signals", str(signals)],
            log=self.log,
            death_signal=signal.SIGKILL,
            environment=self.environment(),
            keep_open=(descriptor, signals),
            reads_stdin=True,
        ).start()
        return self.process

    def environment(self) -> dict[str, str]:
        """Ours with the settings of each service; of a worker that runs apart it does not learn the password."""
        prefixes = {service: f"BOUCLE_{service.upper()}_" for service in self.apart}
        secret = {f"{prefix}{name.upper()}" for prefix in prefixes.values() for name in NOT_FOR_PAGES}
        passed_on = {
            name: value for name, value in os.environ.items() if name.startswith("BOUCLE_") and name not in secret
        }
        passed_on |= {f"{prefix}WORKER": "false" for prefix in prefixes.values()}
        return clean_environment(PYTHONPATH=_module_path(), **passed_on | self.instance.environment(apart=self.apart))

    async def start(self) -> None:
        """Let it serve and wait until it answers."""
        waiting = self.process if self.is_running and not self._told_to_go else None
        process = waiting or self.spawn()
        self._told_to_go = True
        _say_go(process)
        if not await self._answers(process):
            await self.stop(grace=1.0)
            raise EngineFailed(f"The services did not start. The end of {self.log}:\n{last_words(self.log, 12)}")

    async def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it answers before it dies; the socket is open from the start, so one question waits for both."""
        answer = asyncio.create_task(self._first_answer())
        death = asyncio.create_task(ended(process))
        try:
            await asyncio.wait({answer, death}, return_when=asyncio.FIRST_COMPLETED)
            return answer.done() and answer.result() is not None
        finally:
            answer.cancel()
            death.cancel()

    async def _first_answer(self) -> int | None:
        """On the socket that replicas share another one may answer: then it is asked at its own door."""
        if self.replica.of == 1:
            return await status_of(self.port, STATUS_PATH, timeout=START_SECONDS)
        own = self.signals.getsockname()[1]
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                while True:
                    status = await status_of(own, "/startupz", timeout=START_SECONDS)
                    if status == HTTP_OK:
                        return status
                    await asyncio.sleep(0.05)
        return None

    async def healthy(self) -> bool:
        """Whether its event loop turns and each of its jobs gets on: it is the one to say so."""
        return await is_alive(self.signals)

    async def stop(self, grace: float = 10.0) -> None:
        """Stop, and close the pipe that told it to go."""
        await super().stop(grace)
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()


def _module_path() -> str:
    """The project first, then whatever path the starter itself was given."""
    return os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))


def _say_go(process: subprocess.Popen[bytes]) -> None:
    """A process that died while it imported hears nothing: its log says why."""
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.write(GO)
            process.stdin.flush()
