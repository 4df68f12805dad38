"""Collections as calendars read them: iCalendar (RFC 5545), written by hand because it is a dozen lines an event."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from unicodedata import category
from uuid import UUID

LINE_BYTES = 75
"""RFC 5545, 3.1: a longer line goes on in the next, which begins with a space."""


class Entry(NamedTuple):
    """One event; told again with a higher `version`, it changes in the calendar that has it."""

    id: UUID
    version: int
    changed_at: datetime
    since: datetime
    until: datetime
    title: str
    place: str
    words: str
    address: str
    is_off: bool


def calendar_file(name: str, entries: Iterable[Entry]) -> str:
    """The whole file: lines folded, ended as the standard wants them."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Boucle//Enlèvements//FR", "CALSCALE:GREGORIAN"),
        *("METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H"),
        *(line for entry in entries for line in _event(entry)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(entry: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.id}@boucle"
    yield f"SEQUENCE:{entry.version}"
    yield f"DTSTAMP:{_moment(entry.changed_at)}"
    yield f"DTSTART:{_moment(entry.since)}"
    yield f"DTEND:{_moment(entry.until)}"
    yield f"SUMMARY:{escaped(entry.title)}"
    if entry.place:
        yield f"LOCATION:{escaped(entry.place)}"
    # An event that is off says so with nothing: calendars replace what they have by what is there.
    if entry.words or entry.is_off:
        yield f"DESCRIPTION:{escaped(entry.words)}"
    yield f"URL:{entry.address}"
    yield f"STATUS:{'CANCELLED' if entry.is_off else 'CONFIRMED'}"
    yield "END:VEVENT"


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """RFC 5545, 3.3.11; any end of line is one, and other control characters than the tab have no place in it."""
    plain = "\n".join("".join(letter for letter in line if _is_text(letter)) for line in text.splitlines())
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _is_text(letter: str) -> bool:
    return letter == "\t" or category(letter) != "Cc"


def folded(line: str) -> str:
    """A line in pieces of 75 bytes at most, never within a character."""
    pieces: list[str] = []
    piece = ""
    for letter in line:
        # A piece after the first begins with a space, which counts.
        if len(f"{piece}{letter}".encode()) > LINE_BYTES - (1 if pieces else 0):
            pieces.append(piece)
            piece = ""
        piece += letter
    return "\r\n ".join([*pieces, piece])
