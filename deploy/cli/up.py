"""`boucle up`: the whole of Boucle on this machine."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import click
from rich.console import Console
from rich.status import Status

from deploy.cli.place import HELP, place_options
from deploy.embedded.binaries import EngineMissing
from deploy.embedded.data_folder import DataFolder, DataFolderRefused
from deploy.embedded.durability import NotDurable
from deploy.embedded.engine import EngineFailed
from deploy.embedded.genuine import ProgramChanged
from deploy.embedded.instance import Instance
from deploy.embedded.nats_cluster import SIZES
from deploy.embedded.os_user import NoEngineUser
from deploy.embedded.ports import PortTaken
from deploy.embedded.replica import MOST_REPLICAS
from deploy.embedded.supervisor import DemonstrationAccount, Supervisor
from deploy.embedded.twin_process import simulated

REFUSALS = (DataFolderRefused, EngineFailed, EngineMissing, NoEngineUser, NotDurable, PortTaken, ProgramChanged)


class TerminalReporter:
    """A moving line on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._status: Status | None = None

    def step(self, text: str) -> None:
        if not self.console.is_terminal:
            self.console.print(f"{text}…")
        elif self._status is None:
            self._status = self.console.status(f"{text}…")
            self._status.start()
        else:
            self._status.update(f"{text}…")

    def trouble(self, text: str) -> None:
        # Said to a file on a full disk it is lost; what it is about must be mended all the same.
        with suppress(OSError):
            self.console.print(f"[yellow]{text}[/yellow]", highlight=False)

    def ready(self, instance: Instance, accounts: list[DemonstrationAccount], seconds: float) -> None:
        self.close()
        self.console.print(f"\n[bold green]Boucle answers at {instance.public_url}/[/bold green] ({seconds:.1f} s)")
        self.console.print(f"Data and logs: {instance.folder.root}", highlight=False, soft_wrap=True)
        if accounts:
            self.console.print("Demonstration accounts (e-mail, password):")
            for line in _account_lines(accounts):
                self.console.print(line, highlight=False, markup=False, soft_wrap=True)
        self.console.print("Ctrl-C stops it.\n")

    def close(self) -> None:
        """End the moving line."""
        if self._status is not None:
            self._status.stop()
            self._status = None


def _account_lines(accounts: list[DemonstrationAccount]) -> list[str]:
    """Lines and not a table: an e-mail that is cut at the edge of the terminal cannot be copied."""
    mails = max(len(account.email) for account in accounts)
    secrets = max(len(account.password or "") for account in accounts)
    return [
        f"  {account.email:{mails}}  {account.password or '':{secrets}}  {account.organisation}: {account.role}"
        for account in accounts
    ]


@click.command(context_settings=HELP)
@place_options
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the pages. Default: 8000, or a free one if taken.")
@click.option("--nats-nodes", type=click.Choice(SIZES), help="How many NATS servers. Default: as before, at first 1.")
@click.option(
    "--replicas", type=click.IntRange(1, MOST_REPLICAS), default=1, show_default=True, help="Of every service."
)
@click.option(
    "--payments", type=click.Choice(["offline", "simulated"]), help="Simulated: with a small Stripe beside, no money."
)
def up(*, port: int | None, nats_nodes: int | None, replicas: int, payments: str | None, folder: DataFolder) -> None:
    """Start everything on this machine and keep it running.

    PostgreSQL, NATS and the three services under one address. The first start prepares the data folder and loads
    the demonstration; whatever dies is started again; Ctrl-C stops all of it. With three NATS servers every event is
    kept three times and any one of them may die; with two replicas each may be restarted while the other serves.

    \b
    Examples:
      boucle up
      boucle up --port 9000 --data /srv/boucle
      boucle up --nats-nodes 3 --replicas 2
      boucle up --payments simulated
    """
    reporter = TerminalReporter(Console(stderr=False))
    simulates = payments == "simulated"
    if simulates:
        folder.create()
        os.environ.update(simulated(folder))
    house = Supervisor(folder, reporter, port=port, nats_nodes=nats_nodes, replicas=replicas, simulates=simulates)
    try:
        asyncio.run(house.run())
    except REFUSALS as refused:
        reporter.close()
        raise click.ClickException(str(refused)) from refused
    except ExceptionGroup as group:
        reporter.close()
        log = folder.logs / "supervisor.log"
        with log.open("a", encoding="utf-8") as file:
            traceback.print_exception(group, file=file)
        raise click.ClickException(_in_words(group, log)) from group
    finally:
        reporter.close()
    sys.exit(0)


def _in_words(group: ExceptionGroup[Exception], log: Path) -> str:
    """Our own refusals are sentences; for anything else the type helps, and the log tells the rest."""
    known, unknown = group.split(REFUSALS)
    words = [str(error) for error in known.exceptions] if known else []
    if unknown:
        words += [f"{type(error).__name__}: {error}" for error in unknown.exceptions]
        words.append(f"The whole story is at the end of {log}.")
    return "\n".join(words)
