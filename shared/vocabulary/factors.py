"""Emission factors of waste treatment by key; a key may have no value yet, and then there is none."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

LIST: Final = Path(__file__).parent / "factors.toml"

Treatment = Literal["recycling", "composting", "digestion", "incineration", "landfill", "average"]
TREATMENTS: Final[tuple[Treatment, ...]] = get_args(Treatment)


@dataclass(frozen=True, slots=True)
class TreatmentValue:
    """What one treatment emits, in kg CO2e a kg of waste, and what the list calls it."""

    kg_co2e_per_kg: Decimal
    named: str


@dataclass(frozen=True, slots=True)
class Factor:
    """The factors of one kind of waste by treatment; "average" is what usually happens to it."""

    key: str
    name_fr: str
    name_en: str
    values: Mapping[Treatment, TreatmentValue]

    def name(self, language: str = "fr") -> str:
        return self.name_en if language.startswith("en") else self.name_fr


@dataclass(frozen=True, slots=True)
class FactorSource:
    """Where the values come from; whoever shows a value shows this beside it."""

    text: str
    unit: str
    read_on: date


@cache
def factors() -> Mapping[str, Factor]:
    """Every factor by key."""
    return MappingProxyType({block["key"]: _factor(block) for block in _content()["factor"]})


@cache
def factor_source() -> FactorSource:
    return FactorSource(**_content()["source"])


def _content() -> dict[str, Any]:
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


def _factor(block: dict[str, Any]) -> Factor:
    values: dict[Treatment, TreatmentValue] = {
        value["treatment"]: TreatmentValue(Decimal(value["kg_co2e_per_kg"]), value["named"])
        for value in block.get("value", ())
    }
    return Factor(block["key"], block["fr"], block["en"], MappingProxyType(values))
