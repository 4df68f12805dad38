"""`boucle reconcile`: is what was published where it belongs?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.databases import database_of, trouble_in_words
from deploy.cli.place import HELP, place_options, running_instance
from deploy.cli.surveys import line_of_survey, line_of_traces, print_surveys, print_traces, span_of, survey_all
from deploy.embedded.credentials import SERVICES
from deploy.embedded.data_folder import DataFolder, write_private
from deploy.embedded.logs import log_errors_only
from deploy.embedded.signals import RECONCILED, SURVEYED

if TYPE_CHECKING:
    from shared.database import Database
    from shared.messaging.reconciling import Comparison
    from shared.messaging.surveying import Survey

SEED = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(context_settings=HELP)
@click.option(
    "--grace",
    type=click.FloatRange(0, 86_400),
    default=60.0,
    show_default=True,
    help="Seconds an event may be on its way, retries included.",
)
@click.option("--streams", is_flag=True, help="Walk the streams too: what they lost, and what only they know.")
@click.option(
    "--nats-url", envvar="BOUCLE_NATS_URL", help="For --streams. Default: the embedded instance that runs now."
)
@click.option("--admin-seed", type=SEED, envvar="BOUCLE_ADMIN_SEED_FILE", help="nkey seed of the admin user.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of readers with missing, extra and letters.")
@place_options
def reconcile(
    *,
    grace: float,
    streams: bool,
    nats_url: str | None,
    admin_seed: Path | None,
    as_json: bool,
    folder: DataFolder,
) -> None:
    """Compare what each service published with its readers' inboxes: exit code 1 when something is missing.

    Missing: published, but never received; a reader that is stopped or far behind misses what it did not read yet.
    Extra: received, but not in the publisher's outbox, as after its database was restored from a backup. Letters:
    received and put aside, see `boucle dead-letters list`. Reads only, in small batches, beside a service at work.

    With --streams also between outbox and stream. Lost: published, but not in the stream (any more). Untold: in the
    stream, but not in the outbox: written after the backup from which the publisher was restored, and named one by
    one. In conflict: the publisher has told something else of the same version since. Exit code 1 for what is lost or
    in conflict, too.

    \b
    Examples:
      boucle reconcile
      boucle reconcile --streams
      boucle reconcile --grace 300 --json
    """
    with trouble_in_words(), Console(stderr=True).status("Comparing…"):
        found = asyncio.run(_compare(folder, grace))
        lines = [_line(each) for each in found]
        _keep(folder, RECONCILED, lines)
        surveys = asyncio.run(_survey(folder, grace, _broker(folder, nats_url, admin_seed))) if streams else []
        told = [line_of_survey(each) for each in surveys]
        if streams:
            _keep(folder, SURVEYED, told)
    if as_json:
        click.echo(json.dumps({"readers": lines, "streams": told} if streams else lines, indent=2))
    else:
        _print(found)
        if streams:
            print_surveys(Console(), surveys)
    if any(each.missing.count for each in found) or any(each.lost.count or each.conflicts for each in surveys):
        raise SystemExit(1)


def _keep(folder: DataFolder, name: str, lines: list[dict[str, Any]]) -> None:
    """For the metrics: what is missing is told until the next comparison."""
    if folder.root.exists():
        write_private(folder.root / name, json.dumps(lines))


def _broker(folder: DataFolder, nats_url: str | None, admin_seed: Path | None) -> tuple[str, Path | None]:
    if nats_url is not None:
        return nats_url, admin_seed
    embedded = running_instance(folder)
    return embedded.nats_url, embedded.seed_file("admin")


async def _compare(folder: DataFolder, grace: float) -> list[Comparison]:
    from shared.messaging.reconciling import compare
    from shared.messaging.topology import CONSUMERS, publisher_of

    async with _databases(folder) as databases:
        return [
            await compare(
                spec, producer=databases[publisher_of(spec.stream)], reader=databases[spec.service], grace_s=grace
            )
            for spec in CONSUMERS
        ]


async def _survey(folder: DataFolder, grace: float, broker: tuple[str, Path | None]) -> list[Survey]:
    log_errors_only()
    nats_url, admin_seed = broker
    async with _databases(folder) as databases:
        return await survey_all(databases, nats_url=nats_url, admin_seed=admin_seed, grace_s=grace)


@asynccontextmanager
async def _databases(folder: DataFolder) -> AsyncIterator[dict[str, Database]]:
    async with AsyncExitStack() as stack:
        yield {each: await stack.enter_async_context(database_of(each, folder)) for each in SERVICES}


def _line(found: Comparison) -> dict[str, Any]:
    return {
        "stream": found.spec.stream,
        "producer": _producer(found),
        "reader": found.spec.durable,
        "sent": found.sent,
        "missing": line_of_traces(found.missing),
        "extra": line_of_traces(found.extra),
        "letters": found.letters,
    }


def _print(found: list[Comparison]) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False)
    for title in ("Stream", "Reader", "Published", "Missing", "Extra", "Letters"):
        table.add_column(title, justify="left" if title in ("Stream", "Reader") else "right")
    for each in found:
        missing = f"[bold red]{each.missing.count}[/bold red]" if each.missing.count else "0"
        extra = f"[yellow]{each.extra.count}[/yellow]" if each.extra.count else "0"
        table.add_row(each.spec.stream, each.spec.durable, str(each.sent), missing, extra, str(each.letters))
    console.print(table)
    for each in found:
        if each.missing.count:
            print_traces(console, f"{each.spec.durable} misses of {each.spec.stream}", each.missing)
            console.print(f"→ {_remedy(each)}", highlight=False, soft_wrap=True)
        if each.extra.count:
            print_traces(console, f"{each.spec.durable} has, untold by {_producer(each)}", each.extra)


def _producer(found: Comparison) -> str:
    from shared.messaging.topology import publisher_of

    return publisher_of(found.spec.stream)


def _remedy(found: Comparison) -> str:
    reader, which = found.spec.service, f"--service {_producer(found)} {span_of(found.missing)}"
    return f"Is {reader} running? If so: boucle republish {which} --rewind {reader}"
