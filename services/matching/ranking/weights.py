"""The one table of weights and floors, dated and versioned."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.events.reasons import Feature

FILE = Path(__file__).parent / "weights.toml"


@dataclass(frozen=True)
class Weights:
    """`points` per feature; `relevance` is the value from which a feature alone shows that both mean the same.

    Above `receipt_kg`, or `receipt_hazardous_kg`, a carrier of waste needs its receipt; the table names the law.
    """

    version: str
    points: dict[Feature, float]
    relevance: dict[Feature, float]
    match_from: int
    near_miss_from: int
    receipt_kg: int
    receipt_hazardous_kg: int


@cache
def weights() -> Weights:
    """The table in force."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    floors = table["floors"]
    evidence = (Feature.CATEGORY, Feature.CODE, Feature.TEXT)
    return Weights(
        version=table["version"],
        points={Feature(name): float(points) for name, points in table["points"].items()},
        relevance={feature: floors[feature] for feature in evidence},
        match_from=floors["match"],
        near_miss_from=floors["near_miss"],
        receipt_kg=table["transport_receipt"]["kg"],
        receipt_hazardous_kg=table["transport_receipt"]["hazardous_kg"],
    )
