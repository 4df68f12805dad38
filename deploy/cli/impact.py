"""`boucle impact`: compute anew what confirmed exchanges count for, and show what differs."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.databases import database_of, trouble_in_words
from deploy.cli.place import HELP, place_options
from deploy.embedded.data_folder import DataFolder

if TYPE_CHECKING:
    from services.catalog.impact.recomputing import Change


@click.command(context_settings=HELP)
@click.option("--recompute", is_flag=True, required=True, help="Compute every entry from its confirmed exchange.")
@click.option("--apply", "keep", is_flag=True, help="Keep what differs as new versions; the old ones stay beside.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of changes with old, new and why.")
@place_options
def impact(*, recompute: bool, keep: bool, as_json: bool, folder: DataFolder) -> None:
    """Compute all impact entries anew by the factors in force; say what differs: exit code 1 while something does.

    Nothing does this by itself when factors change. Why an entry differs: `source` (another version of its factor or
    parameter), `rule` (the software reckons otherwise), `missing` (confirmed before there were entries), `unconfirmed`
    (its exchange is not confirmed any more). With --apply the old version is marked as followed, never removed, and
    whoever was told is told again. May be stopped and begun again.

    \b
    Examples:
      boucle impact --recompute
      boucle impact --recompute --apply
    """
    with trouble_in_words(), Console(stderr=True).status("Computing…"):
        found = asyncio.run(_recompute(folder, keep=keep))
    if as_json:
        click.echo(json.dumps([_line(each) for each in found], indent=2))
    else:
        _print(found, keep=keep)
    if found and not keep:
        raise SystemExit(1)


async def _recompute(folder: DataFolder, *, keep: bool) -> list[Change]:
    from deploy.embedded.logs import log_errors_only
    from services.catalog.counted import KINDS
    from services.catalog.impact.factors import factors
    from services.catalog.impact.recomputing import recompute
    from shared.clock import now

    log_errors_only()
    async with database_of("catalog", folder) as database:
        return [each async for each in recompute(database, factors(), KINDS, now=now(), keep=keep)]


def _line(change: Change) -> dict[str, Any]:
    return {
        "exchange": str(change.exchange_id),
        "measure": change.measure,
        "old": _figure(change.old),
        "new": _figure(change.new),
        "why": change.why,
    }


def _figure(figure: Any) -> dict[str, Any] | None:
    if figure is None:
        return None
    return {name: None if value is None else str(value) for name, value in figure._asdict().items()}


def _print(found: list[Change], *, keep: bool) -> None:
    if not found:
        click.echo("Nothing differs.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("Exchange", "Measure", "Old", "New", "Why"):
        table.add_column(title, no_wrap=title == "Exchange")
    for each in found:
        table.add_row(str(each.exchange_id), each.measure, _words(each.old), _words(each.new), each.why)
    Console().print(table)
    click.echo(f"{len(found)} entries differ{', kept as new versions' if keep else '; --apply keeps them'}.")


def _words(figure: Any) -> str:
    if figure is None:
        return "none"
    span = f" ({figure.low:f} to {figure.high:f})" if figure.low is not None else ""
    value = "no weight" if figure.value is None else f"{figure.value:f} {figure.unit}"
    return f"{value}{span} {figure.source_version}".rstrip()
