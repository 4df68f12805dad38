"""How the columns of a file are recognised, and how its rows read through them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.catalog.imports.cells import Reader, as_text
from services.catalog.imports.errors import ColumnMissing, FieldsMissing, FieldUnknown, HeadingUnknown
from services.catalog.imports.files import Line, Sheet
from shared.phrases.names import Names
from shared.vocabulary import fold
from shared.web.tables import plain_cell


@dataclass(frozen=True)
class Column:
    """A field of a row: its usual headings beside its own name, how its cells read, and as what they are handed on.

    The first heading is the one it is given in French. `codes` are what its codes are called; several columns of a
    file that hold the same field are put together with `joint`, and without one the last that is filled counts.
    """

    name: str
    headings: tuple[str, ...] = ()
    read: Reader = as_text
    required: bool = False
    field: str = ""
    joint: str = ""
    codes: Names = dataclasses.field(default_factory=dict, hash=False, compare=False)
    example: str = ""

    @property
    def handed(self) -> str:
        """The name of the form's field that it fills."""
        return self.field or self.name

    @property
    def title(self) -> str:
        """Its heading in French."""
        return self.headings[0]

    def together(self, texts: Sequence[str]) -> str:
        """One text from those of the columns that hold it."""
        filled = [text for text in texts if text]
        return (self.joint.join(filled) if self.joint else filled[-1]) if filled else ""


Columns = tuple[Column, ...]
Places = Mapping[Column, tuple[int, ...]]


@dataclass(frozen=True)
class Reading:
    """How one file's columns lie: positions by field, how many there are, and the headings nothing was made of.

    `otherwise` is what a field says where its cell is empty.
    """

    positions: Places
    width: int
    ignored: tuple[str, ...] = ()
    otherwise: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def asked(self) -> frozenset[str]:
        """The fields of the form that the file speaks of."""
        return frozenset(column.handed for column in self.positions)

    def typed(self, line: Line) -> dict[str, str]:
        """The row's texts by field; empty cells are absent."""
        cells = line.cells
        texts = {
            column.name: column.together([plain_cell(cells[at]) for at in places if at < len(cells)])
            or self.otherwise.get(column.name, "")
            for column, places in self.positions.items()
        }
        return {name: text for name, text in texts.items() if text}

    def values(self, typed: Mapping[str, str], today: date) -> dict[str, object]:
        """What the texts mean."""
        columns = (column for column in self.positions if column.name in typed)
        return {column.handed: column.read(typed[column.name], today) for column in columns}


def reading_of(sheet: Sheet, columns: Columns, mapping: Mapping[str, str]) -> Reading:
    """Find each column's place, by `mapping` (field to heading) first, then by name and usual headings."""
    known = {column.name: column for column in columns}
    for name in mapping:
        if name not in known:
            raise FieldUnknown(field=name, known=", ".join(known))
    places = {key_of(heading): at for at, heading in reversed(list(enumerate(sheet.headings))) if heading}
    positions: dict[Column, tuple[int, ...]] = {}
    for column in columns:
        at = _place_of(column, places, mapping.get(column.name), sheet.headings)
        if at is not None:
            positions[column] = (at,)
        elif column.required:
            raise ColumnMissing(column=column.name, headings=", ".join(filter(None, sheet.headings)))
    return _reading(sheet, positions)


def taken_for(sheet: Sheet, columns: Columns, learned: Mapping[str, str]) -> list[str]:
    """For each column of a file the field it is taken for, or an empty text.

    What somebody said of a heading before (`learned`, by `key_of` the heading) goes before its usual meaning.
    """
    usual = {key_of(each): column.name for column in columns for each in reversed((column.name, *column.headings))}
    known = {column.name for column in columns}
    found = [learned.get(key_of(heading), usual.get(key_of(heading), "")) for heading in sheet.headings]
    said = {name for heading, name in zip(sheet.headings, found, strict=True) if key_of(heading) in learned}
    taken: set[str] = set()
    for at, (heading, name) in enumerate(zip(sheet.headings, found, strict=True)):
        # A guess never adds a second column to a field: that is for people to say.
        if name not in known or (key_of(heading) not in learned and name in taken | said):
            found[at] = ""
        taken.add(found[at])
    return found


def reading_as(
    sheet: Sheet, columns: Columns, fields: Sequence[str], *, otherwise: Mapping[str, str] | None = None
) -> Reading:
    """The reading that takes each column for the field said; raises `FieldsMissing` and `FieldUnknown`."""
    otherwise = otherwise or {}
    known = {column.name: column for column in columns}
    for name in filter(None, fields):
        if name not in known:
            raise FieldUnknown(field=name, known=", ".join(known))
    positions = {
        column: tuple(at for at, name in enumerate(fields) if name == column.name)
        for column in columns
        if column.name in fields or column.name in otherwise
    }
    missing = [column.title for column in columns if column.required and column not in positions]
    if missing:
        raise FieldsMissing(fields=", ".join(f"« {title} »" for title in missing))
    return _reading(sheet, positions, otherwise)


def key_of(heading: str) -> str:
    """A heading without accents, case, spaces and punctuation: « N° SIRET » is `nsiret`."""
    return re.sub(r"[\W_]", "", fold(heading))


def _reading(sheet: Sheet, positions: Places, otherwise: Mapping[str, str] | None = None) -> Reading:
    used = {at for places in positions.values() for at in places}
    ignored = tuple(each for at, each in enumerate(sheet.headings) if each and at not in used)
    return Reading(positions, len(sheet.headings), ignored, otherwise or {})


def _place_of(column: Column, places: Mapping[str, int], mapped: str | None, headings: tuple[str, ...]) -> int | None:
    if mapped is not None:
        if key_of(mapped) not in places:
            raise HeadingUnknown(heading=mapped, headings=", ".join(filter(None, headings)))
        return places[key_of(mapped)]
    candidates = (key_of(each) for each in (column.name, *column.headings))
    return next((places[key] for key in candidates if key in places), None)
