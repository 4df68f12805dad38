"""`boucle chaos-long`: outages of minutes, power cuts, lost stores and restored databases, on houses of their own."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.place import HELP

if TYPE_CHECKING:
    from deploy.chaos.long_tale import Tale


@click.command("chaos-long", context_settings=HELP)
@click.option(
    "--only", multiple=True, metavar="NAME", help="Only this story; may be repeated. An unknown one lists all."
)
@click.option("--outage-seconds", default=600.0, show_default=True, help="How long what is taken away stays away.")
@click.option("--cuts", default=20, show_default=True, help="Power cuts of NATS; half as many of PostgreSQL.")
@click.option("--seed", type=int, help="Repeat the run of a seed. Default: a new one, printed.")
@click.option("--allow-missing", is_flag=True, help="A story that this machine does not allow is no failure.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of reports as JSON, nothing else.")
def chaos_long(
    *, only: tuple[str, ...], outage_seconds: float, cuts: int, seed: int | None, allow_missing: bool, as_json: bool
) -> None:
    """Tell the long faults: about 45 minutes, each story on a throw-away instance under load.

    Ends with 1 when anything was lost, doubled, stuck or out of order, when something took longer than promised, or
    when a story could not be told on this machine (mounting disks needs root).

    \b
    Examples:
      boucle chaos-long
      boucle chaos-long --only "NATS is away" --outage-seconds 60
    """
    from deploy.chaos.long import STORIES
    from deploy.embedded.logs import log_errors_only

    known = [story.name for story in STORIES]
    if unknown := set(only) - set(known):
        raise click.UsageError(f"No story {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    log_errors_only()
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    console = Console(stderr=True)
    tales = asyncio.run(_tell(only, seed, outage_seconds, cuts, console))
    if as_json:
        click.echo(json.dumps([tale.as_dict() for tale in tales], indent=2))
    else:
        _print(tales)
    if not all(tale.is_clean or (allow_missing and tale.not_run) for tale in tales):
        raise SystemExit(1)


async def _tell(only: tuple[str, ...], seed: int, outage_s: float, cuts: int, console: Console) -> list[Tale]:
    from deploy.chaos.long import named, told

    tales = []
    for story in named(only):
        console.print(f"{story.name}: seed={seed}", highlight=False)
        tale = await told(
            story,
            seed=seed,
            outage_s=outage_s,
            cuts=cuts,
            say=lambda step: console.print(step, highlight=False, markup=False, soft_wrap=True),
        )
        console.print(
            f"  {_word(tale)} after {tale.seconds:.0f} s, {tale.writes} writes: {tale.figures}", highlight=False
        )
        tales.append(tale)
    return tales


def _word(tale: Tale) -> str:
    if tale.not_run:
        return "not run"
    return "clean" if tale.is_clean else "RED"


def _print(tales: list[Tale]) -> None:
    console, table = Console(), Table(title="Long faults", title_justify="left")
    for title in ("Story", "Promises", "Seconds", "Writes", "Verdict", "Figures"):
        table.add_column(title, overflow="fold")
    for tale in tales:
        figures = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in tale.figures.items())
        promises = ", ".join(map(str, tale.promises))
        table.add_row(tale.name, promises, f"{tale.seconds:.0f}", str(tale.writes), _word(tale), figures)
    console.print(table)
    for tale in tales:
        for words in (*tale.wrong, *([f"not run: {tale.not_run}"] if tale.not_run else [])):
            console.print(f"{tale.name}: {words}", highlight=False, markup=False, soft_wrap=True)
