"""`boucle bench`: figures beside their floor, measured in one run."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.place import HELP


@click.group(context_settings=HELP)
def bench() -> None:
    """Measure, beside the floor of the same engines."""


@bench.command(context_settings=HELP)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, nothing else.")
@click.option("--seconds", default=12.0, show_default=True, help="Load at each rate; 20 needs at least.")
def e2e(*, as_json: bool, seconds: float) -> None:
    """From "publish" to the event on an open page; relay, first byte, starts.

    Runs on a throw-away instance with the durability of production; takes about two minutes.

    \b
    Example:
      boucle bench e2e --json
    """
    from deploy.bench.e2e import measure
    from deploy.embedded.logs import log_errors_only

    log_errors_only()
    console = Console(stderr=True)
    with console.status("…") as status:
        figures = asyncio.run(measure(lambda step: status.update(f"{step}…"), seconds=seconds))
    if as_json:
        click.echo(json.dumps(figures, indent=2))
    else:
        Console().print(_table(figures))


@bench.command(context_settings=HELP)
@click.option("--rows", default=10_000, show_default=True, help="Lines of the file.")
def imports(*, rows: int) -> None:
    """Rows a minute of a file that a member imports on the pages, as JSON.

    Runs on a throw-away instance with the durability of production; takes about four minutes.

    \b
    Example:
      boucle bench imports --rows 2000
    """
    from deploy.bench.imports import measure_imports
    from deploy.embedded.logs import log_errors_only

    log_errors_only()
    with Console(stderr=True).status("…") as status:
        figures = asyncio.run(measure_imports(lambda step: status.update(f"{step}…"), rows=rows))
    click.echo(json.dumps(figures, indent=2))


@bench.command(context_settings=HELP)
def vocabulary() -> None:
    """Categories and official codes for a text that grows letter by letter, as JSON; takes a second.

    \b
    Example:
      boucle bench vocabulary
    """
    from deploy.bench.vocabulary import measure_vocabulary

    click.echo(json.dumps(measure_vocabulary(), indent=2))


def _table(figures: dict[str, Any]) -> Table:
    table = Table(title="From publish to the open page", title_justify="left")
    for title in ("Needs a second", "p50 ms", "p99 ms", "Floor p50 ms", "Ratio"):
        table.add_column(title, justify="right")
    for rate, row in figures["e2e"].items():
        table.add_row(rate, *(str(row[key]) for key in ("p50_ms", "p99_ms", "floor_p50_ms", "ratio")))
    relay, first_byte, start = figures["relay"], figures["first_byte"], figures["start"]
    table.caption = (
        f"Relay {relay['events_per_s']}/s of {relay['raw_per_s']}/s raw ({relay['ratio']}); "
        f"first byte {first_byte['p50_ms']} ms (p95 {first_byte['p95_ms']}); "
        f"first start {start['first_s']} s, second {start['second_s']} s"
    )
    return table
