"""CPV groups (the first three digits of a public purchase's code) for a free text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.vocabulary.suggesting import suggest

GROUP: Final = 3
LOOKED_AT: Final = 30
LATER: Final = 0.9


@dataclass(frozen=True, slots=True)
class SuggestedGroup:
    """A CPV group with its confidence, 0 to 1."""

    code: str
    score: float


def groups(text: str, language: str = "fr", limit: int = 5) -> list[SuggestedGroup]:
    """The groups a text speaks of, most likely first."""
    best: dict[str, float] = {}
    for found in suggest(text, language, LOOKED_AT):
        score = found.score
        for code in found.category.cpv:
            group = code[:GROUP].ljust(GROUP, "0")
            if group not in best:
                best[group] = score
                score *= LATER
    ordered = sorted(best.items(), key=lambda one: -one[1])
    return [SuggestedGroup(code, score) for code, score in ordered[:limit]]
