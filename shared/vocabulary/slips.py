"""Words completed while they are typed, and the words a misspelt one may stand for: trigrams, then edit distance."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from heapq import nlargest
from typing import Final

SHARED_LETTERS: Final = 0.4  # Dice coefficient of trigrams from which a word is looked at as a misspelling
SLIP: Final = 0.7  # share of letters that must be right
COMPLETED: Final = 0.8
LOOKED_AT: Final = 12
CANDIDATES: Final = 3


class WordList:
    """Known words with their stems."""

    def __init__(self, stem_of: Mapping[str, str]) -> None:
        self._stem_of = stem_of
        self._words = sorted(stem_of)
        self._by_trigram: dict[str, list[int]] = {}
        for number, word in enumerate(self._words):
            for gram in trigrams(word):
                self._by_trigram.setdefault(gram, []).append(number)

    def completions(self, beginning: str) -> dict[str, float]:
        """Stems of the first words that begin so."""
        start = bisect_left(self._words, beginning)
        nearest = self._words[start : start + LOOKED_AT]
        return {self._stem_of[word]: COMPLETED for word in nearest if word.startswith(beginning)}

    def meant(self, written: str) -> dict[str, float]:
        """Stems of the few words that a misspelt one is nearest to, with the share of letters that is right."""
        grams = trigrams(written)
        shared = Counter(number for gram in grams for number in self._by_trigram.get(gram, ()))
        alike: list[tuple[float, str]] = []
        for number, common in shared.items():
            candidate = self._words[number]
            likeness = 2 * common / (len(grams) + len(candidate))
            if likeness >= SHARED_LETTERS:
                alike.append((likeness, candidate))
        close = [(rightness(written, candidate), candidate) for _, candidate in nlargest(LOOKED_AT, alike)]
        found: dict[str, float] = {}
        for right, candidate in nlargest(CANDIDATES, close):
            if right >= SLIP:
                found.setdefault(self._stem_of[candidate], right)
        return found


def trigrams(word: str) -> set[str]:
    """The runs of three letters of a word marked at its beginning and end."""
    marked = f"^{word}$"
    return {marked[start : start + 3] for start in range(len(marked) - 2)}


def rightness(written: str, meant: str) -> float:
    """Share of letters that are right: 1 less the edit distance, over the longer of the two words."""
    row = list(range(len(meant) + 1))
    for line, letter in enumerate(written, start=1):
        above, row[0] = row[0], line
        for place, other in enumerate(meant, start=1):
            above, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, above + (letter != other))
    return 1 - row[-1] / max(len(written), len(meant))
