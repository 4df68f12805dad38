"""Emission factors of what is avoided, as dated lines of `factors.toml`: never changed, only followed."""

import tomllib
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from shared.events.facts import Level

FILE = Path(__file__).parent / "factors.toml"


class Factor(NamedTuple):
    """What one kg of a kind, treated at a level, avoids in kg CO2e, between `low` and `high`."""

    key: str
    level: Level
    method: str
    value: Decimal
    low: Decimal
    high: Decimal
    source: str
    version: str
    valid_from: date


@cache
def factors() -> tuple[Factor, ...]:
    """Every line, in the order of the file."""
    return read_factors(FILE.read_text(encoding="utf-8"))


def read_factors(text: str) -> tuple[Factor, ...]:
    """The lines of a file's text, one for each level that a line names."""
    lines: Sequence[dict[str, Any]] = tomllib.loads(text)["factor"]
    return tuple(_factor(line, Level(level)) for line in lines for level in line["levels"])


def factor_for(lines: Iterable[Factor], key: str | None, level: Level | None, *, on: date) -> Factor | None:
    """The line that holds on a day: the latest that had begun, of those the latest version; None where none does."""
    begun = [line for line in lines if line.key == key and line.level == level and line.valid_from <= on]
    return max(begun, key=lambda line: (line.valid_from, line.version), default=None)


def _factor(line: dict[str, Any], level: Level) -> Factor:
    return Factor(
        key=line["key"],
        level=level,
        method=line["method"],
        value=Decimal(line["value"]),
        low=Decimal(line["low"]),
        high=Decimal(line["high"]),
        source=line["source"],
        version=line["version"],
        valid_from=line["valid_from"],
    )
