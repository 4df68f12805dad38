"""What a new value of a parameter is made of."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from msgspec import Struct
from pydantic import BeforeValidator, Field, StringConstraints

from shared.web.asked import Asked


def _plain(value: object) -> object:
    """« 20 000,50 » as people write it."""
    return "".join(value.split()).replace(",", ".") if isinstance(value, str) else value


Value = Annotated[Decimal, BeforeValidator(_plain), Field(ge=0, max_digits=14, decimal_places=4)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class NewFigure(Asked):
    """A value from a day on."""

    value: Value
    valid_from: date
    source: Said
    source_on: date
    reason: Said
    to_check: bool = False


class FigureOut(Struct, frozen=True):
    """One value with its source; `value` is a decimal number, as text."""

    valid_from: date
    value: str
    source: str
    source_on: date
    to_check: bool
    reason: str


class ParameterOut(Struct, frozen=True):
    """A parameter: the value that holds on the day asked for (null before its first), and all its values, newest first.

    `is_used` when a rule of the software reads it.
    """

    code: str
    group: str
    name: dict[str, Any]
    unit: str
    is_used: bool
    value: str | None
    values: list[FigureOut]


class Parameters(Struct, frozen=True):
    """All parameters on a day."""

    on: date
    parameters: list[ParameterOut]
