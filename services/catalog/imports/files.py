"""CSV and XLSX files as rows of text under their headings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from python_calamine import CalamineError, load_workbook

from services.catalog.imports.errors import FileEmpty, FileUnreadable

DELIMITERS = ";,\t"
REMARK = "#"
# Both file formats of spreadsheets (xlsx, ods) are zip archives; old xls files are OLE containers.
SPREADSHEET_BEGINS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Line:
    """One row: its number as a spreadsheet counts (the heading is 1), and one text per heading."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A table of text: the headings, and every line that holds anything."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]


def read_sheet(path: Path) -> Sheet:
    """The first table of a CSV or spreadsheet file; raises `FileUnreadable` or `FileEmpty`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(why=error.strerror or str(error)) from error
    return sheet_of(content)


def sheet_of(content: bytes) -> Sheet:
    """The table in a file's content, told from its first bytes rather than from its name."""
    rows = _spreadsheet_rows(content) if content.startswith(SPREADSHEET_BEGINS) else _csv_rows(_decoded(content))
    numbered = ((number, tuple(cells)) for number, cells in enumerate(rows, start=1))
    filled = [Line(number, cells) for number, cells in numbered if any(cells) and not _is_remark(cells)]
    if not filled or filled[0].number != 1:
        raise FileEmpty
    return Sheet(headings=filled[0].cells, lines=tuple(filled[1:]))


def _is_remark(cells: tuple[str, ...]) -> bool:
    """Whether a line explains the others, as the second of a template does."""
    return cells[0].startswith(REMARK)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes in France under "CSV"; five of its codes are undefined.
        return content.decode("cp1252", errors="replace")


def _csv_rows(text: str) -> Iterator[list[str]]:
    if "\0" in text:
        raise FileUnreadable(why="il contient des octets nuls.")
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True):
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        raise FileUnreadable(why=f"{error}.") from error


def _delimiter(text: str) -> str:
    """The separator that cuts the heading line into most columns."""

    def columns(delimiter: str) -> int:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))

    return max(DELIMITERS, key=columns)


def _spreadsheet_rows(content: bytes) -> Iterator[list[str]]:
    try:
        workbook = load_workbook(io.BytesIO(content))
        rows: Iterable[Sequence[object]] = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise FileUnreadable(why=f"{error}.") from error
    return ([_text(cell) for cell in row] for row in rows)


def _text(cell: object) -> str:
    """A cell as one would have typed it: 31000.0 is 31000, a day is 2026-12-11."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()
