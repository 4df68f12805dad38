"""CPV groups (the first three digits of a public purchase's code) for a free text."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from pathlib import Path
from typing import Final

from shared.vocabulary.phrasing import HEAD, Phrase, PhraseIndex
from shared.vocabulary.suggesting import suggest
from shared.vocabulary.text import stems, words

FILE: Final = Path(__file__).parent / "purchases.toml"
GROUP: Final = 3
DIVISION: Final = 2
PRINCIPAL: Final = 1.1  # the first phrase of a group is what most buyers call it
BY_CATEGORY: Final = 0.5  # what the category's own codes add to the words of the trade
CATEGORIES: Final = 30
LEAST_SURE: Final = 0.85  # titles are full of names of places: a kin passes, a far misspelling does not
LATER: Final = 0.9  # a category lists its principal code first
WHOLE_DIVISION: Final = 0.2  # some buyers name the division and no group


@dataclass(frozen=True, slots=True)
class SuggestedGroup:
    """A CPV group with how likely it is beside the likeliest, 0 to 1."""

    code: str
    score: float


def groups(text: str, language: str = "fr", limit: int = 5) -> list[SuggestedGroup]:
    """The groups a text speaks of, most likely first."""
    told = "en" if language.startswith("en") else "fr"
    found = _by_words(text, _index(told))
    most = max(found.values(), default=0.0) or 1.0
    scores = defaultdict(float, {code: score / most for code, score in found.items()})
    for code, score in _by_category(text, told).items():
        scores[code] += BY_CATEGORY * score
    for division, score in _divisions(scores).items():
        scores[division.ljust(GROUP, "0")] += WHOLE_DIVISION * score
    highest = max(scores.values(), default=0.0)
    likeliest = nlargest(limit, scores.items(), key=lambda one: one[1])
    return [SuggestedGroup(code, round(score / highest, 4)) for code, score in likeliest]


def _by_words(text: str, index: PhraseIndex) -> dict[str, float]:
    """Per group the sum over the text's words: how rare, and how much of a phrase with it the text says."""
    meant = _meant(text, index)
    said: dict[str, float] = {}
    for readings in meant:
        for stem, sureness in readings.items():
            said[stem] = max(said.get(stem, 0.0), sureness)
    scores: defaultdict[str, float] = defaultdict(float)
    emphasis = HEAD
    for readings in meant:
        best: dict[str, float] = {}
        for stem, sureness in readings.items():
            for number in index.by_stem[stem]:
                phrase = index.phrases[number]
                covered = sum(index.rarity[each] * said.get(each, 0.0) for each in phrase.stems) / phrase.weight
                pull = index.rarity[stem] * sureness * covered**1.5 * phrase.trust
                best[phrase.owner] = max(best.get(phrase.owner, 0.0), pull)
        for code, pull in best.items():
            scores[code] += emphasis * pull
        emphasis = 1.0 if readings else emphasis
    return scores


def _meant(text: str, index: PhraseIndex) -> list[dict[str, float]]:
    """Per different stem of the text what it may stand for; no word is noise where everything is a purchase."""
    found: dict[str, dict[str, float]] = {}
    for word in words(text):
        for stem in stems(word, index.language):
            if stem not in found:
                readings = {stem: 1.0} if stem in index.rarity else index.readings(word, stem)
                found[stem] = {each: sure for each, sure in readings.items() if sure >= LEAST_SURE}
    return list(found.values())


def _by_category(text: str, language: str) -> dict[str, float]:
    best: dict[str, float] = {}
    for found in suggest(text, language, CATEGORIES):
        score = found.score
        for code in found.category.cpv:
            group = code[:GROUP].ljust(GROUP, "0")
            if group not in best:
                best[group] = score
                score *= LATER
    return best


def _divisions(scores: Mapping[str, float]) -> dict[str, float]:
    best: dict[str, float] = {}
    for code, score in scores.items():
        best[code[:DIVISION]] = max(best.get(code[:DIVISION], 0.0), score)
    return best


@cache
def _index(language: str) -> PhraseIndex:
    return PhraseIndex(_phrases(language), language)


def _phrases(language: str) -> Iterator[Phrase]:
    for code, told in tomllib.loads(FILE.read_text(encoding="utf-8")).items():
        for place, text in enumerate(told[language].split(", ")):
            said = frozenset(stems(text, language))
            if said:
                yield Phrase(text, code, said, trust=1.0 if place else PRINCIPAL)
