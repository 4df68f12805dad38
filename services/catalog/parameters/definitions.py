"""What each parameter is: its name, group and unit, and the value that Boucle begins with."""

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).parent / "figures.toml"


class Code(StrEnum):
    """The parameters that the software itself asks for; the others are kept for people and programs."""

    TRANSPORT_RECEIPT = "transport_receipt"
    TRANSPORT_RECEIPT_HAZARDOUS = "transport_receipt_hazardous"
    FOOD_TIME_LEFT = "food_time_left"
    STUCK_FIRST = "stuck_first"
    STUCK_SECOND = "stuck_second"
    STUCK_THIRD = "stuck_third"
    LOOK_WITHIN = "look_within"
    LOOK_LATE = "look_late"
    INSERTION_HOUR = "insertion_hour"
    PAYMENT_TERM = "payment_term"
    VAT_HIGHEST = "vat_highest"
    GIFT_COUNTERPART = "gift_counterpart"
    GIFT_RATE = "gift_rate"
    GIFT_RATE_ABOVE = "gift_rate_above"
    GIFT_RATE_KEPT = "gift_rate_kept"
    GIFT_RATE_THRESHOLD = "gift_rate_threshold"
    GIFT_CEILING = "gift_ceiling"
    GIFT_CEILING_TURNOVER = "gift_ceiling_turnover"
    GIFT_CARRY_OVER = "gift_carry_over"
    GIFT_DECLARED_ABOVE = "gift_declared_above"
    SKILLS_CEILING = "skills_ceiling"
    SOCIAL_CEILING = "social_ceiling"


class Unit(StrEnum):
    """What a value counts."""

    EUROS = "euros"
    PERCENT = "percent"
    PERMILLE = "permille"
    KG = "kg"
    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    SUPPLIERS = "suppliers"
    TIMES = "times"


class Range(NamedTuple):
    """What a value of a unit may be."""

    most: int
    is_whole: bool = False


# A century is longer than anything here; a share is one of a whole.
RANGES: Mapping[Unit, Range] = {
    Unit.EUROS: Range(1_000_000_000),
    Unit.PERCENT: Range(100),
    Unit.PERMILLE: Range(1_000),
    Unit.KG: Range(1_000_000),
    Unit.HOURS: Range(8_760, is_whole=True),
    Unit.DAYS: Range(36_500, is_whole=True),
    Unit.MONTHS: Range(1_200, is_whole=True),
    Unit.YEARS: Range(100, is_whole=True),
    Unit.SUPPLIERS: Range(100_000, is_whole=True),
    Unit.TIMES: Range(1_000),
}


class Definition(NamedTuple):
    """One parameter, and what was known of it at first."""

    code: str
    group: str
    names: tuple[str, str]
    unit: Unit
    value: Decimal
    valid_from: date
    source: str
    source_on: date
    to_check: bool

    @property
    def is_used(self) -> bool:
        """True when a rule of the software asks for it."""
        return self.code in set(Code)

    def name(self, language: str) -> str:
        """What people call it."""
        return self.names[language == "en"]


@cache
def definitions() -> Mapping[str, Definition]:
    """Every parameter by its code, in the order of the file."""
    return {code: _read(code, said) for code, said in tomllib.loads(FILE.read_text(encoding="utf-8")).items()}


def _read(code: str, said: Mapping[str, Any]) -> Definition:
    return Definition(
        code=code,
        group=said["group"],
        names=(said["fr"], said["en"]),
        unit=Unit(said["unit"]),
        value=Decimal(said["value"]),
        valid_from=said["valid_from"],
        source=said["source"],
        source_on=said["source_on"],
        to_check=said["to_check"],
    )
