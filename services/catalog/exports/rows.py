"""Postings and lots as rows of text, in the words that the imports read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

from services.catalog.exports.queries import LotLine
from services.catalog.imports.cells import SEPARATOR, as_category
from services.catalog.imports.columns import Column
from services.catalog.imports.postings import PostedKind
from services.catalog.imports.said import said_by
from services.catalog.posting.view import waste_codes
from shared.clock import PARIS, day_of
from shared.events.facts import Permit, plain
from shared.vocabulary import name as category_name

STATES: Mapping[str, str] = {
    **{"draft": "brouillon", "published": "publié", "paused": "en pause", "submitted": "en attente"},
    **{"closed": "clôturé", "withdrawn": "retiré", "ended": "terminé"},
}
LOT_STATES: Mapping[str, str] = {
    **{"planned": "annoncé", "released": "à prendre", "taken": "pris", "collected": "enlevé", "expired": "échu"},
    "missed": "manqué",
}
LOT_HEADINGS = ("Identifiant", "Gisement", "Jour", "État", "Quantité", "Unité", "À prendre dès", "Jusqu'à")
_TODAY = date.min


def headings_of(kind: PostedKind) -> list[str]:
    """The headings of an export, which the import knows."""
    return [column.title for column in _columns(kind)]


def row_of(kind: PostedKind, posting: Any) -> list[str]:
    """One posting; what was written on a page is named by its own id."""
    said = said_by(posting, kind.draft)
    said |= {
        "external_id": posting.external_id or str(posting.id),
        "state": STATES[posting.state],
        "ewc": waste_codes(posting.ewc),
    }
    return [cell_of(column, said.get(column.handed)) for column in _columns(kind)]


def lot_row(line: LotLine) -> list[str]:
    """One lot."""
    lot = line.lot
    return [
        str(lot.id),
        line.title,
        lot.day.isoformat(),
        LOT_STATES[lot.state],
        _number(lot.quantity_value),
        lot.quantity_unit,
        *(_moment(each) for each in (lot.available_at, lot.expires_at)),
    ]


def cell_of(column: Column, value: Any) -> str:
    """What one types to say `value`."""
    if value is None:
        return ""
    if column.name == "price":
        return _number(Decimal(value) / 100)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return SEPARATOR.join(_word(column, each) for each in value)
    return _word(column, value)


def _word(column: Column, value: Any) -> str:
    match value:
        case bool():
            return "oui" if value else "non"
        case Permit():
            return f"{value.code}:{value.expires_on.isoformat()}" if value.expires_on else value.code
        case Decimal():
            return _number(value)
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
    code = str(value.value if isinstance(value, Enum) else value)
    called = category_name(code) if column.name == "categories" else column.codes.get(code, (code,))[0]
    # Where two codes are called the same, or a name holds what separates names, the code says which.
    return called if SEPARATOR not in called and _reads(column, called) in (code, [code]) else code


def _reads(column: Column, called: str) -> object:
    return as_category(called, _TODAY) if column.name == "categories" else column.read(called, _TODAY)


def _number(value: Decimal) -> str:
    return f"{plain(value):f}".replace(".", ",")


def _moment(value: datetime) -> str:
    return f"{day_of(value).isoformat()} {value.astimezone(PARIS):%H:%M}"


def _columns(kind: PostedKind) -> list[Column]:
    return [column for column in kind.columns if column.name != "organisation"]
