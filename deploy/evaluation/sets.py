"""The evaluation sets beside the project: read where they are, named where they are missing."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, field
from pathlib import Path

from deploy.evaluation.figures import interval, mean

PROJECT = Path(__file__).parent.parent.parent
NOTICES, NAMES, PRODUCTS, EXCHANGES = (
    "ted_notices_2014_2022.csv",
    "qfdm_synonym_to_product.csv",
    "qfdm_products.csv",
    "maestri_exchanges.csv",
)


class SetMissing(Exception):
    """A set cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Figures:
    """The figures of one set: `cases` per figure, whose mean it is; `plain` are figures that are no mean.

    `beside` are figures for people only: they are no part of the JSON. `order` names the figures as they are printed.
    """

    n: int
    cases: dict[str, list[float]]
    plain: dict[str, float] = field(default_factory=dict)
    beside: dict[str, float] = field(default_factory=dict)
    order: tuple[str, ...] = ()

    def values(self) -> dict[str, float]:
        """Each figure under its name, `n` first."""
        found = {name: mean(cases) for name, cases in self.cases.items()} | self.plain
        return {"n": self.n, **{name: round(found[name], 4) for name in self.order or found}}

    def intervals(self) -> dict[str, tuple[float, float]]:
        """The 95 % interval of each figure that is a mean."""
        return {name: interval(cases) for name, cases in self.cases.items()}


def default_folder() -> Path:
    """The reading room's sets: `BOUCLE_DATA_DIR`, else beside the project."""
    room = os.environ.get("BOUCLE_DATA_DIR")
    return (Path(room) if room else PROJECT.parent / "shared" / "data") / "eval"


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of one file; SetMissing where it is not."""
    path = folder / name
    if not path.is_file():
        raise SetMissing(f"{path} is missing")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
