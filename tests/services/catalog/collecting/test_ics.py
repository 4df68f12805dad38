"""Calendars read what we write: lines of 75 bytes, whatever is in them, and what was typed comes back as it was."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.catalog.collections.ics import LINE_BYTES, Entry, calendar_file, escaped, folded

AT = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
LINES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")))


def an_entry(**changes: object) -> Entry:
    known = {
        "id": UUID(int=7), "version": 3, "changed_at": AT, "since": AT, "until": AT + timedelta(hours=1),
        "title": "6 t, Palettes", "place": "Fenouillet", "words": "", "address": "https://boucle.test",
        "is_off": False,
    }  # fmt: skip
    return Entry(**{**known, **changes})  # type: ignore[arg-type] # a test's own words


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def read_back(text: str) -> str:
    plain = text.replace("\\\\", "\0")
    for escape, letter in (("\\n", "\n"), ("\\;", ";"), ("\\,", ",")):
        plain = plain.replace(escape, letter)
    return plain.replace("\0", "\\")


@given(line=LINES)
def test_a_line_is_folded_within_75_bytes_and_reads_as_it_was(line: str) -> None:
    pieces = folded(line).split("\r\n")
    assert all(len(piece.encode()) <= LINE_BYTES for piece in pieces)
    assert all(piece.startswith(" ") for piece in pieces[1:])
    assert "".join([pieces[0], *(piece[1:] for piece in pieces[1:])]) == line


@given(lines=st.lists(LINES.filter(bool), min_size=1))
def test_what_was_typed_comes_back(lines: list[str]) -> None:
    assert read_back(escaped("\r\n".join(lines))) == "\n".join(lines)


def test_nothing_typed_becomes_a_line_of_its_own() -> None:
    said = "Quai 3\r\nBEGIN:VEVENT\nX;Y,Z\\\u2028END:VCALENDAR"
    lines = unfolded(calendar_file("Agenda\nEND:VCALENDAR", [an_entry(title=said, place=said, words=said)]))
    assert [line for line in lines if line.startswith(("BEGIN", "END"))] == [
        "BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    assert lines[-1] == ""


def test_an_event_says_when_and_that_it_is_off() -> None:
    lines = unfolded(calendar_file("Agenda", [an_entry(), an_entry(id=UUID(int=8), is_off=True)]))
    assert "DTSTART:20261201T080000Z" in lines
    assert "DTEND:20261201T090000Z" in lines
    assert f"UID:{UUID(int=7)}@boucle" in lines
    assert [line for line in lines if line.startswith("STATUS")] == ["STATUS:CONFIRMED", "STATUS:CANCELLED"]
