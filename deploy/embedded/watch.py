"""The supervisor's own signals: engines, disk, readers and the last reconciliation, answered beside the services'.

What belongs to no service, or must be known most when a service is down, is asked here.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence

import structlog

from deploy.embedded.data_folder import PROJECT
from deploy.embedded.instance import Instance
from deploy.embedded.process import clean_environment
from deploy.embedded.services_process import ServicesProcess
from deploy.embedded.signals import signals_listener, tell_targets
from deploy.embedded.worker_process import WorkerProcess

log = structlog.get_logger(__name__)

NAME = "supervisor"
RECONCILE_FIRST_S, RECONCILE_EVERY_S = 300.0, 1800.0
# Once a day is the aim; a machine that is switched off at night prunes once an hour after it was switched on.
PRUNE_FIRST_S, PRUNE_EVERY_S = 3600.0, 86_400.0
COMMAND_WITHIN_S = 600.0
AGAIN_S = 5.0


class Watch:
    """Answers on a socket of its own while the services run."""

    def __init__(self, instance: Instance, processes: Sequence[ServicesProcess | WorkerProcess]) -> None:
        self.instance = instance
        self.listeners = {each.signals_name: each.signals for each in processes}
        self.listeners[NAME] = signals_listener(instance.folder, NAME)

    async def run(self) -> None:
        """Answer and reconcile for ever: what goes wrong here must not stop what runs."""
        tell_targets(self.instance.folder, self.listeners)
        while True:
            try:
                await self._answer()
            except Exception:
                log.exception("signals_not_answered")
            await asyncio.sleep(AGAIN_S)

    async def _answer(self) -> None:
        # Late: prometheus-client and its like are imported once pages answer.
        from deploy.embedded.platform import platform_signals
        from shared.observability.door import Door
        from shared.observability.listener import answering

        signals = platform_signals(self.instance)
        door = Door(lambda: {NAME: signals}, self._unproven)
        async with answering(door, self.listeners[NAME].dup()), asyncio.TaskGroup() as group:
            group.create_task(self._reconcile())
            group.create_task(self._prune())

    async def _unproven(self) -> list[str]:
        from deploy.embedded.durability import NotDurable
        from deploy.embedded.prepare import prove

        try:
            await prove(self.instance)
        except NotDurable as reasons:
            return reasons.reasons
        return []

    async def _reconcile(self) -> None:
        """`boucle reconcile` now and then; it writes its result where the scrape reads it."""
        await asyncio.sleep(RECONCILE_FIRST_S)
        while True:
            await self._command("reconcile", "--streams")
            await asyncio.sleep(RECONCILE_EVERY_S)

    async def _prune(self) -> None:
        """`boucle prune` once a day."""
        await asyncio.sleep(PRUNE_FIRST_S)
        while True:
            status = await self._command("prune")
            log.info("pruned", all_removed=status == 0)
            await asyncio.sleep(PRUNE_EVERY_S)

    async def _command(self, *words: str) -> int | None:
        """A command in a process of its own; its exit code."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.cli.main", *words, "--json", "--data", str(self.instance.folder.root)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=clean_environment(PYTHONPATH=str(PROJECT)),
        )
        try:
            async with asyncio.timeout(COMMAND_WITHIN_S):
                return await process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

    def close(self) -> None:
        """Nobody answers any more."""
        for listener in self.listeners.values():
            listener.close()
