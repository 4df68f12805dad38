"""Plain BM25 over stems (Robertson and Zaragoza 2009, k1 1.2, b 0.75): what the ranking is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import log

from shared.vocabulary import stems

K1, B = 1.2, 0.75


class BM25:
    """Documents by name, scored for a text."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self._counts = {name: Counter(stems(text)) for name, text in documents.items()}
        self._lengths = {name: sum(counts.values()) for name, counts in self._counts.items()}
        self._usual = sum(self._lengths.values()) / len(self._lengths)
        held = Counter(stem for counts in self._counts.values() for stem in counts)
        count = len(self._counts)
        self._rarity = {stem: log(1 + (count - of + 0.5) / (of + 0.5)) for stem, of in held.items()}

    def scores(self, text: str) -> dict[str, float]:
        """Every document that shares a stem, with its score."""
        asked = [stem for stem in set(stems(text)) if stem in self._rarity]
        scored = {
            name: sum(self._rarity[stem] * self._part(name, counts[stem]) for stem in asked if stem in counts)
            for name, counts in self._counts.items()
        }
        return {name: score for name, score in scored.items() if score > 0}

    def _part(self, name: str, often: int) -> float:
        return often * (K1 + 1) / (often + K1 * (1 - B + B * self._lengths[name] / self._usual))
