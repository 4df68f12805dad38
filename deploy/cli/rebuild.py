"""`boucle rebuild`: is what a service keeps of another's facts what it was told?"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.databases import database_of, trouble_in_words
from deploy.cli.migrate import owner_url
from deploy.cli.place import HELP, place_options, settings_of
from deploy.embedded.data_folder import DataFolder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from shared.database import Database
    from shared.messaging.projection import Projection
    from shared.messaging.rebuilding import Rebuilt

SERVICES_WITH_PROJECTIONS = ("matching", "notifications")
SHOWN = 20


@click.command(context_settings=HELP)
@click.argument("names", metavar="[PROJECTION]...", nargs=-1)
@click.option("--list", "only_list", is_flag=True, help="Say which projections there are.")
@click.option("--check", is_flag=True, help="Only compare; change nothing.")
@click.option("--end-untold", is_flag=True, help="Also end rows of which whoever publishes knows nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of projections with what was found.")
@place_options
def rebuild(
    *, names: tuple[str, ...], only_list: bool, check: bool, end_untold: bool, as_json: bool, folder: DataFolder
) -> None:
    """Build what a service keeps of another's facts again, beside the traffic; mend what differs.

    A copy is made from the publisher's outbox and the reader's inbox, and compared row by row. Rows that are right are
    not touched; wrong and missing ones are written from the copy, and matched again. Pages read on meanwhile. Exit code
    1 when something is still different at the end.

    \b
    Examples:
      boucle rebuild --list
      boucle rebuild --check
      boucle rebuild matching.supplies notifications.contacts
    """
    known = _known()
    if only_list:
        _list(known, as_json=as_json)
        return
    if unknown := sorted(set(names) - known.keys()):
        raise click.UsageError(f"No such projection: {', '.join(unknown)}. There are: {', '.join(known)}.")
    chosen = [known[name] for name in names] or list(known.values())
    how = {"only_compare": check, "end_untold": end_untold}
    with trouble_in_words(), Console(stderr=True).status("Building…") as status:
        found = asyncio.run(_rebuild(chosen, folder, how, lambda name: status.update(f"Building {name}…")))
    if as_json:
        click.echo(json.dumps([_line(each) for each in found], indent=2))
    else:
        _print(found)
    if not all(each.is_equal for each in found):
        raise SystemExit(1)


def _known() -> dict[str, Projection]:
    modules = [import_module(f"services.{service}.projections") for service in SERVICES_WITH_PROJECTIONS]
    return {each.name: each for module in modules for each in module.PROJECTIONS}


async def _rebuild(chosen: list[Projection], folder: DataFolder, how: dict[str, bool], said: Any) -> list[Rebuilt]:
    from deploy.embedded.logs import log_errors_only
    from shared.messaging.rebuilding import rebuild as build
    from shared.messaging.topology import publisher_of

    log_errors_only()
    found = []
    for projection in chosen:
        said(projection.name)
        async with (
            database_of(publisher_of(projection.stream), folder) as producer,
            _owned(projection.service, folder) as reader,
        ):
            found.append(await build(projection, producer=producer, reader=reader, **how))
    return found


@asynccontextmanager
async def _owned(service: str, folder: DataFolder) -> AsyncIterator[Database]:
    """As its owner, who may make the copy's table."""
    from shared.clock import Calendar, now
    from shared.database import Database

    always_open = settings_of(service, folder).always_open
    database = Database(owner_url(service, folder), clock=now, calendar=Calendar(always_open))
    try:
        yield database
    finally:
        await database.close()


def _list(known: dict[str, Projection], *, as_json: bool) -> None:
    lines = [{"projection": name, "stream": each.stream, "types": sorted(each.types)} for name, each in known.items()]
    if as_json:
        click.echo(json.dumps(lines, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for title in ("Projection", "Stream", "Told by"):
        table.add_column(title)
    for line in lines:
        table.add_row(str(line["projection"]), str(line["stream"]), ", ".join(line["types"]))
    Console().print(table)


def _line(found: Rebuilt) -> dict[str, Any]:
    return {
        "projection": found.projection.name,
        "events": found.events,
        "rows": found.rows,
        "told": found.told,
        "kept": found.kept,
        "is_equal": found.is_equal,
        "found": _ids(found.found),
        "left": _ids(found.left),
    }


def _ids(difference: Any) -> dict[str, list[str]]:
    return {what: sorted(map(str, ids)) for what, ids in difference._asdict().items()}


def _print(found: list[Rebuilt]) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False)
    for title in ("Projection", "Rows", "Events", "Wrong", "Missing", "Untold", "Checksum"):
        table.add_column(
            title, justify="right" if title in ("Rows", "Events", "Wrong", "Missing", "Untold") else "left"
        )
    for each in found:
        counts = [str(len(ids)) for ids in each.found]
        says = f"{each.kept[:12]} equal" if each.is_equal else f"[bold red]{each.kept[:12]}, told {each.told[:12]}[/]"
        table.add_row(each.projection.name, str(each.rows), str(each.events), *counts, says)
    console.print(table)
    for each in found:
        for what, ids in _ids(each.found).items():
            for row in ids[:SHOWN]:
                mended = "" if row in _ids(each.left)[what] else ", mended"
                console.print(f"  {each.projection.name} {row} {what}{mended}", highlight=False, soft_wrap=True)
            if len(ids) > SHOWN:
                console.print(f"  … and {len(ids) - SHOWN} more {what}; --json lists all.")
        if each.left.untold:
            words = "Nobody told of these rows: if the publisher's database was restored, it may have lost them."
            console.print(f"→ {words} --end-untold ends them.", highlight=False, soft_wrap=True)
