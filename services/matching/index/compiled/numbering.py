"""Numbers for what sides name by words: terms, categories, codes, units, areas. Grows as rows come; saved with them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Final
from uuid import UUID
from zlib import crc32

import numpy as np

from services.matching.index.compiled.layout import AMOUNT, RIM, Rows
from services.matching.ranking.sides import FLOW, Amount
from shared.events.facts import Level
from shared.phrases.names import NEED_KINDS, SERVICE_TYPES
from shared.territory.place import Place
from shared.vocabulary import categories, per_month

ASKS: Final = {name: 1 << number for number, name in enumerate((*NEED_KINDS, FLOW))}
SERVICES: Final = {name: number for number, name in enumerate(SERVICE_TYPES)}
LEVELS: Final = {level: number for number, level in enumerate(Level)}
LONGEST_CODE: Final = 8
MOST_KINDS: Final = 31
LOW: Final = (1 << 64) - 1


class Numbers(dict[str, int]):
    """A number for each word, from 1 on, given when it is first asked for."""

    def __missing__(self, word: str) -> int:
        self[word] = len(self) + 1
        return self[word]


class OnceEach(dict[tuple[float, ...], int]):
    """Lines that are kept once each, however many rows say them: the number of each, and `lines` by number.

    Number 0 says nothing.
    """

    def __init__(self, lines: Rows) -> None:
        super().__init__({tuple(each): number for number, each in enumerate(lines.tolist()) if number})
        self._lines = lines

    @property
    def lines(self) -> Rows:
        """Those in use."""
        return self._lines[: len(self) + 1]

    def __missing__(self, line: tuple[float, ...]) -> int:
        number = len(self) + 1
        if number == len(self._lines):
            self._lines = np.concatenate([self._lines, np.zeros(number + 64, dtype=self._lines.dtype)])
        self._lines[number] = line
        self[line] = number
        return number


@dataclass
class Numbering:
    """What all rows of an index share."""

    terms: Numbers = field(default_factory=Numbers)
    units: Numbers = field(default_factory=Numbers)
    permits: Numbers = field(default_factory=Numbers)
    areas: Numbers = field(default_factory=Numbers)
    epcis: Numbers = field(default_factory=Numbers)
    kinds: Numbers = field(default_factory=Numbers)
    amounts: OnceEach = field(default_factory=lambda: OnceEach(np.zeros(1, dtype=AMOUNT)))
    rims: OnceEach = field(default_factory=lambda: OnceEach(np.zeros(1, dtype=RIM)))

    def amount(self, amount: Amount | None) -> int:
        """The number of an amount; 0 for none."""
        if amount is None:
            return 0
        rate = per_month(1, amount.said.period.value)
        monthly = amount.value * float(rate or 1)
        return self.amounts[amount.value, monthly, self.units[amount.unit], int(rate is None)]

    def rim(self, reach: float, near: float, *, own: bool = True) -> int:
        """The number of how far a zone reaches, and almost reaches, around its `own` place or another."""
        return self.rims[float(np.float32(reach)), float(np.float32(near)), int(own)]

    def epci(self, place: Place) -> int:
        """The number of the group of communes that holds a place; 0 for none."""
        return self.epcis[place.epci_code] if place.epci_code else 0

    def kind_bits(self, kinds: Iterable[str]) -> int:
        """Kinds of suppliers as bits; the newest share the last bit when there are too many."""
        bits = 0
        for kind in kinds:
            bits |= 1 << min(self.kinds[kind], MOST_KINDS)
        return bits


@cache
def category_numbers() -> dict[str, int]:
    """Each category's place in the vocabulary's order."""
    return {category_id: number for number, category_id in enumerate(categories())}


def no_category() -> int:
    """The number that stands where there is no category: near to none."""
    return len(category_numbers())


def packed_code(code: str) -> int:
    """A plain code of at most eight digits, a digit a nibble, F after the last; what is none is like no other code."""
    if not (code.isascii() and code.isdigit()):
        return 0xE0000000 | crc32(code.encode()) >> 4
    return int(code[:LONGEST_CODE].ljust(LONGEST_CODE, "F"), 16)


def halves(value: UUID) -> tuple[int, int]:
    """The upper and lower 64 bits of an id."""
    return value.int >> 64, value.int & LOW


def short(value: UUID) -> int:
    """64 bits that stand for an id: of two million random ones, two are the same in one of ten million cases."""
    high, low = halves(value)
    return (high * 0x9E3779B97F4A7C15 ^ low) & LOW


def pair_of(value: int) -> tuple[int, int]:
    """A number of 64 bits as two of 32."""
    return value >> 32, value & 0xFFFFFFFF
