"""Which words of a text tell something, and how much: stems weighed by how few categories of the vocabulary use them.

The document frequencies are the vocabulary's own (its categories are the documents), not those of the offers held: they
are the same in every replica and on every day, so a score can be computed again. The price is that a word which the
vocabulary lacks gets one flat weight.
"""

import re
from collections import Counter
from functools import cache
from math import log

from shared.vocabulary import categories, expand, stems
from shared.vocabulary.suggesting import NOISE

TITLE, DESCRIPTION, SYNONYM = 1.0, 0.5, 0.7
UNKNOWN_WORD = 0.7
SHORTEST_UNKNOWN = 4
# Of a long text the heaviest words, the first of equals: all that the index keeps of it.
MOST_WORDS = 64
LEAST_TELLING = 0.43  # a stem of more than about 43 of 750 categories says nothing

_WRITTEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@cache
def _frequencies() -> Counter[str]:
    frequencies: Counter[str] = Counter()
    for category_id in categories():
        frequencies.update(expand([category_id]))
    return frequencies


def warm_up() -> None:
    """Read the vocabulary now: a fifth of a second that the first event shall not wait for."""
    _frequencies()


def telling(stem: str) -> float:
    """0 for a stem that says nothing, up to 1 for one that a single category uses."""
    if stem in NOISE:
        return 0.0
    frequency = _frequencies()[stem]
    if frequency == 0:
        return UNKNOWN_WORD if len(stem) >= SHORTEST_UNKNOWN else 0.0
    weight = 1 - log(frequency) / log(len(categories()))
    return weight if weight >= LEAST_TELLING else 0.0


def weigh(title: str, description: str, *, synonyms_of: tuple[str, ...] = (), without: str = "") -> dict[str, float]:
    """Each telling stem with its best weight over the fields; the stems of `without` (a place's name) are left out."""
    weights: dict[str, float] = {}
    for found, field in (
        (expand(synonyms_of), SYNONYM),
        (stems(description), DESCRIPTION),
        (stems(title), TITLE),
    ):
        for stem in found:
            weights[stem] = max(weights.get(stem, 0.0), field)
    unwanted = set(stems(without))
    told = {stem: round(field * telling(stem), 3) for stem, field in weights.items() if stem not in unwanted}
    heaviest = sorted(told.items(), key=lambda word: -word[1])[:MOST_WORDS]
    return {stem: weight for stem, weight in heaviest if weight > 0}


def spelling(*texts: str) -> dict[str, str]:
    """How each stem was written first, accents and capitals kept; only stems of whole words."""
    written: dict[str, str] = {}
    for text in texts:
        for word in _WRITTEN.findall(text):
            for stem in stems(word):
                written.setdefault(stem, word.lower())
    return written
