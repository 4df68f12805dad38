"""From the rows that words point to, to an answer: who is found, what each condition leaves, and in which order.

The same for rows in memory and rows that the database gave: `ranking.finding` says how likely each is.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from math import isnan
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.ranking.finding import Sought, forms, meanings_sought, sought
from services.matching.search.columns import Columns
from services.matching.search.counting import counted
from services.matching.search.facets import NO_DEADLINE, day_number
from services.matching.search.scoring import scores_of
from shared.questions.search import SearchAsked, SearchFound, SearchHit
from shared.vocabulary import stems

Array = NDArray[Any]
Key = Callable[[Array], Array]

MOST_WORDS: Final = 8
LOOKED_AT: Final = 200
SAMPLED: Final = 64
LIKE: Final = 0.6
"""From here a row that shares no word with the query is shown."""


class Query(NamedTuple):
    """The words of a query, each in its forms, any of which will do; what it means; whether anything was typed."""

    words: tuple[tuple[str, ...], ...]
    wanted: Sought
    meanings: tuple[str, ...]
    is_typed: bool


class Matched(NamedTuple):
    """Rows that a query's words or meanings point to: slots, how many words each has, and whether it means the same."""

    slots: Array
    hits: Array
    meant: Array


@lru_cache(maxsize=4096)
def query_of(text: str) -> Query:
    """A text as rows are searched by."""
    wanted = sought(text)
    words = tuple(tuple(word) for word in forms(text)[:MOST_WORDS])
    return Query(words, wanted, tuple(sorted(meanings_sought(wanted))), bool(text.strip()))


@lru_cache(maxsize=16_384)
def stems_of(title: str) -> frozenset[str]:
    """The stems of a title; only rows that score the same are told apart by them."""
    return frozenset(stems(title))


class Selection:
    """One question put to some columns."""

    def __init__(self, columns: Columns, query: Query, today: date) -> None:
        self._columns, self._query, self._today = columns, query, today
        self._levels = np.zeros(max(columns.used, 1), dtype=np.int8)

    def answer(self, matched: Matched, asked: SearchAsked, *, complete: bool = True) -> SearchFound:
        """Who is found, counted and in order."""
        if self._query.words:
            self._levels[matched.slots] = 2 * matched.hits + matched.meant
        members, partly = self._members(matched)
        kilometres = self._columns.communes.kilometres(asked.near)
        kept, facets = counted(self._columns, members, asked, kilometres=kilometres, today=self._today)
        ordered = self._ordered(kept, asked, kilometres)[asked.start : asked.start + asked.most]
        hits = self._hits(ordered, kilometres)
        return SearchFound(total=len(kept), hits=hits, facets=facets, partly=partly, complete=complete)

    def _members(self, matched: Matched) -> tuple[Array, bool]:
        """Rows with every word alone; without any, those with most of them and those that mean the same."""
        if not self._query.is_typed:
            return matched.slots, False
        if not self._query.words or not len(matched.slots):
            return matched.slots[:0], False
        most = int(matched.hits.max())
        said = (matched.hits == most) & (most > 0)
        if most == len(self._query.words):
            return matched.slots[said], False
        with_most = matched.slots[said]
        likeliest = first(matched.slots, self._likeliest(), LOOKED_AT)
        others = likeliest[self._levels[likeliest] // 2 < max(most, 1)]
        found = np.concatenate([with_most, others[self._scores(others) >= LIKE]])
        return found, len(found) > 0

    def _ordered(self, slots: Array, asked: SearchAsked, kilometres: Array) -> Array:
        end = asked.start + asked.most
        if asked.sort == "newest":
            return first(slots, self._newest(), end)
        if asked.sort == "nearest":
            return first(slots, [self._by_distance(kilometres), *self._likeliest()], end)
        if asked.sort == "deadline":
            return first(slots, [self._by_deadline(), *self._likeliest()], end)
        if not self._query.words:
            return first(slots, self._newest(), end)
        found = first(slots, self._likeliest(), max(end, LOOKED_AT))
        return np.concatenate([self._best(found[:LOOKED_AT]), found[LOOKED_AT:]])

    def _best(self, slots: Array) -> Array:
        """By score; what says it in its title goes before what says it in a description or a synonym."""
        scores = self._scores(slots).tolist()
        alike = {each for each, times in Counter(scores).items() if times > 1}
        ranked = [
            (-each, each in alike and self._is_missing_in_title(slot), place)
            for place, (each, slot) in enumerate(zip(scores, slots.tolist(), strict=True))
        ]
        return slots[[place for _, _, place in sorted(ranked)]]

    def _scores(self, slots: Array) -> Array:
        return scores_of(self._columns, self._query.wanted, slots)

    def _is_missing_in_title(self, slot: int) -> bool:
        said = stems_of(self._columns.titles[slot])
        return all(said.isdisjoint(word) for word in self._query.words)

    def _hits(self, slots: Array, kilometres: Array) -> tuple[SearchHit, ...]:
        far = kilometres[self._columns.rows["commune"][slots]].tolist()
        return tuple(
            SearchHit(id=row_id, asks=asks, km=None if isnan(km) else round(km))
            for (row_id, asks), km in zip(self._columns.named(slots), far, strict=True)
        )

    def _newest(self) -> list[Key]:
        rows, records = self._columns.rows, self._columns.records
        return [
            lambda slots: -rows["published"][slots],
            lambda slots: records["high"][slots],
            lambda slots: records["low"][slots],
        ]

    def _likeliest(self) -> list[Key]:
        return [lambda slots: -self._levels[slots], *self._newest()]

    def _by_distance(self, kilometres: Array) -> Key:
        far = np.where(np.isnan(kilometres), np.inf, kilometres)
        return lambda slots: far[self._columns.rows["commune"][slots]]

    def _by_deadline(self) -> Key:
        deadlines, today = self._columns.rows["deadline"], day_number(self._today)

        def coming(slots: Array) -> Array:
            of = deadlines[slots]
            return np.where(of < today, NO_DEADLINE, of)

        return coming


def first(slots: Array, keys: Sequence[Key], most: int) -> Array:
    """The first of some slots by these keys, the weightiest key first; what comes after is never sorted."""
    if most <= 0 or not len(slots):
        return slots[:0]
    if len(slots) <= most:
        return _sorted(slots, keys)
    values = keys[0](slots)
    if len(slots) > 2 * SAMPLED * most:
        # As many of a sample end no earlier than as many of all: what comes later still is not among the first.
        near = np.flatnonzero(values <= np.partition(values[::SAMPLED], most - 1)[most - 1])
        slots, values = slots[near], values[near]
    limit = np.partition(values, most - 1)[most - 1]
    sure, tied = slots[values < limit], slots[values == limit]
    left = most - len(sure)
    rest = first(tied, keys[1:], left) if keys[1:] else tied[:left]
    return np.concatenate([_sorted(sure, keys), rest])


def _sorted(slots: Array, keys: Sequence[Key]) -> Array:
    return slots[np.lexsort([key(slots) for key in reversed(keys)])]
