"""Everyday things and their kinds: "assiette" is "vaisselle", whatever category sells, mends or collects it.

A kind is told apart from its things: whoever offers "vaisselle" has plates, whoever offers bowls has none.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from math import sqrt
from pathlib import Path
from typing import Final

from shared.vocabulary.phrasing import NOISE, Phrase, PhraseIndex
from shared.vocabulary.senses import is_ambiguous, sense_of
from shared.vocabulary.text import stems

FILE: Final = Path(__file__).parent / "things.toml"
KIND: Final = "k"
THING: Final = "t"
LATER: Final = 0.04  # each further name of a kind is a little less its own
LEAST: Final = 0.6
HEAD_ALONE: Final = 0.8  # "pince à ongles" unknown: the kinds of the pliers and tongs that are known
CACHED_TEXTS: Final = 16_384


@lru_cache(maxsize=CACHED_TEXTS)
def kinds(text: str) -> dict[str, float]:
    """What a French text names, with how sure that is: `k` and a number for a kind, `t` for a thing of it."""
    said = frozenset(stems(text))
    found = _index().likely(text).items()
    return {kind: score for kind, (score, phrase) in found if not _is_no_thing(phrase, said)}


def _is_no_thing(phrase: str, said: frozenset[str]) -> bool:
    """A buffet for eighty people is no cupboard."""
    senses = (sense_of(stem, said) for stem in stems(phrase) if stem in said and is_ambiguous(stem))
    return any(sense is not None and not sense.is_thing for sense in senses)


@lru_cache(maxsize=CACHED_TEXTS)
def kinds_sought(text: str) -> dict[str, float]:
    """The same for whoever seeks: a name that is not known in full may still be known by its first word."""
    found = dict(kinds(text))
    said = stems(text)
    known = _heads().get(said[0]) if said else None
    if known and not _is_no_thing(said[0], frozenset(said)):
        every = sum(known.values())
        for kind, count in known.items():
            found[kind] = max(found.get(kind, 0.0), HEAD_ALONE * sqrt(count / every))
    return found


@cache
def _index() -> PhraseIndex:
    return PhraseIndex(_phrases(), "fr")


@cache
def _heads() -> dict[str, Counter[str]]:
    """Per first stem of a thing's name the kinds that have things so called, with how many."""
    heads: dict[str, Counter[str]] = {}
    for number, block in enumerate(_blocks()):
        for text in set(block["things"].split(", ")):
            if said := stems(text):
                heads.setdefault(said[0], Counter())[f"{THING}{number}"] += 1
    return heads


def _phrases() -> Iterator[Phrase]:
    for number, block in enumerate(_blocks()):
        names = block["kind"].split(", ")
        trusts = {name: max(1 - LATER * place, LEAST) for place, name in enumerate(names)}
        seen: set[frozenset[str]] = set()
        for text in (*names, *block["things"].split(", ")):
            said = frozenset(stems(text)) - NOISE
            if said and said not in seen:
                seen.add(said)
                role = KIND if text in trusts else THING
                yield Phrase(text, f"{role}{number}", said, trust=trusts.get(text, 1.0))


@cache
def _blocks() -> list[dict[str, str]]:
    blocks: list[dict[str, str]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["thing"]
    return blocks


def warm_up() -> None:
    """Reads the file now."""
    _index()
    _heads()
