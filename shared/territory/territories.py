"""Which territories with a competence a place belongs to, from `territories.toml`; needs no built file."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.territory.place import Place

FILE = Path(__file__).with_name("territories.toml")


class Territory(BaseModel):
    """A set of communes and what is decided there: whole EPCI, with communes that join or leave beside them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: str
    competence: Literal["economy", "waste"]
    epcis: frozenset[str] = frozenset()
    communes: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def holds(self, place: Place) -> bool:
        """Whether the place's commune is in the set; exact whatever the place's coordinates are."""
        if place.commune_code in self.without:
            return False
        return place.commune_code in self.communes or place.epci_code in self.epcis


@cache
def territories() -> tuple[Territory, ...]:
    """Every territory of the file, in its order."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(Territory(code=code, **table) for code, table in tables.items())


def territory_of(place: Place) -> set[str]:
    """Codes of the territories a place belongs to: `toulouse-metropole`, `decoset`, or none."""
    return {territory.code for territory in territories() if territory.holds(place)}
