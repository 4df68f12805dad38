"""`boucle reconcile`: is what was published where it belongs?"""

from __future__ import annotations

import asyncio
import json
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
from deploy.embedded.data_folder import DataFolder, write_private
from deploy.embedded.signals import RECONCILED

if TYPE_CHECKING:
    from shared.messaging.reconciling import Comparison, Traces

SHOWN = 20


@click.command(context_settings=HELP)
@click.option(
    "--grace",
    type=click.FloatRange(0, 86_400),
    default=60.0,
    show_default=True,
    help="Seconds an event may be on its way, retries included.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a list of readers with missing, extra and letters.")
@place_options
def reconcile(*, grace: float, as_json: bool, folder: DataFolder) -> None:
    """Compare what each service published with its readers' inboxes: exit code 1 when something is missing.

    Missing: published, but never received; a reader that is stopped or far behind misses what it did not read yet.
    Extra: received, but not in the publisher's outbox, as after its database was restored from a backup. Letters:
    received and put aside, see `boucle dead-letters list`. Reads only, in small batches, beside a service at work.

    \b
    Examples:
      boucle reconcile
      boucle reconcile --grace 300 --json
    """
    with trouble_in_words(), Console(stderr=True).status("Comparing…"):
        found = asyncio.run(_compare(folder, grace))
    lines = [_line(each) for each in found]
    if folder.root.exists():
        # For the metrics: what is missing is told until the next comparison.
        write_private(folder.root / RECONCILED, json.dumps(lines))
    if as_json:
        click.echo(json.dumps(lines, indent=2))
    else:
        _print(found)
    if any(each.missing.count for each in found):
        raise SystemExit(1)


async def _compare(folder: DataFolder, grace: float) -> list[Comparison]:
    from shared.messaging.reconciling import compare
    from shared.messaging.topology import CONSUMERS, publisher_of

    async with AsyncExitStack() as stack:
        databases = {each: await stack.enter_async_context(database_of(each, folder)) for each in SERVICES}
        return [
            await compare(
                spec, producer=databases[publisher_of(spec.stream)], reader=databases[spec.service], grace_s=grace
            )
            for spec in CONSUMERS
        ]


def _line(found: Comparison) -> dict[str, Any]:
    return {
        "stream": found.spec.stream,
        "producer": _producer(found),
        "reader": found.spec.service,
        "sent": found.sent,
        "missing": _traces(found.missing),
        "extra": _traces(found.extra),
        "letters": found.letters,
    }


def _traces(traces: Traces) -> dict[str, Any]:
    return {
        "count": traces.count,
        "stream_seq": [traces.first_seq, traces.last_seq],
        "at": [moment.isoformat() if moment else None for moment in (traces.first_at, traces.last_at)],
        "events": [
            {
                "event_id": str(trace.event_id),
                "subject": trace.subject,
                "stream_seq": trace.stream_seq,
                "at": trace.at.isoformat(),
            }
            for trace in traces.events
        ],
    }


def _print(found: list[Comparison]) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False)
    for title in ("Stream", "Reader", "Published", "Missing", "Extra", "Letters"):
        table.add_column(title, justify="left" if title in ("Stream", "Reader") else "right")
    for each in found:
        missing = f"[bold red]{each.missing.count}[/bold red]" if each.missing.count else "0"
        extra = f"[yellow]{each.extra.count}[/yellow]" if each.extra.count else "0"
        table.add_row(each.spec.stream, each.spec.service, str(each.sent), missing, extra, str(each.letters))
    console.print(table)
    for each in found:
        if each.missing.count:
            _print_traces(console, f"{each.spec.service} misses of {each.spec.stream}", each.missing)
            console.print(f"→ {_remedy(each)}", highlight=False, soft_wrap=True)
        if each.extra.count:
            _print_traces(console, f"{each.spec.service} has, untold by {_producer(each)}", each.extra)


def _print_traces(console: Console, title: str, traces: Traces) -> None:
    span = f"stream_seq {traces.first_seq} to {traces.last_seq}, {traces.first_at:%Y-%m-%d %H:%M:%S} to "
    console.print(
        f"\n{title}: {traces.count} ({span}{traces.last_at:%Y-%m-%d %H:%M:%S} UTC)", highlight=False, soft_wrap=True
    )
    for trace in traces.events[:SHOWN]:
        where = "-" if trace.stream_seq is None else trace.stream_seq
        console.print(f"  {trace.event_id}  {where}  {escape(trace.subject or '')}", highlight=False, soft_wrap=True)
    if traces.count > SHOWN:
        console.print(f"  … and {traces.count - SHOWN} more; --json lists the first thousand.")


def _producer(found: Comparison) -> str:
    from shared.messaging.topology import publisher_of

    return publisher_of(found.spec.stream)


def _remedy(found: Comparison) -> str:
    """Whole seconds around the span, so that nothing falls between."""
    since, until = found.missing.first_at, found.missing.last_at
    span = f"--from {since:%Y-%m-%dT%H:%M:%SZ} --to {until + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}" if until else ""
    return (
        f"Is {found.spec.service} running? If so: boucle republish --service {_producer(found)} {span} "
        f"--rewind {found.spec.service}"
    )
