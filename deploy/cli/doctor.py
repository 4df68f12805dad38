"""`boucle doctor`: what is wrong, in words."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.place import HELP, known_instance, place_options
from deploy.embedded.checks import Finding, Patient, examine_blocking
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.logs import log_errors_only

MARKS = {"ok": "[green]ok[/green]", "warning": "[yellow]note[/yellow]", "wrong": "[bold red]wrong[/bold red]"}


@click.command(context_settings=HELP)
@click.option("--json", "as_json", is_flag=True, help="Print a list of findings: about, level, words, remedy.")
@place_options
def doctor(*, as_json: bool, folder: DataFolder) -> None:
    """Say in words what is wrong, if anything: exit code 1 when something is.

    Looks at the programs, the disk, the port, the secrets, and, when Boucle runs, at its pages, its services, its
    migrations, and whether the servers really keep what they acknowledge.

    \b
    Examples:
      boucle doctor
      boucle doctor --json --data /srv/boucle
    """
    log_errors_only()
    patient = Patient(folder, known_instance(folder), is_running=folder.is_held())
    with Console(stderr=True).status("Examining…"):
        findings = examine_blocking(patient)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        _print(findings, folder.root, is_running=patient.is_running)
    if any(finding.level == "wrong" for finding in findings):
        raise SystemExit(1)


def _print(findings: list[Finding], place: Path, *, is_running: bool) -> None:
    console = Console()
    console.print(f"{place}: {'running' if is_running else 'not running'}", highlight=False, soft_wrap=True)
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        words = finding.words if not finding.remedy else f"{finding.words}\n→ {finding.remedy}"
        table.add_row(MARKS[finding.level], finding.about, words)
    console.print(table)
