"""Rows to be searched as columns of numbers: added one after the other, taken out by a mark, never changed in place."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.matching.index.compiled.numbering import halves
from services.matching.search.distances import Communes
from services.matching.search.facets import WHATS, day_number, family_bits, kind_bits, what_of
from services.matching.search.traits import Traits
from shared.vocabulary import categories

Array = NDArray[Any]

# What is read of every row that a search looks at, side by side; and the rest, of those that may be shown.
ROW: Final = np.dtype([("published", "i8"), ("traits", "u4"), ("commune", "u4"), ("deadline", "i4")], align=True)
RECORD: Final = np.dtype([("high", "u8"), ("low", "u8"), ("at", "i8"), ("weighed", "u2"), ("asks", "u1")], align=True)
# Weights are rounded to three decimals where they are made: as thousandths they come back exactly.
WEIGHT: Final = np.dtype([("key", "u4"), ("thousandths", "u4")])
MICROSECOND: Final = 1_000_000


class Line(NamedTuple):
    """One row as the database has it; `found` weighs its words and meanings for `ranking.finding.score`."""

    id: UUID
    asks: str
    title: str
    published_at: datetime
    deadline_on: date | None
    commune_code: str
    categories: Sequence[str]
    kinds: Sequence[str]
    found: Mapping[str, float]


class Columns:
    """A slot a row; what a slot holds is never another row's."""

    def __init__(self, room: int = 64) -> None:
        self.rows: Array = np.zeros(room, dtype=ROW)
        self.records: Array = np.zeros(room, dtype=RECORD)
        self.alive: Array = np.zeros(room, dtype=np.bool_)
        self.pool: Array = np.zeros(room * 16, dtype=WEIGHT)
        self.titles: list[str] = []
        self.communes = Communes()
        self.traits = Traits()
        self.pooled = 0
        self._keys: dict[str, int] = {}
        self._categories = array("i")
        self._asks: dict[str, int] = {}
        self._asked: list[str] = []

    @property
    def used(self) -> int:
        """How many slots there are, of the living and the dead."""
        return len(self.titles)

    def add(self, line: Line) -> int:
        """Put a row in; returns its slot."""
        slot, weighed = self.used, self._weights(line.found)
        self._make_room(len(weighed))
        row, record, what = self.rows[slot], self.records[slot], WHATS.index(what_of(line.asks))
        row["published"] = round(line.published_at.timestamp() * MICROSECOND)
        row["traits"] = self.traits.number(family_bits(line.categories), kind_bits(line.kinds), what)
        row["commune"], row["deadline"] = self.communes.number(line.commune_code), day_number(line.deadline_on)
        record["high"], record["low"] = halves(line.id)
        record["at"], record["weighed"], record["asks"] = self.pooled, len(weighed), self._asks_number(line.asks)
        self.pool[self.pooled : self.pooled + len(weighed)] = weighed
        self.pooled += len(weighed)
        self.alive[slot] = True
        self.titles.append(line.title)
        return slot

    def of_slots(self, slots: Array) -> "Columns":
        """These rows alone, side by side; the numbers of words, communes and traits stay."""
        chosen = Columns(max(len(slots), 1))
        for name in ("communes", "traits", "_keys", "_categories", "_asks", "_asked"):
            setattr(chosen, name, getattr(self, name))
        records = self.records[slots]
        weighed = records["weighed"].astype(np.int64)
        begins = np.concatenate([[0], np.cumsum(weighed)])
        chosen.pool = np.zeros(max(int(begins[-1]), 16), dtype=WEIGHT)
        for begin, length, at in zip(begins.tolist(), weighed.tolist(), records["at"].tolist(), strict=False):
            chosen.pool[begin : begin + length] = self.pool[at : at + length]
        records["at"], chosen.pooled = begins[:-1], int(begins[-1])
        chosen.rows[: len(slots)], chosen.records[: len(slots)] = self.rows[slots], records
        chosen.alive[: len(slots)] = True
        chosen.titles = [self.titles[slot] for slot in slots.tolist()]
        return chosen

    @property
    def category_of(self) -> Array:
        """The category that a weight's key is, by the key's number; -1 for a key of another kind."""
        return np.array(self._categories, dtype=np.int32)

    def key_number(self, name: str) -> int:
        """The number of a key by which rows are weighed; -1 where no row has it."""
        return self._keys.get(name, -1)

    def named(self, slots: Array) -> Iterator[tuple[UUID, str]]:
        """The ids of rows, and what each asks, or that it is an offer or an organisation."""
        records = self.records[slots]
        every = zip(records["high"].tolist(), records["low"].tolist(), records["asks"].tolist(), strict=True)
        return ((UUID(int=high << 64 | low), self._asked[asks]) for high, low, asks in every)

    def _weights(self, found: Mapping[str, float]) -> list[tuple[int, int]]:
        return [(self._key(key), round(weight * 1000)) for key, weight in found.items()]

    def _key(self, name: str) -> int:
        if name not in self._keys:
            known = category_numbers()
            self._keys[name] = len(self._keys)
            # One of a newer vocabulary than ours is near none: the number beyond the last is that of none.
            self._categories.append(known.get(name[2:], len(known)) if name.startswith("c:") else -1)
        return self._keys[name]

    def _asks_number(self, asks: str) -> int:
        if asks not in self._asks:
            self._asks[asks] = len(self._asked)
            self._asked.append(asks)
        return self._asks[asks]

    def _make_room(self, weighed: int) -> None:
        if self.used == len(self.records):
            self.rows, self.records, self.alive = longer(self.rows), longer(self.records), longer(self.alive)
        while self.pooled + weighed > len(self.pool):
            self.pool = longer(self.pool)


@cache
def category_numbers() -> dict[str, int]:
    """Each category by its number in the vocabulary's order."""
    return {each: number for number, each in enumerate(categories())}


def longer(rows: Array) -> Array:
    """The same with room for half as many more."""
    grown = np.zeros(len(rows) + len(rows) // 2 + 64, dtype=rows.dtype)
    grown[: len(rows)] = rows
    return grown


def of_lines(lines: Iterable[Line]) -> Columns:
    """Columns of these rows, in their order."""
    columns = Columns()
    for line in lines:
        columns.add(line)
    return columns
