"""`boucle chaos`: break a Boucle of its own on purpose, and see that nothing is lost."""

from __future__ import annotations

import asyncio
import json
import secrets

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.place import HELP
from deploy.embedded.nats_cluster import SIZES
from deploy.embedded.replica import MOST_REPLICAS


@click.command(context_settings=HELP)
@click.option("--seed", type=int, help="Repeat the run of a seed. Default: a new one, printed.")
@click.option("--seconds", default=90.0, show_default=True, help="At least so long; each fault strikes twice anyway.")
@click.option("--writes", default=0, help="Go on until so many writes were promised. Default: the seconds decide.")
@click.option("--nodes", type=click.Choice(SIZES), default=1, show_default=True, help="NATS servers; 3 break as three.")
@click.option(
    "--replicas", type=click.IntRange(1, MOST_REPLICAS), default=1, show_default=True, help="Of every service."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, nothing else.")
def chaos(*, seed: int | None, seconds: float, writes: int, nodes: int, replicas: int, as_json: bool) -> None:
    """Kill, freeze, cut off and poison a throw-away instance under load; then compare it with what clients were told.

    With --nodes 3 or --replicas 2 the nodes and replicas are what breaks: one dies, freezes, comes back empty, is
    restarted while the others go on.

    Ends with 1 when anything was lost, doubled, stuck or out of order, or when a fault was never reached.

    \b
    Examples:
      boucle chaos
      boucle chaos --seed 7 --seconds 300 --json
      boucle chaos --nodes 3 --replicas 2
    """
    from deploy.chaos.rig import Report, run
    from deploy.chaos.stages import stage_of
    from deploy.embedded.logs import log_errors_only

    log_errors_only()
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    console = Console(stderr=True)
    console.print(f"seed={seed}", highlight=False)
    report: Report = asyncio.run(
        run(
            seed,
            seconds,
            lambda step: console.print(step, highlight=False),
            writes=writes,
            stage=stage_of(nodes, replicas),
        )
    )
    if as_json:
        click.echo(json.dumps(report.as_dict(), indent=2))
    else:
        Console().print(_table(report.as_dict()))
    if not report.is_clean:
        raise SystemExit(1)


def _table(report: dict[str, object]) -> Table:
    table = Table(title="Chaos", title_justify="left", show_header=False)
    verdict = report["verdict"]
    for name, value in {**report, **(verdict if isinstance(verdict, dict) else {})}.items():
        if name != "verdict":
            shown = ", ".join(f"{each} ×{times}" for each, times in value.items()) if isinstance(value, dict) else value
            table.add_row(name.replace("_", " "), str(shown))
    return table
