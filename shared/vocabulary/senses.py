"""Words of several meanings: a second word, or the category chosen, decides; alone such a word decides nothing.

A sense's key is the stem with a number ("buffet~0"); an undecided word has all its senses.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from shared.vocabulary.text import stems
from shared.vocabulary.tree import root_of

FILE: Final = Path(__file__).parent / "senses.toml"


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a word; `is_thing` is false where it is nothing that one could take or mend."""

    key: str
    beside: frozenset[str]
    roots: frozenset[str]
    is_thing: bool


def is_ambiguous(stem: str) -> bool:
    """Whether the stem has more than one meaning here."""
    return stem in _senses()


def sense_of(stem: str, said: Collection[str], category_ids: Iterable[str] = ()) -> Sense | None:
    """The meaning that the other stems of the text decide, else the categories; None when neither does."""
    known = _senses().get(stem, ())
    votes = [len(sense.beside.intersection(said) - {stem}) for sense in known]
    if known and max(votes) > 0 and votes.count(max(votes)) == 1:
        return known[votes.index(max(votes))]
    roots = {root_of(each) for each in category_ids}
    fitting = [sense for sense in known if sense.roots & roots]
    return fitting[0] if len(fitting) == 1 else None


def told_apart(stem: str, said: Collection[str], category_ids: Iterable[str] = ()) -> list[str]:
    """The keys a stem stands for: its sense, all its senses while nothing decides, or itself."""
    known = _senses().get(stem)
    if not known:
        return [stem]
    decided = sense_of(stem, said, category_ids)
    return [decided.key] if decided else [sense.key for sense in known]


@cache
def _senses() -> dict[str, list[Sense]]:
    found: dict[str, list[Sense]] = {}
    for block in tomllib.loads(FILE.read_text(encoding="utf-8"))["sense"]:
        stem = stems(block["word"])[0]
        senses = found.setdefault(stem, [])
        senses.append(
            Sense(
                key=f"{stem}~{len(senses)}",
                beside=frozenset(stems(block["beside"])),
                roots=frozenset(block["roots"].split(", ")),
                is_thing=block.get("thing", True),
            )
        )
    return found
