"""The edges of the substitution graph, read from their file: what becomes whose input."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from shared.vocabulary.tree import ancestors, categories

GRAPH: Final = Path(__file__).parent / "substitutions.toml"
KEYS: Final = frozenset(("from", "ewc", "to", "divisions", "strength", "fr", "en"))
# An edge of a family holds for its children too, a little less surely.
INHERITED: Final = 0.85


class SubstitutionError(ValueError):
    """The file says something the format does not allow; the message names the edge."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """One way something becomes an input: the category it leads to, if any, the divisions that take it, how usual."""

    to: str | None
    divisions: tuple[str, ...]
    strength: float
    reason_fr: str
    reason_en: str

    def reason(self, language: str = "fr") -> str:
        """Completes a sentence: "devient un panneau isolant"."""
        return self.reason_en if language.startswith("en") else self.reason_fr


@dataclass(frozen=True, slots=True)
class Edge:
    """An outlet with where it begins: a category, or a prefix of a waste code."""

    source: str | None
    ewc: str | None
    outlet: Outlet


@cache
def edges() -> tuple[Edge, ...]:
    """Every edge in file order."""
    return read_edges(GRAPH)


def read_edges(path: Path) -> tuple[Edge, ...]:
    return tuple(_edge(block) for block in tomllib.loads(path.read_text(encoding="utf-8"))["edge"])


def _edge(block: dict[str, Any]) -> Edge:
    where = block.get("from") or block.get("ewc")
    if set(block) - KEYS or ("from" in block) == ("ewc" in block):
        raise SubstitutionError(f"{where}: either `from` or `ewc`, and only {sorted(KEYS)}")
    unknown = {block[key] for key in ("from", "to") if key in block} - categories().keys()
    if unknown or not 0 < block["strength"] <= 1:
        raise SubstitutionError(f"{where}: {sorted(unknown) or 'strength'}")
    divisions = tuple(part.strip() for part in block["divisions"].split(","))
    outlet = Outlet(block.get("to"), divisions, block["strength"], block["fr"], block["en"])
    return Edge(block.get("from"), block.get("ewc"), outlet)


@cache
def _by_source() -> Mapping[str, tuple[Outlet, ...]]:
    found: dict[str, list[Outlet]] = {}
    for edge in edges():
        if edge.source:
            found.setdefault(edge.source, []).append(edge.outlet)
    return MappingProxyType({source: tuple(outlets) for source, outlets in found.items()})


@cache
def edges_by_code() -> Mapping[str, tuple[Outlet, ...]]:
    """Per prefix of a waste code its outlets."""
    found: dict[str, list[Outlet]] = {}
    for edge in edges():
        if edge.ewc:
            found.setdefault(edge.ewc, []).append(edge.outlet)
    return MappingProxyType({prefix: tuple(outlets) for prefix, outlets in found.items()})


def of_code(code: str) -> tuple[Outlet, ...]:
    """Outlets of the longest prefix of a waste code (digits only) that has any."""
    found = edges_by_code()
    return next((found[code[:length]] for length in (6, 4, 2) if code[:length] in found), ())


def in_family(category_id: str) -> Iterator[Outlet]:
    """The outlets of a category and, a little weaker at every step, of those above it."""
    worth = 1.0
    for source in (category_id, *ancestors(category_id)):
        yield from (weaker(outlet, worth) for outlet in _by_source().get(source, ()))
        worth *= INHERITED


def weaker(outlet: Outlet, worth: float) -> Outlet:
    strength = round(outlet.strength * worth, 4)
    return Outlet(outlet.to, outlet.divisions, strength, outlet.reason_fr, outlet.reason_en)


@cache
def _joined() -> Mapping[tuple[str, str], float]:
    """Per ordered pair (from, to) the strongest edge between them, inherited ones included."""
    found: dict[tuple[str, str], float] = {}
    for category_id in categories():
        for outlet in in_family(category_id):
            if outlet.to and outlet.to != category_id:
                pair = (category_id, outlet.to)
                found[pair] = max(found.get(pair, 0.0), outlet.strength)
    return MappingProxyType(found)


def joined(a: str, b: str) -> float:
    """Strength of the edge between two categories, whichever way it points; 0 where there is none."""
    pairs = _joined()
    return max(pairs.get((a, b), 0.0), pairs.get((b, a), 0.0))
