"""`boucle prune`: remove published events that nobody needs any more."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.cli.databases import database_of, trouble_in_words
from deploy.cli.place import HELP, place_options
from deploy.embedded.credentials import SERVICES
from deploy.embedded.data_folder import DataFolder

if TYPE_CHECKING:
    from shared.messaging.pruning import Pruned

SHOWN = 20


class Days(click.ParamType[timedelta]):
    """`90d`."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Whole days; refused in words."""
        from shared.messaging.pruning import LONGEST_STREAM

        if not (match := re.fullmatch(r"(\d{1,5})d", str(value))):
            self.fail(f"{value!r} is not a number of days, like 90d", param, ctx)
        days = timedelta(days=int(match[1]))
        if days <= LONGEST_STREAM:
            self.fail(f"streams keep messages for {LONGEST_STREAM.days} days; take more", param, ctx)
        return days


@click.command(context_settings=HELP)
@click.option("--older-than", type=Days(), default="90d", show_default=True, help="Keep whatever is younger.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of services with removed, forgotten and refused.")
@place_options
def prune(*, older_than: timedelta, dry_run: bool, as_json: bool, folder: DataFolder) -> None:
    """Remove published events that nobody needs any more: exit code 1 when some were refused.

    Kept is what each living aggregate was last told of, so that anything can be rebuilt from it; and every event that a
    reader has not received, or has put aside unresolved: it is refused and named. The inbox rows of removed events go
    too. The supervisor does this once a day.

    \b
    Examples:
      boucle prune --dry-run
      boucle prune --older-than 180d
    """
    with trouble_in_words(), Console(stderr=True).status("Pruning…"):
        found = asyncio.run(_prune(folder, older_than, dry_run=dry_run))
    if as_json:
        click.echo(json.dumps([_line(each) for each in found], indent=2))
    else:
        _print(found, dry_run=dry_run)
    if any(each.refusals for each in found):
        raise SystemExit(1)


async def _prune(folder: DataFolder, older_than: timedelta, *, dry_run: bool) -> list[Pruned]:
    from shared.messaging.pruning import prune as remove

    async with AsyncExitStack() as stack:
        databases = {each: await stack.enter_async_context(database_of(each, folder)) for each in SERVICES}
        return [await remove(each, databases=databases, older_than=older_than, only_count=dry_run) for each in SERVICES]


def _line(found: Pruned) -> dict[str, Any]:
    return {
        "service": found.service,
        "removed": found.removed,
        "forgotten": found.forgotten,
        "refused": [
            {"reader": reader, "count": found.refusals[reader], "events": [str(each.event_id) for each in traces]}
            for reader, traces in found.refused.items()
        ],
    }


def _print(found: list[Pruned], *, dry_run: bool) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False)
    for title in ("Service", "Would remove" if dry_run else "Removed", "From inboxes", "Refused"):
        table.add_column(title, justify="left" if title == "Service" else "right")
    for each in found:
        refused = sum(each.refusals.values())
        shown = f"[bold red]{refused}[/bold red]" if refused else "0"
        table.add_row(each.service, str(each.removed), str(each.forgotten), shown)
    console.print(table)
    for each in found:
        for reader, traces in each.refused.items():
            words = f"\n{reader} has not done with {each.refusals[reader]} events of {each.service}:"
            console.print(words, highlight=False)
            for trace in traces[:SHOWN]:
                console.print(f"  {trace.event_id}  {escape(trace.subject or '')}", highlight=False, soft_wrap=True)
            console.print("→ boucle reconcile, boucle dead-letters list", highlight=False)
