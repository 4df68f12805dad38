"""What one cell means: yes and no, days, lists, codes by their names, permits, prices."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache

from shared.phrases.names import Names
from shared.vocabulary import categories, fold

Reader = Callable[[str, date], object]
"""Turns a cell into what a model takes, given the day of the import; what it does not understand it hands on as it is,
so that the model refuses it with its own sentence."""

YES = {"yes", "oui", "true", "vrai", "1", "x", "y", "o"}
NO = {"no", "non", "false", "faux", "0", "n"}
SEPARATOR = "|"

_RELATIVE = re.compile(r"[+-]\d{1,4}")
_FRENCH_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_CLOCK = re.compile(r"(\d{1,2})\s*[h:]\s*(\d{2})?(?::00)?")
_SIRET_LENGTH = 14


def as_text(cell: str, _: date) -> object:
    """The cell itself."""
    return cell


def as_flag(cell: str, _: date) -> object:
    """Yes or no, in French or English."""
    word = fold(cell)
    return True if word in YES else False if word in NO else cell


def as_day(cell: str, today: date) -> object:
    """An ISO day; `+21` counts from the day of the import, `11/12/2026` is read as in France."""
    if _RELATIVE.fullmatch(cell):
        return (today + timedelta(days=int(cell))).isoformat()
    if french := _FRENCH_DAY.fullmatch(cell):
        day, month, year = french.groups()
        return f"{year}-{int(month):02}-{int(day):02}"
    return cell


def as_number(cell: str, _: date) -> object:
    """A number as people write it: `1 200,5`."""
    return re.sub(r"\s", "", cell).replace(",", ".")


def as_siret(cell: str, _: date) -> object:
    """The digits; a spreadsheet that took the number for a quantity dropped its leading zeros."""
    digits = re.sub(r"[\s.]", "", cell)
    return digits.zfill(_SIRET_LENGTH) if digits.isdigit() and len(digits) in (12, 13) else digits


def as_cents(cell: str, today: date) -> object:
    """Euros, possibly negative, as cents."""
    try:
        return int((Decimal(str(as_number(cell.rstrip("€ "), today))) * 100).to_integral_value())
    except InvalidOperation:
        return cell


def as_time(cell: str, _: date) -> object:
    """`8h30`, `8:30` or `8h`."""
    clock = _CLOCK.fullmatch(cell)
    return f"{int(clock[1]):02}:{clock[2] or '00'}" if clock else cell


def coded(names: Names) -> Reader:
    """A code, or the French or English name that people know it by."""
    by_name = {fold(word): code for code, both in names.items() for word in (code, *both)}

    def read(cell: str, _: date) -> object:
        return by_name.get(fold(cell), cell)

    return read


def as_category(cell: str, _: date) -> object:
    """A category by its id or by its name."""
    return cell if cell in categories() else _category_names().get(fold(cell), cell)


def listed(read: Reader = as_text) -> Reader:
    """Several values, separated by `|`."""

    def read_all(cell: str, today: date) -> object:
        return [read(part.strip(), today) for part in cell.split(SEPARATOR) if part.strip()]

    return read_all


def as_permit(cell: str, today: date) -> object:
    """`waste_transport:2027-06-30`: a permit and the day it expires, if any."""
    code, _, expiry = cell.partition(":")
    return {"code": code.strip(), "expires_on": as_day(expiry.strip(), today) if expiry.strip() else None}


@cache
def _category_names() -> Mapping[str, str]:
    return {fold(word): entry.id for entry in categories().values() for word in (entry.name_en, entry.name_fr)}
