"""Categories for a free text, typed by somebody or imported: stems and synonyms, n-grams for slips only.

A phrase (a name or synonym) counts by how much of it the text says, then by how much of the text it explains.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from math import log
from typing import Final

from shared.vocabulary.entry import Category
from shared.vocabulary.kinship import kin
from shared.vocabulary.text import stems, words
from shared.vocabulary.tree import categories

# Words of the trade itself: they say that something is sought or given, never what.
NOISE: Final = frozenset(
    stems(
        """
        accord-cadre achat acheter acquisition acquérir annonce annuel appel attribution bail besoin bonjour bon
        bons cadre cause cherche cherchons commande commune compte concernant concession consultation contrat
        délégation département destiné disposition divers diverse donne donner donnons durée échange état
        exécution exploitation fournir fourniture fournisseur gestion gratuit installation lot marché merci
        métropole mise mission objet occasion offre opération petit place pluriannuel premier prestataire
        prestation procédure projet proposer propose public réalisation recherche recherchons récupérer région
        relatif relative renouvellement reprise revendre service site souhaite syndicat titre tranche type
        unique urgent usage vend vendre vends vente vieille vieux ville
        """
    )
) | frozenset(stems("buy looking need needed old provide providing provision sell supply want wanted", "en"))

OWN_LANGUAGE: Final = {"name": 1.0, "synonym": 0.98}
OTHER_LANGUAGE: Final = 0.7
EXPLAINED: Final = 0.5  # share of the score that depends on how much of the text a phrase explains
HEAD: Final = 1.6  # the first word that says something is the head of a French title
LEAST_SURE: Final = 0.4  # below, one suggestion in ten was right for the titles of public notices
SURE: Final = 0.6  # from here two in three were right when first: enough for an import that nobody watches
LEAST_SAID: Final = 0.5  # a phrase less than half said is not meant
BROADER: Final = 0.004  # between equals the broader category is the safer one
KIN: Final = 0.85  # a word of the same family, for the word itself
NUMBERLESS: Final = 0.5  # what an unknown word of the text weighs beside a usual one
SHARED_LETTERS: Final = 0.4  # Dice coefficient of trigrams from which a word is looked at as a misspelling
SLIP: Final = 0.7  # share of letters that must be right
COMPLETED: Final = 0.8
SHORTEST_SLIP: Final = 5
SHORTEST_BEGINNING: Final = 3
LOOKED_AT: Final = 12
CANDIDATES: Final = 3


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


@dataclass(frozen=True, slots=True)
class _Index:
    language: str
    phrases: list[_Phrase]
    by_stem: dict[str, list[int]]
    rarity: dict[str, float]
    usual_rarity: float
    words: list[str]
    stem_of: dict[str, str]
    own_stems: frozenset[str]
    by_trigram: dict[str, list[int]]


# Per stem of a phrase what the text says of it: plainly, and with the head of the text counting more.
_Said = dict[str, tuple[float, float]]


def suggest(text: str, language: str = "fr", limit: int = 5) -> list[Suggestion]:
    """The categories a text speaks of, most likely first; empty when none is likely."""
    index = _index("en" if language.startswith("en") else "fr")
    said, emphasis = _said(text, index)
    known = categories()
    best: dict[str, tuple[float, str]] = {}
    for number, about in said.items():
        phrase = index.phrases[number]
        coverage = sum(pull for pull, _ in about.values()) / phrase.weight
        if coverage < LEAST_SAID:
            continue
        explained = min(sum(stressed for _, stressed in about.values()) / emphasis, 1.0)
        score = phrase.trust * coverage * (1 - EXPLAINED + EXPLAINED * explained)
        score = round(score - BROADER * known[phrase.category_id].level, 4)
        if score > best.get(phrase.category_id, (LEAST_SURE, ""))[0]:
            best[phrase.category_id] = (score, phrase.text)
    likeliest = nlargest(limit, best.items(), key=lambda one: one[1][0])
    return [Suggestion(known[found], score, phrase) for found, (score, phrase) in likeliest]


def _said(text: str, index: _Index) -> tuple[dict[int, _Said], float]:
    """Per phrase what the text says of it, and the emphasis of the whole text."""
    said: dict[int, _Said] = {}
    total = 0.0
    emphasis = HEAD
    for readings in _meant(text, index):
        for stem, sureness in readings.items():
            pull = index.rarity[stem] * sureness
            for number in index.by_stem[stem]:
                about = said.setdefault(number, {})
                if pull > about.get(stem, (0.0, 0.0))[0]:
                    about[stem] = (pull, pull * emphasis)
        total += emphasis * _weight(readings, index)
        if readings:
            emphasis = 1.0
    return said, total or 1.0


def _weight(readings: dict[str, float], index: _Index) -> float:
    """What a word of the text weighs: as much as its surest reading, half a usual word when it has none."""
    if not readings:
        return index.usual_rarity * NUMBERLESS
    return index.rarity.get(max(readings, key=lambda stem: readings[stem]), index.usual_rarity)


def _meant(text: str, index: _Index) -> Iterator[dict[str, float]]:
    """For each word that says something, once: the stems of the index it may stand for, with how sure that is."""
    seen: set[str] = set()
    said = words(text)
    for position, word in enumerate(said):
        for stem in stems(word, index.language):
            if stem not in NOISE and stem not in seen:
                seen.add(stem)
                yield _readings(word, stem, index, last=position == len(said) - 1)


def _readings(word: str, stem: str, index: _Index, *, last: bool) -> dict[str, float]:
    relatives = kin(index.language).get(stem, ())
    known = {relative: KIN for relative in relatives if relative in index.rarity}
    if stem in index.rarity:
        known[stem] = 1.0
    if known.keys() & index.own_stems:
        return known
    if last and len(word) >= SHORTEST_BEGINNING and (completed := _completions(word, index)):
        return known | completed
    return known | _slips(word, index) if len(word) >= SHORTEST_SLIP else known


def _completions(word: str, index: _Index) -> dict[str, float]:
    start = bisect_left(index.words, word)
    nearest = index.words[start : start + LOOKED_AT]
    return {index.stem_of[candidate]: COMPLETED for candidate in nearest if candidate.startswith(word)}


def _slips(word: str, index: _Index) -> dict[str, float]:
    grams = trigrams(word)
    shared = Counter(number for gram in grams for number in index.by_trigram.get(gram, ()))
    alike: list[tuple[float, str]] = []
    for number, common in shared.items():
        candidate = index.words[number]
        likeness = 2 * common / (len(grams) + len(candidate))
        if likeness >= SHARED_LETTERS:
            alike.append((likeness, candidate))
    close = [(_rightness(word, candidate), candidate) for _, candidate in nlargest(LOOKED_AT, alike)]
    found: dict[str, float] = {}
    for rightness, candidate in nlargest(CANDIDATES, close):
        if rightness >= SLIP:
            found.setdefault(index.stem_of[candidate], rightness)
    return found


def trigrams(word: str) -> set[str]:
    """The runs of three letters of a word marked at its beginning and end."""
    marked = f"^{word}$"
    return {marked[start : start + 3] for start in range(len(marked) - 2)}


def _rightness(written: str, meant: str) -> float:
    """Share of letters that are right: 1 less the edit distance, over the longer of the two words."""
    row = list(range(len(meant) + 1))
    for line, letter in enumerate(written, start=1):
        above, row[0] = row[0], line
        for place, other in enumerate(meant, start=1):
            above, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, above + (letter != other))
    return 1 - row[-1] / max(len(written), len(meant))


@cache
def _index(language: str) -> _Index:
    phrases = [phrase for entry in categories().values() for phrase in _phrases(entry, language)]
    by_stem: dict[str, list[int]] = {}
    for number, phrase in enumerate(phrases):
        for stem in phrase.stems:
            by_stem.setdefault(stem, []).append(number)
    rarity = _rarity(phrases, by_stem)
    for phrase in phrases:
        phrase.weight = sum(rarity[stem] for stem in phrase.stems)
    stem_of = _words_of(phrases, language)
    vocabulary = sorted(stem_of)
    by_trigram: dict[str, list[int]] = {}
    for number, word in enumerate(vocabulary):
        for gram in trigrams(word):
            by_trigram.setdefault(gram, []).append(number)
    usual = sorted(rarity.values())[len(rarity) // 2]
    return _Index(
        language, phrases, by_stem, rarity, usual, vocabulary, stem_of, frozenset(stem_of.values()), by_trigram
    )


def _rarity(phrases: list[_Phrase], by_stem: dict[str, list[int]]) -> dict[str, float]:
    """Per stem how much it tells: the fewer categories say it, the more."""
    every = len(categories())
    return {
        stem: log(1 + every / len({phrases[number].category_id for number in numbers}))
        for stem, numbers in by_stem.items()
    }


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
    """The words that may be completed or misspelt, with their stems: those of the language itself."""
    found: dict[str, str] = {}
    for phrase in phrases:
        if phrase.trust == OTHER_LANGUAGE:
            continue
        for word in words(phrase.text):
            for stem in stems(word, language):
                if stem in phrase.stems:
                    found[word] = stem
    return found


def warm_up() -> None:
    """Builds both indexes, so that the first person who types does not wait for them."""
    _index("fr")
    _index("en")
