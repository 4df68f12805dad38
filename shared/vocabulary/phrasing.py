"""What a text says, by a list of phrases that each stand for something (a category, a code, a kind of thing).

A phrase counts by how much of it the text says, then by how much of the text it explains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Final

from shared.vocabulary.kinship import kin
from shared.vocabulary.slips import WordList
from shared.vocabulary.text import stems, words

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

EXPLAINED: Final = 0.5  # share of the score that depends on how much of the text a phrase explains
HEAD: Final = 1.6  # the first word that says something is the head of a French title
LEAST_SAID: Final = 0.5  # a phrase less than half said is not meant
KIN: Final = 0.85  # a word of the same family, for the word itself
# What follows says where, when or for whom ("poser du lino dans la crèche"), not what.
WHERE: Final = frozenset(words("dans pour chez avant après auprès lors pendant depuis for in at within during"))
CIRCUMSTANCE: Final = 0.6
NUMBERLESS: Final = 0.5  # what an unknown word of the text weighs beside a usual one
SHORTEST_SLIP: Final = 5
SHORTEST_BEGINNING: Final = 3
CACHED_WORDS: Final = 16_384


@dataclass(slots=True)
class Phrase:
    """Words that stand for `owner`; `foreign` ones are never completed nor taken for a misspelt word's meaning."""

    text: str
    owner: str
    stems: frozenset[str]
    trust: float
    foreign: bool = False
    weight: float = 0.0


# Per stem of a phrase what the text says of it: plainly, and with the head of the text counting more.
_Said = dict[str, tuple[float, float]]


class PhraseIndex:
    """Phrases of one language by their stems."""

    def __init__(self, phrases: Iterable[Phrase], language: str) -> None:
        self.language = language
        self.phrases = list(phrases)
        self.by_stem: dict[str, list[int]] = {}
        for number, phrase in enumerate(self.phrases):
            for stem in phrase.stems:
                self.by_stem.setdefault(stem, []).append(number)
        self.rarity = self._rarity()
        for phrase in self.phrases:
            phrase.weight = sum(self.rarity[stem] for stem in phrase.stems)
        self._usual = sorted(self.rarity.values())[len(self.rarity) // 2]
        stem_of = self._stem_of()
        self._own_stems = frozenset(stem_of.values())
        self._words = WordList(stem_of)
        # Of an unknown word all that resemble it are looked at, and people write the same words again and again.
        self._read = lru_cache(maxsize=CACHED_WORDS)(self._stands_for)

    def likely(self, text: str) -> dict[str, tuple[float, str]]:
        """Per owner the score of its best phrase, 0 to 1, and that phrase."""
        said, emphasis = self._said(text)
        best: dict[str, tuple[float, str]] = {}
        for number, about in said.items():
            phrase = self.phrases[number]
            coverage = sum(pull for pull, _ in about.values()) / phrase.weight
            if coverage < LEAST_SAID:
                continue
            explained = min(sum(stressed for _, stressed in about.values()) / emphasis, 1.0)
            score = phrase.trust * coverage * (1 - EXPLAINED + EXPLAINED * explained)
            if score > best.get(phrase.owner, (0.0, ""))[0]:
                best[phrase.owner] = (score, phrase.text)
        return best

    def meant(self, text: str) -> Iterator[dict[str, float]]:
        """For each word that says something, once: the stems it may stand for, with how sure that is."""
        seen: set[str] = set()
        said = words(text)
        sureness = 1.0
        for position, word in enumerate(said):
            if word in WHERE and seen:
                sureness = CIRCUMSTANCE
            for stem in stems(word, self.language):
                if stem not in NOISE and stem not in seen:
                    seen.add(stem)
                    readings = self.readings(word, stem, last=position == len(said) - 1)
                    yield {each: sure * sureness for each, sure in readings.items()}

    def readings(self, word: str, stem: str, *, last: bool = False) -> Mapping[str, float]:
        """The stems a word may stand for: itself, its kin; for the unknown its completions and what it is a slip of."""
        return self._read(word, stem, last)

    def _stands_for(self, word: str, stem: str, last: bool) -> Mapping[str, float]:
        relatives = kin(self.language).get(stem, ())
        known = {relative: KIN for relative in relatives if relative in self.rarity}
        if stem in self.rarity:
            known[stem] = 1.0
        if not self._own_stems.isdisjoint(known):
            return known
        if last and len(word) >= SHORTEST_BEGINNING and (completed := self._words.completions(word)):
            return known | completed
        return known | self._words.meant(word) if len(word) >= SHORTEST_SLIP else known

    def _said(self, text: str) -> tuple[dict[int, _Said], float]:
        """Per phrase what the text says of it, and the emphasis of the whole text."""
        said: dict[int, _Said] = {}
        total = 0.0
        emphasis = HEAD
        for readings in self.meant(text):
            for stem, sureness in readings.items():
                pull = self.rarity[stem] * sureness
                for number in self.by_stem[stem]:
                    about = said.setdefault(number, {})
                    if pull > about.get(stem, (0.0, 0.0))[0]:
                        about[stem] = (pull, pull * emphasis)
            total += emphasis * self._weight(readings)
            if readings:
                emphasis = 1.0
        return said, total or 1.0

    def _weight(self, readings: dict[str, float]) -> float:
        """What a word of the text weighs: as much as its surest reading, half a usual word when it has none."""
        if not readings:
            return self._usual * NUMBERLESS
        return self.rarity.get(max(readings, key=lambda stem: readings[stem]), self._usual)

    def _rarity(self) -> dict[str, float]:
        """Per stem how much it tells: the fewer owners say it, the more."""
        every = len({phrase.owner for phrase in self.phrases})
        return {
            stem: log(1 + every / len({self.phrases[number].owner for number in numbers}))
            for stem, numbers in self.by_stem.items()
        }

    def _stem_of(self) -> dict[str, str]:
        """The words that may be completed or misspelt, with their stems."""
        found: dict[str, str] = {}
        for phrase in self.phrases:
            if phrase.foreign:
                continue
            for word in words(phrase.text):
                for stem in stems(word, self.language):
                    if stem in phrase.stems:
                        found[word] = stem
        return found
