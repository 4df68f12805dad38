"""What a file of open data is made of: a list, its columns, and how each is read off a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from services.catalog.flows.lot import Lot


class Form(StrEnum):
    """How a list is written."""

    CSV = "csv"
    JSONL = "jsonl"
    GEOJSON = "geojson"


MEDIA_TYPES = {
    Form.CSV: "text/csv; charset=utf-8; header=present",
    Form.JSONL: "application/jsonl; charset=utf-8",
    Form.GEOJSON: "application/geo+json; charset=utf-8",
}


@dataclass(frozen=True)
class Described:
    """One column: its name, its type, what it means in French, and how it is read; a unit where it measures."""

    name: str
    kind: str
    words: str
    read: Callable[[Any], Any]
    unit: str = ""


@dataclass(frozen=True)
class Dataset:
    """One list; with `is_placed` its rows have a commune, and so a point."""

    name: str
    title: str
    words: str
    page: str
    columns: Sequence[Described]
    is_placed: bool = True

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms it is given in."""
        return tuple(Form) if self.is_placed else (Form.CSV, Form.JSONL)

    def values(self, row: Any, public_url: str) -> dict[str, Any]:
        """A row by its columns, with the address of its page."""
        told = {column.name: column.read(row) for column in self.columns}
        return {"id": told["id"], "url": f"{public_url}{self.page.format(**told)}", **told}


class LotRow(NamedTuple):
    """A lot, and how its flow came to be."""

    lot: Lot
    origin: str


class Stamp(NamedTuple):
    """How a list stands: how many rows, when the last change was, and a text that no other state of it has."""

    rows: int
    changed_at: datetime | None
    text: str
