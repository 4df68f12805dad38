"""CSV and XLSX files as rows of text under their headings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from python_calamine import CalamineError, load_workbook

from services.catalog.imports.errors import FileEmpty, FileUnreadable, SheetTooLong

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


@dataclass(frozen=True)
class Bounds:
    """How large a table may be that somebody sends: a few megabytes packed may hold millions of rows."""

    lines: int = 100_000
    columns: int = 200

    def check(self, height: int, width: int) -> None:
        """Raise `SheetTooLong`."""
        if height > self.lines + 1 or width > self.columns:
            raise SheetTooLong(lines=self.lines, columns=self.columns)


def read_sheet(path: Path) -> Sheet:
    """The first table of a CSV or spreadsheet file; raises `FileUnreadable` or `FileEmpty`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(why=error.strerror or str(error)) from error
    return sheet_of(content)


def sheet_of(content: bytes, bounds: Bounds | None = None) -> Sheet:
    """The table in a file's content, told from its first bytes rather than from its name."""
    is_spreadsheet = content.startswith(SPREADSHEET_BEGINS)
    rows = _spreadsheet_rows(content, bounds) if is_spreadsheet else _csv_rows(_decoded(content))
    numbered = ((number, tuple(cells)) for number, cells in enumerate(rows, start=1))
    filled = [Line(number, cells) for number, cells in numbered if any(cells) and not _is_remark(cells)]
    if not filled or filled[0].number != 1:
        raise FileEmpty
    if bounds is not None:
        bounds.check(len(filled), len(filled[0].cells))
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


def _spreadsheet_rows(content: bytes, bounds: Bounds | None) -> Iterator[list[str]]:
    try:
        sheet = load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
        if bounds is not None:
            bounds.check(sheet.total_height, sheet.total_width)
        rows: Iterable[Sequence[object]] = sheet.to_python(skip_empty_area=False)
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
