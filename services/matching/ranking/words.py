"""Which words of a text tell something, and how much: stems weighed by how few categories of the vocabulary use them.

The document frequencies are the vocabulary's own (its categories are the documents), not those of the offers held: they
are the same in every replica and on every day, so a score can be computed again. The price is that a word which the
vocabulary lacks gets one flat weight.
"""

import re
from collections import Counter
from functools import cache
from math import log

from shared.vocabulary import categories, expand, stems, things
from shared.vocabulary.phrasing import NOISE
from shared.vocabulary.senses import told_apart
from shared.vocabulary.suggesting import phrases_of_categories

TITLE, DESCRIPTION, SYNONYM = 1.0, 0.5, 0.7
UNDECIDED = 0.5
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
    """Read the vocabulary now: half a second that the first event shall not wait for."""
    _frequencies()
    things.warm_up()
    phrases_of_categories("fr")


def telling(stem: str) -> float:
    """0 for a stem that says nothing, up to 1 for one that a single category uses."""
    if stem in NOISE:
        return 0.0
    frequency = _frequencies()[stem]
    if frequency == 0:
        return UNKNOWN_WORD if len(stem) >= SHORTEST_UNKNOWN else 0.0
    weight = 1 - log(frequency) / log(len(categories()))
    return weight if weight >= LEAST_TELLING else 0.0


def weigh(
    title: str,
    description: str,
    *,
    synonyms_of: tuple[str, ...] = (),
    meant: tuple[str, ...] = (),
    without: str = "",
) -> dict[str, float]:
    """Each telling stem with its best weight over the fields; the stems of `without` (a place's name) are left out.

    A word of several meanings is told apart by the words beside it or the categories (`synonyms_of`, `meant`); while
    nothing decides it counts half, in each of its senses.
    """
    weights: dict[str, float] = {}
    for found, field in (
        (expand(synonyms_of), SYNONYM),
        (stems(description), DESCRIPTION),
        (stems(title), TITLE),
    ):
        for stem in found:
            weights[stem] = max(weights.get(stem, 0.0), field)
    unwanted = set(stems(without))
    said = frozenset((*stems(title), *stems(description)))
    told: dict[str, float] = {}
    for stem, field in weights.items():
        weight = field * telling(stem)
        if stem not in unwanted and weight > 0:
            keys = told_apart(stem, said, (*synonyms_of, *meant))
            told |= {key: round(weight if len(keys) == 1 else weight * UNDECIDED, 3) for key in keys}
    return dict(sorted(told.items(), key=lambda word: -word[1])[:MOST_WORDS])


def spelling(*texts: str) -> dict[str, str]:
    """How each stem was written first, accents and capitals kept; only stems of whole words."""
    written: dict[str, str] = {}
    for text in texts:
        for word in _WRITTEN.findall(text):
            for stem in stems(word):
                for key in (stem, *told_apart(stem, ())):
                    written.setdefault(key, word.lower())
    return written
