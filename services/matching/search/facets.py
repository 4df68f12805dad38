"""The conditions of a search: their values in the order in which they are shown, and how rows hold them as numbers."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Final

from shared.phrases.names import SUPPLIER_KINDS
from shared.questions.search import FacetName
from shared.vocabulary import categories, root_of, roots

WHATS: Final = ("need", "flow", "offer", "organisation")
BANDS_KM: Final = (5, 10, 25, 50, 100)
DUE_DAYS: Final = (7, 14, 30, 90)
KINDS: Final = tuple(SUPPLIER_KINDS)
FACETS: Final[tuple[FacetName, ...]] = ("what", "family", "kind", "within", "due")
"""In the order in which the pass numbers them."""

NO_DEADLINE: Final = 2**31 - 1
EPOCH: Final = date(2000, 1, 1).toordinal()


def what_of(asks: str) -> str:
    """A need of any kind is a need; a campaign stands among offers, for who has something to give or to ask."""
    if asks == "campaign":
        return "offer"
    return asks if asks in WHATS else "need"


@cache
def families() -> tuple[str, ...]:
    """The first level of categories, in the vocabulary's order; at most 64 of them fit into one number."""
    return roots()


def family_bits(category_ids: Iterable[str]) -> int:
    """The families of some categories; those of a newer vocabulary than ours have none."""
    numbers = _family_numbers()
    bits = 0
    for each in category_ids:
        if each in categories():
            bits |= 1 << numbers[root_of(each)]
    return bits


def kind_bits(kinds: Iterable[str]) -> int:
    """Kinds of suppliers; unknown ones are not counted."""
    bits = 0
    for kind in kinds:
        if kind in SUPPLIER_KINDS:
            bits |= 1 << KINDS.index(kind)
    return bits


def what_bits(whats: Iterable[str]) -> int:
    """Kinds of rows."""
    bits = 0
    for what in whats:
        bits |= 1 << WHATS.index(what)
    return bits


def day_number(day: date | None) -> int:
    """Days since 2000; the last of all where there is no deadline."""
    return NO_DEADLINE if day is None else day.toordinal() - EPOCH


@cache
def _family_numbers() -> dict[str, int]:
    return {family: number for number, family in enumerate(families())}
