"""What each condition of a search leaves: every facet's values are counted over what the other facets leave."""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.search.columns import Columns
from services.matching.search.facets import (
    BANDS_KM,
    DUE_DAYS,
    FACETS,
    KINDS,
    WHATS,
    day_number,
    families,
    family_bits,
    kind_bits,
    what_bits,
)
from services.matching.search.passes import count_facets
from shared.questions.search import Facet, FacetName, FacetValue, SearchAsked

Array = NDArray[Any]

WIDEST = 64


class Masks(NamedTuple):
    """Conditions as the pass compares them: no bits, or less than nothing, is no condition."""

    whats: np.uint64
    families: np.uint64
    kinds: np.uint64
    within: float
    due: int
    today: int
    bands: Array
    days: Array


class Tally(NamedTuple):
    """What the pass fills: slots found, rows by facet and value, rows by facet without its own condition."""

    kept: Array
    counts: Array
    others: Array


def counted(
    columns: Columns, slots: Array, asked: SearchAsked, *, kilometres: Array, today: date
) -> tuple[Array, tuple[Facet, ...]]:
    """The slots that meet every condition, and what each condition would leave."""
    tally = Tally(
        kept=np.zeros(len(slots), dtype=np.int64),
        counts=np.zeros((len(FACETS), WIDEST), dtype=np.int64),
        others=np.zeros(len(FACETS), dtype=np.int64),
    )
    masks = masks_of(asked, day_number(today))
    found = count_facets(columns.records, slots.astype(np.int64, copy=False), kilometres, masks, tally)
    facets = tuple(
        Facet(name=name, others=int(tally.others[number]), values=_values(name, tally.counts[number].tolist(), asked))
        for number, name in enumerate(FACETS)
    )
    return tally.kept[:found], facets


def masks_of(asked: SearchAsked, today: int) -> Masks:
    """The conditions of a question."""
    return Masks(
        np.uint64(what_bits(asked.what)),
        np.uint64(family_bits(asked.families)),
        np.uint64(kind_bits(asked.kinds)),
        -1.0 if asked.within_km is None else float(asked.within_km),
        -1 if asked.due_days is None else today + asked.due_days,
        today,
        np.array(BANDS_KM, dtype=np.float64),
        np.array([today + each for each in DUE_DAYS], dtype=np.int64),
    )


def _values(name: FacetName, counts: list[int], asked: SearchAsked) -> tuple[FacetValue, ...]:
    """Those that somebody has; kilometres and days grow, so each counts what the ones before it count."""
    if name == "within" and asked.near is None:
        return ()
    named: dict[FacetName, tuple[str, ...]] = {
        "what": WHATS,
        "family": families(),
        "kind": KINDS,
        "within": tuple(map(str, BANDS_KM)),
        "due": tuple(map(str, DUE_DAYS)),
    }
    every = zip(named[name], counts, strict=False)
    return tuple(FacetValue(value=value, rows=rows) for value, rows in every if rows)
