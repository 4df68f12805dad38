"""What one entry of the vocabulary is: a category and the closed lists its fields draw from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Kind = Literal["material", "product", "service", "support", "patronage", "csr"]
WasteLevel = Literal["reuse", "preparing_for_reuse", "recycling", "recovery"]
Scheme = Literal["furniture", "electronics", "textiles", "building", "packaging", "toys", "sport", "garden", "tyres"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
WASTE_LEVELS: Final[tuple[WasteLevel, ...]] = get_args(WasteLevel)
SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)


@dataclass(frozen=True, slots=True)
class Category:
    """One thing that can be sought, given or done.

    Codes hold digits only (NAF may end in its letter) and `cpv` and `naf` are prefixes; `hazardous_ewc` is the part of
    `ewc` that the European list of waste stars. `related` names categories of other families that take, treat or need
    this one. `waste_level` is the best level of the waste hierarchy usually reached, `scheme` the scheme of producer
    responsibility it falls under, `unit_kg` the usual weight of one piece, `density` the bulk density in kg/m³. `agec`
    is the line under which public buyers report it (`agec.py`), `factor` the key of its emission factor (`factors.py`).
    """

    id: str
    parent: str | None
    level: int
    kind: Kind
    name_fr: str
    name_en: str
    synonyms: tuple[str, ...] = ()
    synonyms_en: tuple[str, ...] = ()
    ewc: tuple[str, ...] = ()
    hazardous_ewc: frozenset[str] = frozenset()
    cpv: tuple[str, ...] = ()
    naf: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    unit: str = "unit"
    waste_level: WasteLevel | None = None
    scheme: Scheme | None = None
    unit_kg: float | None = None
    density: float | None = None
    agec: str | None = None
    factor: str | None = None

    @property
    def hazardous(self) -> bool:
        """Whether every waste code of this category is; for a mixed category the flow's own code decides."""
        return bool(self.ewc) and self.hazardous_ewc.issuperset(self.ewc)

    @property
    def may_be_hazardous(self) -> bool:
        return bool(self.hazardous_ewc)

    def phrases(self) -> tuple[str, ...]:
        """Every way this category is called, in both languages."""
        return (self.name_fr, *self.synonyms, self.name_en, *self.synonyms_en)
