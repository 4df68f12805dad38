"""Categories for a free text, typed by somebody or imported: stems and synonyms, n-grams for slips only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from typing import Final

from shared.vocabulary.entry import Category
from shared.vocabulary.phrasing import NOISE, Phrase, PhraseIndex
from shared.vocabulary.senses import is_ambiguous, sense_of
from shared.vocabulary.text import stems
from shared.vocabulary.tree import categories, root_of

OWN_LANGUAGE: Final = {"name": 1.0, "synonym": 0.98}
OTHER_LANGUAGE: Final = 0.7
LEAST_SURE: Final = 0.4  # below, one suggestion in ten was right for the titles of public notices
SURE: Final = 0.6  # from here two in three were right when first: enough for an import that nobody watches
OTHER_SENSE: Final = 0.4  # its neighbours say that another meaning of the word is meant
BROADER: Final = 0.004  # between equals the broader category is the safer one


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category with its confidence, 0 to 1, and the phrase of the vocabulary that brought it."""

    category: Category
    score: float
    phrase: str


def suggest(text: str, language: str = "fr", limit: int = 5) -> list[Suggestion]:
    """The categories a text speaks of, most likely first; empty when none is likely."""
    known = categories()
    index = phrases_of_categories("en" if language.startswith("en") else "fr")
    said = frozenset(stems(text, index.language))
    doubtful = any(is_ambiguous(stem) for stem in said)
    best = {
        owner: (sure, phrase)
        for owner, (score, phrase) in index.likely(text).items()
        if (
            sure := round((_meant(score, phrase, owner, said) if doubtful else score) - BROADER * known[owner].level, 4)
        )
        > LEAST_SURE
    }
    likeliest = nlargest(limit, best.items(), key=lambda one: one[1][0])
    return [Suggestion(known[found], score, phrase) for found, (score, phrase) in likeliest]


def _meant(score: float, phrase: str, owner: str, said: frozenset[str]) -> float:
    """Less where a word of several meanings stands alone, or where its neighbours say that another one is meant."""
    for stem in stems(phrase):
        if is_ambiguous(stem) and stem in said:
            decided = sense_of(stem, said)
            if decided is None:
                return min(score, SURE - BROADER) if len(said) == 1 else score
            if root_of(owner) not in decided.roots and not decided.beside.intersection(stems(phrase)):
                return score * OTHER_SENSE
    return score


@cache
def phrases_of_categories(language: str) -> PhraseIndex:
    """Names and synonyms of every category."""
    return PhraseIndex((phrase for entry in categories().values() for phrase in _phrases(entry, language)), language)


def _phrases(entry: Category, language: str) -> Iterator[Phrase]:
    french = [(entry.name_fr, "name"), *((synonym, "synonym") for synonym in entry.synonyms)]
    english = [(entry.name_en, "name"), *((synonym, "synonym") for synonym in entry.synonyms_en)]
    own, other = (english, french) if language == "en" else (french, english)
    trusts = [(text, OWN_LANGUAGE[role]) for text, role in own] + [(text, OTHER_LANGUAGE) for text, _ in other]
    seen: set[frozenset[str]] = set()
    for text, trust in trusts:
        said = frozenset(stems(text, language)) - NOISE
        if said and said not in seen:
            seen.add(said)
            yield Phrase(text, entry.id, said, trust, foreign=trust == OTHER_LANGUAGE)


def warm_up() -> None:
    """Builds both indexes, so that the first person who types does not wait for them."""
    phrases_of_categories("fr")
    phrases_of_categories("en")
