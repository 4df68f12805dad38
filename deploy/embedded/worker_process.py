"""A service's worker as a supervised process beside the pages.

Judging is pure computing: in the pages' process a broad need against ten thousand offers would hold every page and
every live stream for as long as it takes.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import ClassVar

from deploy.embedded.data_folder import PROJECT
from deploy.embedded.engine import Engine
from deploy.embedded.instance import Instance
from deploy.embedded.process import Command, clean_environment
from deploy.embedded.replica import ALONE, Replica
from deploy.embedded.signals import is_alive, signals_listener

# The services whose worker runs apart; their apps in the pages' process then run without one.
APART = ("matching",)


class WorkerProcess(Engine):
    """Publishes and consumes for one service; it shows trouble by ending, or says that a job stands still."""

    stop_signals: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGTERM,)
    # It imports for some seconds, during which nobody answers.
    misses_allowed: ClassVar[int] = 12

    def __init__(self, instance: Instance, service: str, replica: Replica = ALONE) -> None:
        super().__init__()
        self.name = replica.named("A worker", " ")
        self.instance, self.service = instance, service
        self.signals_name = replica.named(f"{service}-worker")
        self.signals = signals_listener(instance.folder, self.signals_name)
        self.log = instance.folder.logs / f"{self.signals_name}.log"

    async def start(self) -> None:
        """Start it; what it reads waits on the broker until it has imported itself."""
        passed_on = {name: value for name, value in os.environ.items() if name.startswith("BOUCLE_")}
        self.process = Command(
            [sys.executable, "-m", "deploy.embedded.work", self.service, str(self.signals.fileno())],
            log=self.log,
            death_signal=signal.SIGKILL,
            environment=clean_environment(PYTHONPATH=str(PROJECT), **passed_on | self.instance.environment()),
            keep_open=(self.signals.fileno(),),
        ).start()

    async def healthy(self) -> bool:
        """Whether its event loop turns and each of its jobs gets on: it is the one to say so."""
        return await is_alive(self.signals)
