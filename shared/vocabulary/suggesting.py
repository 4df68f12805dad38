"""Categories for a free text, while somebody types it or when a notice is imported: stems and synonyms, n-grams for slips.

A phrase (a name or synonym) counts by how much of it the text says, then by how much of the text it explains.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from heapq import nlargest
from math import log
from typing import Final

from shared.vocabulary.entry import Category
from shared.vocabulary.text import stems, words
from shared.vocabulary.tree import categories

# Words of the trade itself: they say that something is sought or given, never what.
NOISE: Final = frozenset(
    stems(
        """
        accord-cadre achat acheter acquisition annonce annuel appel attribution besoin bonjour cadre cause cherche cherchons
        commande commune communaute compte consultation contrat departement diverse divers donne donner donnons echange
        execution fourniture fournir fournisseur gratuit lot marche merci metropole mise mission objet occasion offre
        operation pluriannuel prestataire prestation prestations procedure projet proposer propose realisation recherche
        recherchons recuperer region relatif relative revendre service services site sites souhaite syndicat tender ticket
        titre tranche type urgent vend vendre vends vieille vieux vieil ville
        """
    )
) | frozenset(stems("buy looking need needed old provide providing provision sell supply want wanted", "en"))

OWN_LANGUAGE: Final = {"name": 1.0, "synonym": 0.98}
OTHER_LANGUAGE: Final = 0.7
EXPLAINED: Final = 0.5  # share of the score that depends on how much of the text a phrase explains
HEAD: Final = 1.4  # the first word that says something is the head of a French title
LEAST_SAID: Final = 0.5  # a phrase less than half said is not meant
BROADER: Final = 0.004  # between equals the broader category is the safer one
SLIP: Final = 0.5  # Dice coefficient of trigrams from which a word counts as a misspelling
COMPLETED: Final = 0.8
SHORTEST_SLIP: Final = 4
SHORTEST_BEGINNING: Final = 3
CANDIDATES: Final = 4


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category with its confidence, 0 to 1, and the phrase of the vocabulary that brought it."""

    category: Category
    score: float
    phrase: str


@dataclass(slots=True)
class _Phrase:
    text: str
    category_id: str
    stems: frozenset[str]
    trust: float
    weight: float = 0.0


@dataclass(slots=True)
class _Index:
    phrases: list[_Phrase]
    by_stem: dict[str, list[int]]
    rarity: dict[str, float]
    words: list[str]
    stem_of: dict[str, str]
    by_trigram: dict[str, list[int]]
    usual_rarity: float = field(default=1.0)


def suggest(text: str, language: str = "fr", limit: int = 5) -> list[Suggestion]:
    """The categories a text speaks of, most likely first; empty when none is likely."""
    index = _index("en" if language.startswith("en") else "fr")
    meant = _meant(text, language, index)
    said: dict[int, float] = {}
    for position, (stem, sureness) in enumerate(meant):
        pull = index.rarity[stem] * sureness
        for number in index.by_stem[stem]:
            said[number] = said.get(number, 0.0) + pull
        del position
    total = _pull_of_text(text, language, index)
    best: dict[str, tuple[float, str]] = {}
    for number, pull in said.items():
        phrase = index.phrases[number]
        coverage = pull / phrase.weight
        if coverage < LEAST_SAID:
            continue
        score = phrase.trust * min(coverage, 1.0) * (1 - EXPLAINED + EXPLAINED * min(pull / total, 1.0))
        if score > best.get(phrase.category_id, (0.0, ""))[0]:
            best[phrase.category_id] = (score, phrase.text)
    known = categories()
    found = (Suggestion(known[found_id], round(score, 4), phrase) for found_id, (score, phrase) in best.items())
    return nlargest(limit, found, key=lambda one: (one.score - BROADER * one.category.level, one.category.id))


def _pull_of_text(text: str, language: str, index: _Index) -> float:
    said = {stem for stem in stems(text, language) if stem not in NOISE}
    return sum(index.rarity.get(stem, index.usual_rarity / 2) for stem in said) or 1.0


def _meant(text: str, language: str, index: _Index) -> list[tuple[str, float]]:
    """Stems of the index that the text says, each once, with how sure it is that it says them."""
    meant: dict[str, float] = {}
    said = words(text)
    for position, word in enumerate(said):
        for stem, sureness in _readings(word, language, index, last=position == len(said) - 1):
            meant[stem] = max(meant.get(stem, 0.0), sureness)
    return list(meant.items())


def _readings(word: str, language: str, index: _Index, *, last: bool) -> Iterator[tuple[str, float]]:
    for stem in stems(word, language):
        if stem in NOISE:
            continue
        if stem in index.rarity:
            yield stem, 1.0
        elif last and len(word) >= SHORTEST_BEGINNING and (completed := _completions(word, index)):
            yield from completed
        elif len(word) >= SHORTEST_SLIP:
            yield from _slips(word, index)


def _completions(word: str, index: _Index) -> list[tuple[str, float]]:
    start = bisect_left(index.words, word)
    found: dict[str, float] = {}
    for candidate in index.words[start : start + CANDIDATES]:
        if candidate.startswith(word):
            found[index.stem_of[candidate]] = COMPLETED
    return list(found.items())


def _slips(word: str, index: _Index) -> list[tuple[str, float]]:
    grams = trigrams(word)
    shared = Counter(number for gram in grams for number in index.by_trigram.get(gram, ()))
    close: list[tuple[float, str]] = []
    for number, common in shared.items():
        candidate = index.words[number]
        likeness = 2 * common / (len(grams) + len(candidate))
        if likeness >= SLIP:
            close.append((likeness, index.stem_of[candidate]))
    return [(stem, likeness) for likeness, stem in nlargest(CANDIDATES, close)]


def trigrams(word: str) -> set[str]:
    """The runs of three letters of a word marked at its beginning and end."""
    marked = f"^{word}$"
    return {marked[start : start + 3] for start in range(len(marked) - 2)}


@cache
def _index(language: str) -> _Index:
    phrases = [phrase for entry in categories().values() for phrase in _phrases(entry, language)]
    by_stem: dict[str, list[int]] = {}
    for number, phrase in enumerate(phrases):
        for stem in phrase.stems:
            by_stem.setdefault(stem, []).append(number)
    spread = {stem: len({phrases[number].category_id for number in numbers}) for stem, numbers in by_stem.items()}
    rarity = {stem: log(1 + len(categories()) / count) for stem, count in spread.items()}
    for phrase in phrases:
        phrase.weight = sum(rarity[stem] for stem in phrase.stems)
    stem_of = _words_of(phrases, language)
    vocabulary = sorted(stem_of)
    by_trigram: dict[str, list[int]] = {}
    for number, word in enumerate(vocabulary):
        for gram in trigrams(word):
            by_trigram.setdefault(gram, []).append(number)
    usual = sorted(rarity.values())[len(rarity) // 2]
    return _Index(phrases, by_stem, rarity, vocabulary, stem_of, by_trigram, usual)


def _phrases(entry: Category, language: str) -> Iterator[_Phrase]:
    french = [(entry.name_fr, "name"), *((synonym, "synonym") for synonym in entry.synonyms)]
    english = [(entry.name_en, "name"), *((synonym, "synonym") for synonym in entry.synonyms_en)]
    own, other = (english, french) if language == "en" else (french, english)
    trusts = [(text, OWN_LANGUAGE[role]) for text, role in own] + [(text, OTHER_LANGUAGE) for text, _ in other]
    seen: set[frozenset[str]] = set()
    for text, trust in trusts:
        said = frozenset(stems(text, language)) - NOISE
        if said and said not in seen:
            seen.add(said)
            yield _Phrase(text, entry.id, said, trust)


def _words_of(phrases: list[_Phrase], language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for phrase in phrases:
        for word in words(phrase.text):
            for stem in stems(word, language):
                if stem in phrase.stems:
                    found[word] = stem
    return found


def warm_up() -> None:
    """Builds both indexes, so that the first person who types does not wait for them."""
    _index("fr")
    _index("en")
