"""What `boucle reconcile --streams` says of the streams themselves, in words and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from shared.database import Database
    from shared.messaging.reconciling import Traces
    from shared.messaging.surveying import Survey, Untold

SHOWN = 20


async def survey_all(
    databases: Mapping[str, Database], *, nats_url: str, admin_seed: Path | None, grace_s: float
) -> list[Survey]:
    """Every stream that a service writes to, against that service's outbox."""
    from shared.messaging.connection import close, connect
    from shared.messaging.surveying import survey
    from shared.messaging.topology import STREAMS, published, publisher_of

    client = await connect(nats_url, user="admin", seed_file=admin_seed)
    try:
        return [
            await survey(client, spec, producer=databases[publisher_of(spec.name)], grace_s=grace_s)
            for spec in STREAMS
            if spec.name in published()
        ]
    finally:
        await close(client)


def line_of_survey(found: Survey) -> dict[str, Any]:
    """One stream as JSON; conflicts come first in the list of untold events."""
    from shared.messaging.surveying import listed

    return {
        "stream": found.stream,
        "messages": found.messages,
        "lost": line_of_traces(found.lost),
        "untold": {
            "count": len(found.untold),
            "conflicts": found.conflicts,
            "events": [_line_of_untold(each) for each in listed(found.untold)],
        },
    }


def line_of_traces(traces: Traces) -> dict[str, Any]:
    """How many, where they lie, and the first thousand."""
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


def _line_of_untold(untold: Untold) -> dict[str, Any]:
    return {
        "stream_seq": untold.stream_seq,
        "event_id": str(untold.event_id) if untold.event_id else None,
        "subject": untold.subject,
        "aggregate_id": str(untold.aggregate_id) if untold.aggregate_id else None,
        "version": untold.version,
        "at": untold.at.isoformat() if untold.at else None,
        "is_conflict": untold.is_conflict,
    }


def print_surveys(console: Console, found: list[Survey]) -> None:
    """A table, then what is wrong with each stream and what mends it."""
    table = Table(box=None, pad_edge=False)
    for title in ("Stream", "Messages", "Lost", "Untold", "Conflicts"):
        table.add_column(title, justify="left" if title == "Stream" else "right")
    for each in found:
        lost = f"[bold red]{each.lost.count}[/bold red]" if each.lost.count else "0"
        untold = f"[yellow]{len(each.untold)}[/yellow]" if each.untold else "0"
        conflicts = f"[bold red]{each.conflicts}[/bold red]" if each.conflicts else "0"
        table.add_row(each.stream, str(each.messages), lost, untold, conflicts)
    console.print(table)
    for each in found:
        if each.lost.count:
            _print_lost(console, each)
        if each.untold:
            _print_untold(console, each)


def _print_lost(console: Console, found: Survey) -> None:
    from shared.messaging.topology import publisher_of

    print_traces(console, f"{found.stream} lost", found.lost)
    console.print(
        f"→ boucle provision --anew {found.stream}, then boucle republish --service {publisher_of(found.stream)} "
        "--from 1970-01-01",
        highlight=False,
        soft_wrap=True,
    )


def _print_untold(console: Console, found: Survey) -> None:
    from shared.messaging.surveying import listed
    from shared.messaging.topology import publisher_of

    title = f"{found.stream} has, unknown to {publisher_of(found.stream)} (restored from a backup?)"
    console.print(f"\n{title}: {len(found.untold)}, {found.conflicts} in conflict", highlight=False, soft_wrap=True)
    for each in listed(found.untold)[:SHOWN]:
        word = "  told otherwise since" if each.is_conflict else ""
        at = f"{each.at:%Y-%m-%d %H:%M:%S}" if each.at else "-"
        line = f"  {at}  {each.stream_seq}  {each.subject}  version {each.version}{word}"
        console.print(escape(line), highlight=False, soft_wrap=True)
    _print_rest(console, len(found.untold))


def print_traces(console: Console, title: str, traces: Traces) -> None:
    """The span, and the first of the events in it."""
    span = f"stream_seq {traces.first_seq} to {traces.last_seq}, {traces.first_at:%Y-%m-%d %H:%M:%S} to "
    console.print(
        f"\n{title}: {traces.count} ({span}{traces.last_at:%Y-%m-%d %H:%M:%S} UTC)", highlight=False, soft_wrap=True
    )
    for trace in traces.events[:SHOWN]:
        where = "-" if trace.stream_seq is None else trace.stream_seq
        console.print(f"  {trace.event_id}  {where}  {escape(trace.subject or '')}", highlight=False, soft_wrap=True)
    _print_rest(console, traces.count)


def _print_rest(console: Console, count: int) -> None:
    if count > SHOWN:
        console.print(f"  … and {count - SHOWN} more; --json lists the first thousand.")


def span_of(traces: Traces) -> str:
    """Options of `boucle republish`: whole seconds around the span, so that nothing falls between."""
    since, until = traces.first_at, traces.last_at
    if since is None or until is None:
        return ""
    return f"--from {since:%Y-%m-%dT%H:%M:%SZ} --to {until + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
