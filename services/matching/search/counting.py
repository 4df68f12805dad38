"""What each condition of a search leaves: every facet's values are counted over what the other facets leave."""

from datetime import date
from typing import Any, Final, NamedTuple

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
from services.matching.search.passes import count_rows, spread
from shared.questions.search import Facet, FacetName, FacetValue, SearchAsked

Array = NDArray[Any]

WIDEST: Final = 64
# Where `COUNTS_AT` has rows count: where all is met, by each condition that alone is failed, or where nobody looks.
MET, PLACES = 0, len(FACETS) + 2
WHAT, FAMILY, KIND, WITHIN, DUE = range(len(FACETS))

# Of a commune or a day: the condition that is failed there, as a bit, and the first band of the facet that it is in.
VERDICT: Final = np.dtype([("failed", "u1"), ("band", "u1")])


class Verdicts(NamedTuple):
    """What is failed by traits, by communes, and by the days from today on; the last day is any other."""

    traits: Array
    communes: Array
    days: Array
    today: int


class Tally(NamedTuple):
    """What the pass fills: slots found, rows by traits, and rows by bands of distance and of days."""

    kept: Array
    by_traits: Array
    by_bands: Array


def counted(
    columns: Columns, slots: Array, asked: SearchAsked, *, kilometres: Array, today: date
) -> tuple[Array, tuple[Facet, ...]]:
    """The slots that meet every condition, and what each condition would leave."""
    traits = columns.traits.every
    verdicts = Verdicts(_of_traits(traits, asked), _of_communes(kilometres, asked), _of_days(asked), day_number(today))
    tally = Tally(
        # One more, where the pass notes what it does not keep.
        kept=np.empty(len(slots) + 1, dtype=np.int64),
        by_traits=np.zeros((PLACES, len(traits)), dtype=np.int32),
        by_bands=np.zeros((PLACES, len(BANDS_KM) + 1, len(DUE_DAYS) + 1), dtype=np.int64),
    )
    found = count_rows(columns.rows, slots.astype(np.int64, copy=False), verdicts, tally)
    counts = _counts(traits, tally)
    others = tally.by_bands.sum(axis=(1, 2)).tolist()
    facets = tuple(
        Facet(name=name, others=others[MET] + others[1 + number], values=_values(name, counts[number].tolist(), asked))
        for number, name in enumerate(FACETS)
    )
    return tally.kept[:found], facets


def _of_traits(traits: Array, asked: SearchAsked) -> Array:
    failed = np.zeros(len(traits), dtype=np.uint8)
    # What of a newer vocabulary is asked for has no bit, and without any bit nothing is asked.
    if whats := what_bits(asked.what):
        failed[whats >> traits["what"] & 1 == 0] |= 1 << WHAT
    if families_asked := family_bits(asked.families):
        failed[traits["families"] & np.uint64(families_asked) == 0] |= 1 << FAMILY
    if kinds := kind_bits(asked.kinds):
        failed[traits["kinds"] & np.uint64(kinds) == 0] |= 1 << KIND
    return failed


def _of_communes(kilometres: Array, asked: SearchAsked) -> Array:
    verdicts = np.zeros(len(kilometres), dtype=VERDICT)
    # A distance that is not known is no number, and beyond all bands.
    verdicts["band"] = len(BANDS_KM) if asked.near is None else np.searchsorted(BANDS_KM, kilometres)
    if asked.within_km is not None:
        verdicts["failed"][~(kilometres <= asked.within_km)] = 1 << WITHIN
    return verdicts


def _of_days(asked: SearchAsked) -> Array:
    ahead = np.arange(max(DUE_DAYS[-1], asked.due_days or 0) + 2)
    verdicts = np.zeros(len(ahead), dtype=VERDICT)
    verdicts["band"] = np.searchsorted(DUE_DAYS, ahead)
    if asked.due_days is not None:
        verdicts["failed"][ahead > asked.due_days] = 1 << DUE
    return verdicts


def _counts(traits: Array, tally: Tally) -> Array:
    """Rows by facet and value; kilometres and days grow, so each counts what the ones before it count."""
    counts = np.zeros((len(FACETS), WIDEST), dtype=np.int64)
    spread(traits, tally, counts)
    bands, by_bands = len(BANDS_KM), tally.by_bands
    counts[WITHIN, :bands] = (by_bands[MET] + by_bands[1 + WITHIN]).sum(axis=1).cumsum()[:bands]
    days = len(DUE_DAYS)
    counts[DUE, :days] = (by_bands[MET] + by_bands[1 + DUE]).sum(axis=0).cumsum()[:days]
    return counts


def _values(name: FacetName, counts: list[int], asked: SearchAsked) -> tuple[FacetValue, ...]:
    """Those that somebody has."""
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
