"""Official codes: which categories a NAF, CPV or EWC code points to, and how much two codes have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, Literal

from shared.vocabulary.entry import Category, Kind
from shared.vocabulary.tree import categories

CodeScheme = Literal["ewc", "cpv", "naf"]

# What a shared prefix of so many characters is worth: the levels at which each nomenclature really divides.
WORTH: Final[Mapping[CodeScheme, tuple[tuple[int, float], ...]]] = {
    "ewc": ((6, 1.0), (4, 0.6), (2, 0.2)),
    "cpv": ((8, 1.0), (5, 0.85), (4, 0.7), (3, 0.5), (2, 0.25)),
    "naf": ((5, 1.0), (4, 0.85), (3, 0.55), (2, 0.25)),
}
CPV_DIVISION: Final = 2
# The first division of works; services follow, goods (and what they are made of) stand before.
CPV_WORKS: Final = "45"
# A NAF code says what a company does; the materials that carry it are what such a company leaves or takes.
NAF_KINDS: Final[tuple[Kind, ...]] = ("service", "product", "support", "csr", "material", "patronage")


def plain_code(code: str, scheme: CodeScheme) -> str:
    """A code as stored: no dots, spaces, star or check digit; a CPV code without the zeros that only fill it up."""
    plain = code.strip().upper().split("-")[0].replace(".", "").replace(" ", "").rstrip("*")
    if scheme == "cpv":
        return plain[:CPV_DIVISION] + plain[CPV_DIVISION:].rstrip("0")
    return plain


def code_overlap(a: str, b: str, scheme: CodeScheme) -> float:
    """How much two codes have in common, 0 to 1; 1 only when they are the same code."""
    first, second = plain_code(a, scheme), plain_code(b, scheme)
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    shared = _shared_length(first, second)
    return next((worth for length, worth in WORTH[scheme] if length <= shared and worth < 1), 0.0)


def _shared_length(a: str, b: str) -> int:
    length = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        length += 1
    return length


def by_naf(code: str) -> list[Category]:
    """Categories whose NAF prefixes begin this code ("81.21Z"): longest prefix first, then services."""
    return _by_prefix(plain_code(code, "naf"), "naf")


def by_cpv(code: str) -> list[Category]:
    """Categories whose CPV prefixes begin this code ("90911200-8"): longest prefix first, then the broader ones."""
    return _by_prefix(code.strip().split("-")[0], "cpv")


def by_ewc(code: str) -> list[Category]:
    """Categories that hold this waste code; where none does, those of its four-digit subchapter."""
    plain = plain_code(code, "ewc")
    index = _index("ewc")
    return [categories()[found] for found in index.get(plain) or index.get(plain[:4], ())]


def _by_prefix(code: str, scheme: CodeScheme) -> list[Category]:
    index = _index(scheme)
    found: dict[str, None] = {}
    for length in range(len(code), 1, -1):
        found.update(dict.fromkeys(index.get(code[:length], ())))
    return [categories()[category_id] for category_id in found]


@cache
def _index(scheme: CodeScheme) -> Mapping[str, tuple[str, ...]]:
    """Per code its categories: those of the kinds it speaks of, then those that list it first, then the broader."""
    ranked = [
        (_kind_rank(entry, code, scheme), place, entry.level, code, entry.id)
        for entry in categories().values()
        for place, code in enumerate(_keys(entry, scheme))
    ]
    index: dict[str, dict[str, None]] = {}
    for _, _, _, code, category_id in sorted(ranked, key=lambda found: found[:3]):
        index.setdefault(code, {})[category_id] = None
    return {code: tuple(ids) for code, ids in index.items()}


def _kind_rank(entry: Category, code: str, scheme: CodeScheme) -> int:
    """NAF and the works and services of the CPV speak of what is done; goods and waste of any kind alike."""
    if scheme == "naf":
        return NAF_KINDS.index(entry.kind)
    return int(scheme == "cpv" and code >= CPV_WORKS and entry.kind != "service")


def _keys(entry: Category, scheme: CodeScheme) -> Iterable[str]:
    if scheme == "ewc":
        return (*entry.ewc, *(code[:4] for code in entry.ewc))
    return entry.cpv if scheme == "cpv" else entry.naf
