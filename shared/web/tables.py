"""Tables written as CSV and XLSX: as French spreadsheets open them, and nothing in them is taken for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from litestar import Response
from xlsxwriter import Workbook

from shared.web.saving import FILE_POLICY

BOM = "\ufeff"
WIDTHS = (12, 48)
# What a spreadsheet takes for the beginning of a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"
# A negative number begins like a formula, and is none.
NUMBER = re.compile(r"-[0-9]+(?:[.,][0-9]+)?", re.ASCII)


class Form(StrEnum):
    """How a table is written."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Table = Iterable[Sequence[str]]


def guarded_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return GUARD + text if text.startswith(FORMULAS) and NUMBER.fullmatch(text) is None else text


def plain_cell(text: str) -> str:
    """The text behind `guarded_cell`."""
    return text[1:] if text.startswith(GUARD) and text[1:].startswith(FORMULAS) else text


def written(form: Form, name: str, headings: Sequence[str], rows: Table) -> bytes:
    """A table's bytes; a large one takes a while: write it in a thread."""
    # A spreadsheet has one end of a line within a cell.
    guarded = ([guarded_cell(text.replace("\r\n", "\n")) for text in row] for row in rows)
    return _xlsx(name, headings, guarded) if form is Form.XLSX else _csv(headings, guarded)


def _csv(headings: Sequence[str], rows: Table) -> bytes:
    text = io.StringIO(newline="")
    text.write(BOM)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode()


def _xlsx(name: str, headings: Sequence[str], rows: Table) -> bytes:
    content = io.BytesIO()
    # Every cell is a text: identifiers keep their zeros, and nothing is computed or linked.
    with Workbook(content, {"in_memory": True, "constant_memory": False}) as book:
        sheet = book.add_worksheet(name[:31])
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for at, heading in enumerate(headings):
            sheet.write_string(0, at, heading, bold)
            sheet.set_column(at, at, min(max(len(heading) + 2, WIDTHS[0]), WIDTHS[1]))
        for line, row in enumerate(rows, start=1):
            for at, cell in enumerate(row):
                if cell:
                    sheet.write_string(line, at, cell, wrapped)
        sheet.freeze_panes(1, 0)
    return content.getvalue()


def download(content: bytes, name: str, form: Form) -> Response[Any]:
    """A table as a file of its own."""
    return Response(
        content,
        media_type=MEDIA_TYPES[form],
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(f'{name}.{form}')}",
            "x-content-type-options": "nosniff",
            "content-security-policy": FILE_POLICY,
            "cache-control": "private, no-store",
        },
    )
