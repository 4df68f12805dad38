"""Rows written as CSV, JSON Lines and GeoJSON, a batch at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

from services.catalog.imports.cells import SEPARATOR
from services.catalog.opendata.models import Dataset, Form
from shared.web.tables import BOM, guarded_cell

_JSON = msgspec.json.Encoder()
POINT = ("longitude", "latitude")


class Writer:
    """One list in one form: `opening`, then `rows` as often as there are, then `closing`."""

    def __init__(self, dataset: Dataset, form: Form, public_url: str) -> None:
        self._dataset, self._form, self._public_url = dataset, form, public_url
        self._is_first = True

    def opening(self) -> bytes:
        """What stands before the rows."""
        match self._form:
            case Form.CSV:
                names = [column.name for column in self._dataset.columns]
                return (BOM + _line([names[0], "url", *names[1:]])).encode()
            case Form.GEOJSON:
                return b'{"type":"FeatureCollection","features":[\n'
        return b""

    def rows(self, rows: Sequence[Any]) -> bytes:
        """Some rows."""
        told = [self._dataset.values(row, self._public_url) for row in rows]
        if self._form is Form.CSV:
            return "".join(_line([cell_of(value) for value in each.values()]) for each in told).encode()
        values = [{name: plain_of(value) for name, value in each.items()} for each in told]
        if self._form is Form.JSONL:
            return b"".join(_JSON.encode(each) + b"\n" for each in values)
        features = b",\n".join(_JSON.encode(_feature(each)) for each in values)
        before = b"" if self._is_first or not features else b",\n"
        self._is_first = self._is_first and not features
        return before + features

    def closing(self) -> bytes:
        """What stands after the rows."""
        return b"\n]}\n" if self._form is Form.GEOJSON else b""


def cell_of(value: Any) -> str:
    """A value as a cell: texts harmless in a spreadsheet, numbers with a point."""
    told = plain_of(value)
    match told:
        case None:
            return ""
        case bool():
            return "true" if told else "false"
        case list():
            return guarded_cell(SEPARATOR.join(told))
        case str():
            return guarded_cell(told.replace("\r\n", "\n"))
    return str(told)


def plain_of(value: Any) -> Any:
    """A value as JSON has it."""
    tell = _PLAIN.get(type(value))
    if tell is not None:
        return tell(value)
    if isinstance(value, Enum):
        return value.value
    # The driver has its own class of UUID.
    return str(value) if isinstance(value, UUID) else value


_PLAIN: Mapping[type, Callable[[Any], Any]] = {
    Decimal: lambda value: int(value) if value == value.to_integral_value() else float(value),
    datetime: lambda value: value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    date: date.isoformat,
    time: lambda value: f"{value:%H:%M}",
    list: lambda values: [plain_of(each) for each in values],
    tuple: lambda values: [plain_of(each) for each in values],
}


def _feature(values: dict[str, Any]) -> dict[str, Any]:
    """RFC 7946: longitude first; without a known commune it has no place."""
    point = [values[axis] for axis in POINT]
    geometry = None if None in point else {"type": "Point", "coordinates": point}
    properties = {name: value for name, value in values.items() if name not in POINT}
    return {"type": "Feature", "id": values["id"], "geometry": geometry, "properties": properties}


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow(cells)
    return text.getvalue()
