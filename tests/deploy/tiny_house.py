"""Runs the supervisor with the tiny apps as a process of its own: `python -m tests.deploy.tiny_house FOLDER`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from deploy.embedded.data_folder import DataFolder, DataFolderRefused
from deploy.embedded.instance import Instance
from deploy.embedded.supervisor import DemonstrationAccount, Supervisor


class PlainReporter:
    """Every report is a line."""

    def step(self, text: str) -> None:
        click.echo(f"step {text}")

    def trouble(self, text: str) -> None:
        click.echo(f"trouble {text}")

    def ready(self, instance: Instance, accounts: list[DemonstrationAccount], seconds: float) -> None:
        click.echo(f"ready {instance.public_url} {seconds:.2f} {','.join(each.email for each in accounts)}")


def load(instance: Instance) -> list[DemonstrationAccount]:
    """A demonstration of one account, which counts how often it was loaded."""
    marks = instance.folder.root / "loaded"
    marks.write_text(marks.read_text() + "x" if marks.exists() else "x")
    return [DemonstrationAccount("buyer@boucle.invalid", "buyer", "Mairie", "secret")]


if __name__ == "__main__":
    supervisor = Supervisor(
        DataFolder(Path(sys.argv[1])),
        PlainReporter(),
        maker="tests.deploy.tiny_apps:make_app",
        demonstration="tests.deploy.tiny_house",
    )
    try:
        asyncio.run(supervisor.run())
    except DataFolderRefused as refused:
        sys.exit(str(refused))
