"""The tree of categories, read once per process: lookups, ancestors, descendants and names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from shared.vocabulary.entry import Category
from shared.vocabulary.reading import read_categories

FOLDER: Final = Path(__file__).parent / "categories"


class CategoryUnknown(KeyError):
    """No category has this id."""


@cache
def categories() -> Mapping[str, Category]:
    """Every category by id, in file order (parents before children); read-only."""
    return MappingProxyType(read_categories(FOLDER))


def category(category_id: str) -> Category:
    try:
        return categories()[category_id]
    except KeyError:
        raise CategoryUnknown(category_id) from None


@cache
def _lines() -> Mapping[str, tuple[str, ...]]:
    lines: dict[str, tuple[str, ...]] = {}
    for entry in categories().values():
        lines[entry.id] = (entry.parent, *lines[entry.parent]) if entry.parent else ()
    return lines


@cache
def _children() -> Mapping[str | None, tuple[str, ...]]:
    children: dict[str | None, list[str]] = {}
    for entry in categories().values():
        children.setdefault(entry.parent, []).append(entry.id)
    return {parent: tuple(ids) for parent, ids in children.items()}


def ancestors(category_id: str) -> tuple[str, ...]:
    """Ids from the parent up to the root; empty for a root."""
    try:
        return _lines()[category_id]
    except KeyError:
        raise CategoryUnknown(category_id) from None


def children(category_id: str) -> tuple[str, ...]:
    return _children().get(category(category_id).id, ())


def roots() -> tuple[str, ...]:
    return _children()[None]


def root_of(category_id: str) -> str:
    line = ancestors(category_id)
    return line[-1] if line else category_id


def descendants(category_id: str) -> tuple[str, ...]:
    """Ids below this one, each child followed by its own children; empty for a leaf."""
    below: list[str] = []
    for child in children(category_id):
        below.extend((child, *descendants(child)))
    return tuple(below)


def name(category_id: str, language: str = "fr") -> str:
    """The name shown to people: English for "en", French for any other language."""
    entry = category(category_id)
    return entry.name_en if language.startswith("en") else entry.name_fr
