"""VAT rate by rate: what each line charges, from dated rates, and whose number it is charged under."""

import tomllib
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field
from stdnum.eu import vat as vat_number
from stdnum.exceptions import ValidationError as NumberError

from services.catalog.vat.errors import (
    ExemptionMissing,
    LinesDiffer,
    RateUnknown,
    VatNumberOfAnother,
    VatNumberWrong,
)
from shared.web.asked import Asked

RATES: Final = Path(__file__).with_name("rates.toml")
MOST_LINES: Final = 10


class Dated(BaseModel, frozen=True):
    """A line of `rates.toml`: since when, by which article, noted when."""

    code: str
    valid_from: date
    source: str
    source_on: date
    to_check: bool


class Rate(Dated, frozen=True):
    """A rate of VAT."""

    percent: Decimal


class Exemption(Dated, frozen=True):
    """Why no VAT is due, in the words of an invoice and as a code of EN 16931."""

    words: str
    vatex: str


class VatLine(Asked):
    """How much before tax at which rate; `exemption` only, and always, where the rate is 0."""

    rate: Annotated[str, Field(max_length=10, examples=["5.5"])]
    net_cents: Annotated[int, Field(gt=0, le=100_000_000_000)]
    exemption: Annotated[str | None, Field(max_length=20, examples=["franchise"])] = None

    @property
    def vat_cents(self) -> int:
        """The VAT, rounded to the cent, half a cent up (EN 16931, BR-CO-17)."""
        return int((self.net_cents * Decimal(self.rate) / 100).quantize(Decimal(1), ROUND_HALF_UP))


@cache
def _known() -> tuple[list[Rate], list[Exemption]]:
    said: dict[str, list[dict[str, Any]]] = tomllib.loads(RATES.read_text(encoding="utf-8"))
    return [Rate(**each) for each in said["rate"]], [Exemption(**each) for each in said["exemption"]]


def rates_on(day: date) -> dict[str, Rate]:
    """The rates of a day, by code."""
    return {each.code: each for each in _known()[0] if each.valid_from <= day}


def exemptions_on(day: date) -> dict[str, Exemption]:
    """The reasons of a day to charge no VAT, by code."""
    return {each.code: each for each in _known()[1] if each.valid_from <= day}


def choices_on(day: date) -> list[tuple[str, str]]:
    """What one line may be charged at, for a form: a rate, or why none is due; its code and its words."""
    rates = [(code, f"{code.replace('.', ',')} %") for code, each in rates_on(day).items() if each.percent]
    return rates + [(code, f"0 % ({each.words})") for code, each in exemptions_on(day).items()]


def line_at(choice: str, net_cents: int, on: date) -> VatLine:
    """All of an amount at one of `choices_on` its day; raises `RateUnknown`."""
    if choice not in dict(choices_on(on)):
        refusal = RateUnknown(rate=choice)
        refusal.field = "vat_rate"
        raise refusal
    exemption = choice if choice in exemptions_on(on) else None
    return VatLine(rate="0" if exemption else choice, net_cents=net_cents, exemption=exemption)


def choice_of(lines: Sequence[VatLine]) -> str:
    """The code of the one rate that all is charged at; empty where there are several, or none."""
    return (lines[0].exemption or lines[0].rate) if len(lines) == 1 else ""


def vat_of(lines: Sequence[VatLine], net_cents: int, on: date) -> int:
    """The VAT of all lines, in cents; raises when they are not of that day, or are not what was agreed."""
    rates, exemptions = rates_on(on), exemptions_on(on)
    for line in lines:
        if line.rate not in rates:
            raise RateUnknown(rate=line.rate)
        if (line.exemption in exemptions) is not (rates[line.rate].percent == 0) or line.exemption == "":
            raise ExemptionMissing
    total = sum(line.net_cents for line in lines)
    if total != net_cents:
        raise LinesDiffer(sum=in_euros(total), net=in_euros(net_cents))
    return sum(line.vat_cents for line in lines)


def checked_number(number: str, siren: str | None) -> str:
    """A VAT number as it is written on invoices; raises when its key is wrong, or when it is another one's."""
    try:
        checked = str(vat_number.validate(number))
    except NumberError as error:
        raise VatNumberWrong from error
    if checked.startswith("FR") and siren is not None and checked[4:] != siren:
        raise VatNumberOfAnother
    return checked


def in_euros(cents: int) -> str:
    """Cents as French sentences say them."""
    return f"{Decimal(cents) / 100:.2f} €".replace(".", ",")
