"""What the search box finds and in which order: pure functions, the same for the page and for `boucle evaluate`.

A posting is described once, when it is kept, as weights under plain keys: `w:` a stem of its title, `d:` one of its
description, `c:` a category, `k` or `t` and a number a kind of things or a thing of it, `#` the whole title's weight.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from services.matching.ranking.words import telling
from shared.vocabulary import fold, proximity, stems, suggest, words
from shared.vocabulary.things import KIND, THING, kinds, kinds_sought

Described = dict[str, float]

WHOLE = "#"
# "sans X", "non X": the next word is not meant; "pas de X" to the end of its part of the title.
_DENIED = re.compile(
    r"\bpas d[e'’].*?(?=$|[(),;/]|\s-\s)|\b(?:non|sans|hors|ni)\s+(?:de\s+|d['’])?[\w-]+", re.IGNORECASE
)
_PARTS = re.compile(r"[(),;:/+|]|\s[-–—]\s|\bet\b|\bou\b|\bpour\b", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^)]*\)")
LEAST_TELLING = 0.3
HEAD_OFFERED, HEAD_SOUGHT = 1.5, 1.5
BRACKETED = 0.5
LATER_PART = 0.95
PURITY = 0.2  # share of a meaning's weight that depends on how much of the title has it
MOST_CATEGORIES = 4
DESCRIPTION = 0.3
# What a posting names (kind or thing) for what is sought (thing or kind).
WORTH = {THING + KIND: 1.0, KIND + KIND: 1.0, KIND + THING: 0.8, THING + THING: 0.5}
BY_CATEGORY = 0.3
OWN_SHARE = 0.6  # how much a shared word counts by the share of the posting's title that it is
NEAR = 0.6
LEAST_MEANT = 0.3  # a likeness of meaning below is chance


class Sought(NamedTuple):
    """A query: its words with their weights, their whole weight, and what they mean."""

    words: dict[str, float]
    whole: float
    kinds: dict[str, float]
    categories: dict[str, float]


def described(title: str, *, description: str = "", categories: Iterable[str] = ()) -> Described:
    """A posting as the search box weighs it."""
    plain = _DENIED.sub(" ", title)
    found = {f"d:{stem}": DESCRIPTION * telling(stem) for stem in stems(description) if telling(stem)}
    weights = _weights(_BRACKETS.sub(" ", plain), HEAD_OFFERED)
    for inside in _BRACKETS.findall(plain):
        for stem, weight in _weights(inside, 1.0).items():
            weights.setdefault(stem, weight * BRACKETED)
    found |= {f"w:{stem}": weight for stem, weight in weights.items()}
    parts = [part for text in _PARTS.split(plain) if (part := text.strip())]
    found |= _over_parts([kinds(part) for part in parts], kinds(plain) if parts[1:] else {})
    found |= {f"c:{each}": weight for each, weight in _over_parts([_meant(part) for part in parts], {}).items()}
    found |= {f"c:{each}": 1.0 for each in categories}
    found[WHOLE] = sum(weights.values()) or 1.0
    return {key: round(weight, 3) for key, weight in found.items()}


def _weights(text: str, head: float) -> dict[str, float]:
    """Each stem with what it tells; the first counts more."""
    weights: dict[str, float] = {}
    for stem in stems(text):
        weights[stem] = max(weights.get(stem, 0.0), max(telling(stem), LEAST_TELLING) * head)
        head = 1.0
    return weights


def _over_parts(meanings: list[dict[str, float]], whole: dict[str, float]) -> dict[str, float]:
    """Per meaning its surest part, the first part a little surer, and less the more of the title says other things.

    `whole` is what the title says in one: "Ameublement - quincaillerie" is hardware of furniture.
    """
    shares = [HEAD_OFFERED, *[1.0] * (len(meanings) - 1)]
    found = {meaning: LATER_PART * sure for meaning, sure in whole.items()}
    for meaning in {each for part in meanings for each in part}:
        sure = [part.get(meaning, 0.0) for part in meanings]
        best = max(value * (LATER_PART if place else 1.0) for place, value in enumerate(sure))
        pure = sum(share * value for share, value in zip(shares, sure, strict=True)) / sum(shares)
        found[meaning] = max(found.get(meaning, 0.0), best * (1 - PURITY + PURITY * min(pure, 1.0)))
    return found


@lru_cache(maxsize=16_384)
def _meant(text: str) -> dict[str, float]:
    return {found.category.id: found.score for found in suggest(text, limit=MOST_CATEGORIES)}


def sought(query: str) -> Sought:
    """A query as the search box weighs it."""
    weights = _weights(query, HEAD_SOUGHT)
    return Sought(weights, sum(weights.values()) or 1.0, kinds_sought(query), _meant(query))


def score(query: Sought, found: Mapping[str, float]) -> float:
    """How well a posting answers a query; 0 for nothing in common, 2 and more when words and meaning are the same."""
    own = said = told = 0.0
    for stem, weight in query.words.items():
        if f"w:{stem}" in found:
            said += weight
            own += found[f"w:{stem}"]
        elif f"d:{stem}" in found:
            told += weight * found[f"d:{stem}"]
    # Squared: half of the words is less than half an answer ("pied de lit" is no "lit").
    share = said / query.whole
    words_shared = share * share * (1 - OWN_SHARE + OWN_SHARE * own / found.get(WHOLE, 1.0))
    words_shared += told / query.whole
    by_kind = max(_by_kind(query, found), default=0.0)
    by_category = max(_by_category(query, found), default=0.0)
    return words_shared + by_kind + BY_CATEGORY * by_category


def _by_kind(query: Sought, found: Mapping[str, float]) -> Iterator[float]:
    for wanted, sure in query.kinds.items():
        for role in (KIND, THING):
            if (named := found.get(role + wanted[1:])) is not None:
                yield min(sure, 1.0) * named * WORTH[wanted[0] + role]


def _by_category(query: Sought, found: Mapping[str, float]) -> Iterator[float]:
    if query.categories:
        for key, weight in found.items():
            if key.startswith("c:"):
                yield max(sure * weight * proximity(each, key[2:]) for each, sure in query.categories.items())


def meanings(found: Mapping[str, float]) -> set[str]:
    """The keys of a posting by which a query finds it beyond its words."""
    return {key for key, weight in found.items() if key[0] in (KIND, THING, "c") and weight >= LEAST_MEANT}


def meanings_sought(query: Sought) -> set[str]:
    """The keys that a posting must have one of to mean something near the query."""
    found = {role + each[1:] for each, sure in query.kinds.items() if sure >= LEAST_MEANT for role in (KIND, THING)}
    return found | {f"c:{each}" for each, sure in query.categories.items() if sure >= NEAR}


def forms(query: str) -> list[list[str]]:
    """Per word of a query the forms any of which will do."""
    written = ([*dict.fromkeys((*stems(word), fold(word)))] for word in words(query) if stems(word))
    return [form for form in written if form]
