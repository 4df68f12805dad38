"""How dead letters look: as lines for people, as objects for machines."""

from __future__ import annotations

import base64
import json
import textwrap
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shared.messaging.letters import Letter, OpenedLetter
from shared.messaging.replaying import Replayed

# Some errors write pages; `show` has all of it.
REASON_SHOWN = 200

WORDS = {
    "applied": "[green]applied[/green]",
    "ignored": "[yellow]resolved[/yellow]: the consumer keeps nothing of",
    "known": "resolved: the consumer had applied it meanwhile",
    "closed": "was resolved before: nothing done",
    "failed": "[bold red]failed again[/bold red], still open:",
    "sent": "[green]sent[/green]",
    "gone": "resolved: its event was replaced by a newer one",
    "waiting": "[yellow]free to leave[/yellow], still open: no relay took it yet; is the service running?",
}


def line_of(service: str, letter: Letter) -> dict[str, Any]:
    """One letter for machines; an opened one with its headers and message, `payload_base64` when it is no text."""
    line = {
        "service": service,
        "id": str(letter.id),
        "consumer": letter.consumer,
        "event_id": str(letter.event_id) if letter.event_id else None,
        "stream": letter.stream,
        "stream_seq": letter.stream_seq,
        "subject": letter.subject,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "first_at": letter.first_at.isoformat(timespec="seconds"),
        "last_at": letter.last_at.isoformat(timespec="seconds"),
        "replay_count": letter.replay_count,
        "resolved_at": letter.resolved_at.isoformat(timespec="seconds") if letter.resolved_at else None,
        "resolved_by": letter.resolved_by,
    }
    return line | _message(letter) if isinstance(letter, OpenedLetter) else line


def _message(letter: OpenedLetter) -> dict[str, Any]:
    try:
        return {"headers": letter.headers, "payload": letter.payload.decode()}
    except UnicodeDecodeError:
        return {"headers": letter.headers, "payload_base64": base64.b64encode(letter.payload).decode()}


def line_of_replay(service: str, letter_id: UUID, replayed: Replayed) -> dict[str, Any]:
    """What became of one letter, for machines."""
    return {
        "service": service,
        "id": str(letter_id),
        "outcome": replayed.outcome.value,
        "is_resolved": replayed.is_resolved,
        "words": replayed.words,
    }


def print_letters(found: dict[str, list[Letter]]) -> None:
    """A table a service."""
    console = Console()
    if not any(found.values()):
        console.print("No dead letter is open.")
    for service, kept in found.items():
        if not kept:
            continue
        table = Table(title=f"{service}: {len(kept)}", title_justify="left", show_lines=True)
        table.add_column("Letter", no_wrap=True)
        table.add_column("Message and reason", overflow="fold")
        for letter in kept:
            table.add_row(*_cells(letter))
        console.print(table)


def _cells(letter: Letter) -> tuple[str, str]:
    resolved = f"\n[green]resolved[/green] by {escape(letter.resolved_by or '')}" if letter.resolved_at else ""
    tries = f"{letter.attempts} {'try' if letter.attempts == 1 else 'tries'}, {letter.replay_count} replayed"
    seen = f"{letter.first_at:%Y-%m-%d %H:%M:%S}\n{letter.last_at:%Y-%m-%d %H:%M:%S}"
    reason = textwrap.shorten(letter.reason, REASON_SHOWN, placeholder=" …")
    return (
        f"{letter.id}\n{letter.consumer}: {tries}\n{seen}",
        f"{escape(letter.subject or '(no subject)')}\n[red]{escape(reason)}[/red]{resolved}",
    )


def print_letter(service: str, letter: OpenedLetter) -> None:
    """Everything about one letter, and the message as it is."""
    console = Console()
    facts = {name: value for name, value in line_of(service, letter).items() if not name.startswith("payload")}
    headers = facts.pop("headers") or {}
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in [*facts.items(), *((f"header {name}", value) for name, value in headers.items())]:
        table.add_row(name, escape("" if value is None else str(value)))
    console.print(table)
    console.print(f"\n{_pretty(letter.payload)}", markup=False, highlight=False, soft_wrap=True)


def _pretty(payload: bytes) -> str:
    try:
        return json.dumps(json.loads(payload), ensure_ascii=False, indent=2)
    except ValueError:
        return payload.decode(errors="backslashreplace")


def print_replays(done: list[tuple[str, UUID, Replayed]]) -> None:
    """A line a letter."""
    console = Console()
    if not done:
        console.print("No dead letter is open.")
    for service, letter_id, replayed in done:
        words = f"{WORDS[replayed.outcome]} {escape(replayed.words)}".rstrip()
        console.print(f"{letter_id} ({service}) {words}", highlight=False, soft_wrap=True)
