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

# The services whose worker runs apart; their apps in the pages' process then run without one.
APART = ("matching",)


class WorkerProcess(Engine):
    """Publishes and consumes for one service; it shows trouble by ending."""

    name: ClassVar[str] = "A worker"
    stop_signals: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGTERM,)

    def __init__(self, instance: Instance, service: str) -> None:
        super().__init__()
        self.instance, self.service = instance, service
        self.log = instance.folder.logs / f"{service}-worker.log"

    async def start(self) -> None:
        """Start it; what it reads waits on the broker until it has imported itself."""
        passed_on = {name: value for name, value in os.environ.items() if name.startswith("BOUCLE_")}
        self.process = Command(
            [sys.executable, "-m", "deploy.embedded.work", self.service],
            log=self.log,
            death_signal=signal.SIGKILL,
            environment=clean_environment(PYTHONPATH=str(PROJECT), **passed_on | self.instance.environment()),
        ).start()
