"""The substitution graph asked: what something may become, and which divisions of NACE take it as an input.

Most exchanges between industries leave the family of the material, so that no code prefix finds them; the edges of
`substitutions.toml` do. They are written by hand from the practice of the trade.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from shared.vocabulary.crosswalk import by_ewc, plain_code
from shared.vocabulary.exchange_graph import Outlet, edges_by_code, in_family, of_code, weaker
from shared.vocabulary.suggesting import suggest
from shared.vocabulary.tree import category

__all__ = ["PRIOR", "Outlet", "outlets", "receiving_divisions"]

FROM_CODE: Final = 0.6  # an edge of a waste code is a hint about each of its categories
# How much the edges of a code's beginning say, by its length: the chapter tells the trade, six digits the material.
PREFIXES: Final[Mapping[int, float]] = MappingProxyType({2: 0.6, 4: 0.65, 6: 0.85})
FROM_TEXT: Final = 1.0
OF_A_PART: Final = 0.8  # a phrase of the text, read by itself
OF_THE_CODES_CATEGORIES: Final = 0.35
PLACES: Final = (1.0, 0.6, 0.55, 0.5, 0.45)  # what an edge says of its divisions: the best, and the others alike
SUGGESTIONS, SUGGESTIONS_OF_A_PART = 5, 2
# A sure voice makes a division so many times likelier than it is at large. Where somebody gave a code, a text only
# refines what the code says: it is read by machine, the code was chosen. The prior counts a little less than it says,
# because the divisions of a country are not those of a territory.
WEIGHT: Final = 30.0
WEIGHT_BESIDE_A_CODE: Final = 6.0
TEMPER: Final = 0.8
SUREST: Final = 0.95
# What takes secondary materials at all, whatever they are: industries of minerals, chemistry and metals first, then
# farming, energy, waste, food. An estimate from the trade, not a count.
PRIOR: Final[Mapping[str, float]] = MappingProxyType(
    {
        **{"23": 0.18, "20": 0.16, "24": 0.11, "01": 0.10, "35": 0.09, "38": 0.06, "10": 0.05, "17": 0.04, "22": 0.04},
        **{"42": 0.03, "16": 0.03, "41": 0.03, "36": 0.02, "19": 0.02, "43": 0.01, "37": 0.01, "13": 0.01, "31": 0.01},
        **{"25": 0.01, "11": 0.01, "32": 0.01, "03": 0.01, "15": 0.005},
    }
)
PRIOR_OF_OTHERS: Final = 0.004
# Registers write several codes in one field, and marks of their own behind them.
_CODES: Final = re.compile(r"\d{6}|\d{4}|\d{2}")
_PARTS: Final = re.compile(r"[,;:()/]|\s(?:and|from|or|of|for|with|et|ou|pour|issus? de|provenant de)\s")


@cache
def outlets(category_id: str) -> tuple[Outlet, ...]:
    """What something of this category may become, surest first: its own edges, its family's, those of its codes."""
    best: dict[str | tuple[str, ...], Outlet] = {}
    for outlet in _reachable(category_id):
        leads_to = outlet.to or outlet.divisions
        known = best.get(leads_to)
        if outlet.to != category_id and (known is None or known.strength < outlet.strength):
            best[leads_to] = outlet
    return tuple(sorted(best.values(), key=lambda outlet: -outlet.strength))


def _reachable(category_id: str) -> Iterator[Outlet]:
    yield from in_family(category_id)
    for code in category(category_id).ewc:
        yield from (weaker(outlet, FROM_CODE) for outlet in of_code(code))


def receiving_divisions(text: str, ewc: str | None, language: str = "en", limit: int = 5) -> list[tuple[str, float]]:
    """The two-digit divisions of NACE most likely to take what a text and its waste code describe, with their shares.

    The code and the text are two witnesses: each says through its edges how strongly it speaks for a division, and a
    prior of what takes secondary materials at all decides where neither knows better. Shares of all divisions sum to 1.
    """
    by_code, by_text = _voices(_told_by_code(ewc)), _voices(_told_by_text(text, language))
    weight_of_text = WEIGHT_BESIDE_A_CODE if by_code else WEIGHT
    likely = {
        division: PRIOR.get(division, PRIOR_OF_OTHERS) ** TEMPER
        * (1 + WEIGHT * by_code.get(division, 0.0))
        * (1 + weight_of_text * by_text.get(division, 0.0))
        for division in {*PRIOR, *by_code, *by_text}
    }
    total = sum(likely.values())
    ranked = sorted(likely.items(), key=lambda one: (-one[1], one[0]))
    return [(division, round(weight / total, 4)) for division, weight in ranked[:limit]]


def _voices(told: Iterable[tuple[Outlet, float]]) -> dict[str, float]:
    """How strongly edges speak for each division together, 0 to 1: independent voices add up, none is certain."""
    voices: dict[str, float] = {}
    for outlet, worth in told:
        voice = min(outlet.strength * worth, SUREST)
        for place, division in zip(PLACES, outlet.divisions, strict=False):
            voices[division] = 1 - (1 - voices.get(division, 0.0)) * (1 - voice * place)
    return voices


def _told_by_code(ewc: str | None) -> Iterator[tuple[Outlet, float]]:
    for code in _CODES.findall(plain_code(ewc or "", "ewc")):
        for length, worth in PREFIXES.items():
            if len(code) >= length:
                yield from ((outlet, worth) for outlet in edges_by_code().get(code[:length], ()))
        held = by_ewc(code)
        for entry in held:
            yield from ((outlet, OF_THE_CODES_CATEGORIES / len(held)) for outlet in in_family(entry.id))


def _told_by_text(text: str, language: str) -> Iterator[tuple[Outlet, float]]:
    for category_id, sureness in _meant(text, language).items():
        yield from ((outlet, sureness) for outlet in in_family(category_id))


def _meant(text: str, language: str) -> dict[str, float]:
    """Categories a text speaks of, as a whole and phrase by phrase, with how sure that is."""
    found: dict[str, float] = {}
    parts = [part for part in _PARTS.split(text) if part.strip()]
    readings = [(text, FROM_TEXT, SUGGESTIONS), *((part, OF_A_PART, SUGGESTIONS_OF_A_PART) for part in parts)]
    for reading, worth, limit in readings:
        for suggestion in suggest(reading, language, limit):
            if suggestion.category.kind in {"material", "product"}:
                known = found.get(suggestion.category.id, 0.0)
                found[suggestion.category.id] = max(known, suggestion.score * worth)
    return found
