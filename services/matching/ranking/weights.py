"""The one table of weights and floors, dated and versioned."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import floor
from pathlib import Path
from typing import Any

from shared.events.reasons import Feature

FILE = Path(__file__).parent / "weights.toml"
EVIDENCE = (Feature.CATEGORY, Feature.CODE, Feature.TEXT)

Curve = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Weights:
    """`points` per feature; `relevance` is the value from which a feature alone shows that both mean the same.

    `match_from` and `near_miss_from` are points. `shown` is the score for 0 to 100 points, which `curve` gives: how
    many in a hundred with so many points fit. Above `receipt_kg`, or `receipt_hazardous_kg`, a carrier of waste needs
    its receipt; the table names the law.
    """

    version: str
    points: dict[Feature, float]
    relevance: dict[Feature, float]
    match_from: int
    near_miss_from: int
    curve: Curve
    shown: tuple[int, ...]
    receipt_kg: int
    receipt_hazardous_kg: int


class TableUnusable(Exception):
    """A table that this program cannot rank by; the message says why."""


def weights() -> Weights:
    """The table in force."""
    return _in_force[-1] if _in_force else released()


_in_force: list[Weights] = []


def put_in_force(table: Weights | None) -> None:
    """Rank by this table from now on; None is the one released with the program. Before anything is ranked only."""
    _in_force[:] = [table] if table else []


@cache
def released() -> Weights:
    """The table that comes with the program."""
    return table_of(FILE.read_text(encoding="utf-8"))


def table_of(written: str) -> Weights:
    """A table as its file says it; TableUnusable where it does not say all, or its curve would change an order."""
    try:
        return _checked(_read(tomllib.loads(written)))
    except (KeyError, TypeError, ValueError) as wrong:
        raise TableUnusable(f"{type(wrong).__name__}: {wrong}") from wrong


def _read(table: dict[str, Any]) -> Weights:
    floors = table["floors"]
    curve = [(each[0], each[1]) for each in table["shown"]["curve"]]
    return Weights(
        version=table["version"],
        points={Feature(name): float(points) for name, points in table["points"].items()},
        relevance={feature: floors[feature] for feature in EVIDENCE},
        match_from=floors["match"],
        near_miss_from=floors["near_miss"],
        curve=curve,
        shown=shown_by(curve),
        receipt_kg=table["transport_receipt"]["kg"],
        receipt_hazardous_kg=table["transport_receipt"]["hazardous_kg"],
    )


def shown_by(curve: Curve) -> tuple[int, ...]:
    """The score for each whole number of points, 0 to 100, on straight lines between the points of the curve."""
    # Half a point up, always: to the even number, two neighbours could tie.
    return tuple(floor(_between(curve, points) + 0.5) for points in range(101))


def _between(curve: Curve, points: float) -> float:
    for (low, under), (high, over) in pairwise(curve):
        if low <= points <= high:
            return under + (over - under) * (points - low) / (high - low)
    raise ValueError(f"the curve does not say what {points} points show")


def _checked(table: Weights) -> Weights:
    """INVARIANT: among matches the score shown orders as the points do, and ties where they tie."""
    if missing := set(Feature) - table.points.keys():
        raise ValueError(f"no points for {', '.join(sorted(missing))}")
    if min(table.points.values()) < 0 or abs(sum(table.points.values()) - 100) > 1e-6:
        raise ValueError("the points are a hundred, and none is negative")
    fitting = table.shown[min(table.match_from, table.near_miss_from) :]
    if not 0 <= table.shown[0] <= table.shown[-1] <= 100 or any(low >= high for low, high in pairwise(fitting)):
        raise ValueError("the curve must rise with every point from the floor on, between 0 and 100")
    return table
