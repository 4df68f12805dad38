"""How well rows answer a query, as `ranking.finding.score` says it, for hundreds of them at once."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.index.compiled.rules import proximities
from services.matching.ranking.finding import BY_CATEGORY, OWN_SHARE, WHOLE, WORTH, Sought
from services.matching.search.columns import Columns, category_numbers
from services.matching.search.passes import score_rows
from shared.vocabulary.things import KIND, THING

Array = NDArray[Any]

# Keys as columns number them, -1 for one that no row has: of a word in a title and in a description.
WORD: Final = np.dtype([("titled", "i8"), ("told", "i8"), ("weight", "f8")])
NAMED: Final = np.dtype([("key", "i8"), ("sure", "f8"), ("worth", "f8")])


class Wanted(NamedTuple):
    """A query as the pass reads it; `near` is how near each category is to those of the query, which are so `sure`."""

    words: Array
    whole: float
    kinds: Array
    sures: Array
    near: Array
    whole_key: int
    category_of: Array
    own_share: float
    by_category: float


def wanted_in(columns: Columns, query: Sought) -> Wanted:
    """A query in the numbers that some columns give."""
    key, known = columns.key_number, category_numbers()
    words = [(key(f"w:{stem}"), key(f"d:{stem}"), weight) for stem, weight in query.words.items()]
    kinds = [
        (key(role + each[1:]), min(sure, 1.0), WORTH[each[0] + role])
        for each, sure in query.kinds.items()
        for role in (KIND, THING)
    ]
    return Wanted(
        words=np.array(words, dtype=WORD),
        whole=query.whole,
        kinds=np.array(kinds, dtype=NAMED),
        sures=np.array([*query.categories.values()], dtype=np.float64),
        near=proximities()[[known[each] for each in query.categories]],
        whole_key=key(WHOLE),
        category_of=columns.category_of,
        own_share=OWN_SHARE,
        by_category=BY_CATEGORY,
    )


def scores_of(columns: Columns, query: Sought, slots: Array) -> Array:
    """The score of each."""
    scores = np.zeros(len(slots), dtype=np.float64)
    if len(slots):
        score_rows(columns.records, columns.pool, slots, wanted_in(columns, query), scores)
    return scores
