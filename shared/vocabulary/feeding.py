"""Who may eat a thing, by its categories and waste codes (`feeding.toml`): people, animals, or neither."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from shared.vocabulary.crosswalk import plain_code
from shared.vocabulary.reading import VocabularyError
from shared.vocabulary.tree import categories, descendants

FILE: Final = Path(__file__).parent / "feeding.toml"


def is_food(kinds: Iterable[str]) -> bool:
    """Whether people eat it."""
    return not _below("people").isdisjoint(kinds)


def is_fed(kinds: Iterable[str]) -> bool:
    """Whether animals eat it; what the law keeps from them aside."""
    return not _below("animals").isdisjoint(kinds)


def is_kitchen_waste(kinds: Iterable[str], ewc: Iterable[str]) -> bool:
    """Whether farmed animals never get it: one category or code that says so decides."""
    return _is_one_of("never_animals", kinds, ewc)


def is_never_eaten_as_waste(kinds: Iterable[str], ewc: Iterable[str]) -> bool:
    """Whether people never get it once it is legally waste."""
    return _is_one_of("never_people_as_waste", kinds, ewc)


def is_kept_cold(kinds: Iterable[str]) -> bool:
    """Whether it spoils without cold."""
    return not _below("cold").isdisjoint(kinds)


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def _below(part: str) -> frozenset[str]:
    roots = _listed(_table()[part]["categories"])
    if unknown := [root for root in roots if root not in categories()]:
        raise VocabularyError(f"{FILE.name}: {part} names {', '.join(unknown)}")
    return frozenset(each for root in roots for each in (root, *descendants(root)))


@cache
def _codes(part: str) -> frozenset[str]:
    return frozenset(plain_code(code, "ewc") for code in _listed(_table()[part]["ewc"]))


def _is_one_of(part: str, kinds: Iterable[str], ewc: Iterable[str]) -> bool:
    return not _below(part).isdisjoint(kinds) or not _codes(part).isdisjoint(plain_code(code, "ewc") for code in ewc)


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",")]
