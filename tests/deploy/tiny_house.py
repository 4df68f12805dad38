"""Runs the supervisor with the tiny apps as a process of its own: `python -m tests.deploy.tiny_house FOLDER`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from deploy.embedded.data_folder import DataFolder
from deploy.embedded.instance import Instance
from deploy.embedded.supervisor import DemonstrationAccount, Supervisor


class PlainReporter:
    """Every report is a line."""

    def step(self, text: str) -> None:
        print(f"step {text}", flush=True)

    def trouble(self, text: str) -> None:
        print(f"trouble {text}", flush=True)

    def ready(self, instance: Instance, accounts: list[DemonstrationAccount], seconds: float) -> None:
        print(f"ready {instance.public_url} {seconds:.2f} {len(accounts)}", flush=True)


if __name__ == "__main__":
    supervisor = Supervisor(DataFolder(Path(sys.argv[1])), PlainReporter(), maker="tests.deploy.tiny_apps:make_app")
    asyncio.run(supervisor.run())
