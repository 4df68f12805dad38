"""Exposure as pages and JSON show it: shares in percent, the curve as a drawing and as sentences."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Row

from services.matching.exposure.figures import CURVE_POINTS
from services.matching.exposure.queries import EVERYWHERE
from shared.vocabulary import categories, name

# The drawing's box: the curve rises from its lower left to its upper right corner.
WIDE, HIGH = 240, 160


class Figures(Struct, frozen=True):
    """How solicitations fell on the suppliers whom something fitted, for all or one root; shares are 0 to 1."""

    root: str
    name: str
    suppliers: int
    solicitations: int
    gini: float
    never_asked: float
    newcomers: float | None
    curve: list[float]


class Day(Struct, frozen=True):
    """The general figures of one day."""

    on: date
    suppliers: int
    solicitations: int
    gini: float
    never_asked: float
    newcomers: float | None


class Exposure(Struct, frozen=True):
    """The last count: of all, by root of the vocabulary, and day by day. `measured_at` is None before the first."""

    measured_at: datetime | None
    overall: Figures | None
    by_root: list[Figures]
    days: list[Day]


class Fifth(Struct, frozen=True):
    """What the least asked so many percent of suppliers got, in percent of all solicitations."""

    suppliers: int
    got: int


def exposure(latest: Sequence[Row[Any]], days: Sequence[Row[Any]], *, language: str) -> Exposure:
    """The kept figures in words and numbers."""
    rows = [_figures(row, language) for row in latest]
    return Exposure(
        measured_at=latest[0].measured_at if latest else None,
        overall=next((each for each in rows if each.root == EVERYWHERE), None),
        by_root=[each for each in rows if each.root != EVERYWHERE],
        days=[
            Day(row.measured_on, row.suppliers, row.solicitations, row.gini, row.never_asked, row.newcomers)
            for row in days
        ],
    )


def _figures(row: Row[Any], language: str) -> Figures:
    return Figures(
        root=row.root,
        # A vocabulary may lose a root, its figures stay.
        name=name(row.root, language) if row.root in categories() else row.root,
        suppliers=row.suppliers,
        solicitations=row.solicitations,
        gini=row.gini,
        never_asked=row.never_asked,
        newcomers=row.newcomers,
        curve=row.curve,
    )


def percent(share: float | None) -> int | None:
    """Whole percents; None stays None."""
    return None if share is None else round(100 * share)


def points(curve: Sequence[float]) -> str:
    """The `points` of the drawing."""
    steps = len(curve) - 1
    return " ".join(f"{WIDE * at / steps:.1f},{HIGH - HIGH * share:.1f}" for at, share in enumerate(curve))


def fifths(curve: Sequence[float]) -> list[Fifth]:
    """The curve as five lines of a table."""
    step = (CURVE_POINTS - 1) // 5
    return [Fifth(20 * at, round(100 * curve[step * at])) for at in range(1, 6)]
