"""`boucle import real-input`: thousands of real organisations and notices through the whole chain."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.place import HELP, running_instance
from deploy.embedded.data_folder import DataFolder

if TYPE_CHECKING:
    from deploy.cli.real_input_run import Outcome, Say

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("real-input", short_help="Thousands of real rows through the whole chain.", context_settings=HELP)
@click.option("--json", "as_json", is_flag=True, help="Print the figures, every refused row and the table as JSON.")
@click.option("--data", type=FOLDER, help="Run on the Boucle that runs on this folder, instead of a throw-away one.")
def real_input(*, as_json: bool, data: Path | None) -> None:
    """Take 3,853 real enterprises and 300 French notices through import, events, matches and notifications.

    Reads BOUCLE_DATA_DIR (default ../shared/data beside the project); where it does not exist, the demonstration
    takes the same path. Runs on a throw-away instance with the durability of production, unless --data names one.
    docs/imports.md says which notices, and by which rule offers are derived.

    \b
    Examples:
      boucle import real-input
      boucle import real-input --json > real-input.json
    """
    from deploy.embedded.logs import log_errors_only

    log_errors_only()
    console = Console(stderr=True)
    folder = DataFolder(data.resolve()) if data else None
    with console.status("Starting a throw-away Boucle…" if data is None else "…") as status:
        outcome = asyncio.run(_run(folder, lambda step: status.update(f"{step}…")))
    if as_json:
        click.echo(json.dumps(asdict(outcome), ensure_ascii=False, indent=2, default=str))
    else:
        show(outcome, Console())


async def _run(folder: DataFolder | None, say: Say) -> Outcome:
    from deploy.cli.real_input_house import throw_away_house
    from deploy.cli.real_input_run import run, source_at_hand

    source = source_at_hand()
    if folder is not None:
        return await run(running_instance(folder), source, say)
    async with throw_away_house() as instance:
        return await run(instance, source, say)


def show(outcome: Outcome, console: Console) -> None:
    """The figures, each refused row, and the table of needs with their best suppliers."""
    console.print(f"Ran on {outcome.data}.", highlight=False)
    console.print(_figures(outcome))
    console.print(_refusals(outcome))
    console.print(_matches(outcome))


def _figures(outcome: Outcome) -> Table:
    table = Table(title="Figures", title_justify="left", show_header=False)
    rows: dict[str, Any] = {f"rows {name}": count for name, count in outcome.rows.items()}
    rows |= outcome.totals | outcome.broken_promises
    rows |= {f"seconds, {name}": value for name, value in outcome.seconds.items()}
    rows |= {f"publish to notification, {name}": value for name, value in outcome.to_notification.items()}
    for name, value in rows.items():
        table.add_row(name.replace("_", " "), str(value))
    return table


def _refusals(outcome: Outcome) -> Table:
    table = Table(title="Refused rows", title_justify="left")
    for heading in ("Step", "Line", "Field", "Written", "Why"):
        table.add_column(heading)
    for step in outcome.steps:
        for row in step["refused"]:
            for field, why in row["reasons"].items():
                table.add_row(step["step"], str(row["line"]), field, row["typed"].get(field, ""), why)
    return table


def _matches(outcome: Outcome) -> Table:
    table = Table(title="Needs and their best suppliers", title_justify="left", show_lines=True)
    for heading in ("Need", "Fits", "Top suppliers"):
        table.add_column(heading)
    for need in outcome.table:
        suppliers = "\n".join(
            f"{each['score']} {each['supplier']} ({each['offer']}): {'; '.join(each['reasons'])}"
            for each in need["top"]
        )
        table.add_row(f"{need['need']}, {need['place']}", str(need["fits"]), suppliers or "nobody")
    return table
