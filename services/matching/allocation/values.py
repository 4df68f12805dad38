"""The one table of what a split is worth, dated and versioned: levels, social value, carbon of transport."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.matching.ranking.sides import Supply
from shared.events.facts import Level
from shared.phrases.names import INCLUSION_KINDS

FILE = Path(__file__).parent / "values.toml"
UNSAID = "unsaid"


@dataclass(frozen=True)
class Range:
    """A figure that is not known better than so."""

    low: float
    usual: float
    high: float

    def of(self, amount: float) -> "Range":
        """So many times it."""
        return Range(self.low * amount, self.usual * amount, self.high * amount)


@dataclass(frozen=True)
class Values:
    """Points a kilogram by level and by who takes it; kilograms of CO2e a tonne and kilometre by road."""

    version: str
    level: dict[str, float]
    social: dict[str, float]
    transport: Range
    road: float
    sources: tuple[str, ...]

    def points(self, supply: Supply) -> float:
        """What a kilogram that goes to this taker is worth, before the way there."""
        kinds = supply.supplier_kinds
        who = "inclusion" if set(kinds) & set(INCLUSION_KINDS) else "social_economy" if kinds else "other"
        return self.level[supply.level or UNSAID] * self.social[who]

    def tonne_km(self, kilograms: float, crow_km: float) -> float:
        """Tonnes times kilometres of road."""
        return kilograms / 1000 * crow_km * self.road


@cache
def values() -> Values:
    """The table in force."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    transport = table["transport"]
    return Values(
        version=table["version"],
        level={code: float(table["level"][code]) for code in (*(each.value for each in Level), UNSAID)},
        social={code: float(table["social"][code]) for code in ("inclusion", "social_economy", "other")},
        transport=Range(transport["low"], transport["usual"], transport["high"]),
        road=float(table["road"]["factor"]),
        sources=tuple(table[part]["source"] for part in ("level", "social", "transport", "road")),
    )
