"""Everyday names of things: typed into the search box, do they find the product they mean, also with one slip?

The products are kept as an offer of that title would be; the names under test are never indexed.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import NamedTuple

from deploy.evaluation.figures import SEED
from deploy.evaluation.sets import NAMES, PRODUCTS, Figures, rows
from services.matching.ranking.finding import Described, described, score, sought

DEPTHS = (1, 5, 10)
SHORTEST_WITH_SLIP = 5
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def measure(folder: Path) -> Figures:
    """Recall of the one product that each name stands for."""
    names = [(row["query"], row["product"]) for row in rows(folder, NAMES)]
    products = {row["product"]: described(row["product"]) for row in rows(folder, PRODUCTS)}
    random = Random(SEED)  # noqa: S311 - the same slips each time, no secret
    places = [_place(name, product, products) for name, product in names]
    slips = [_place(with_slip(name, random), product, products) for name, product in names]
    return Figures(
        n=len(names),
        cases={
            **{f"recall@{at}": [place.within(at) for place in places] for at in DEPTHS},
            f"typo_recall@{DEPTHS[-1]}": [place.within(DEPTHS[-1]) for place in slips],
        },
    )


class Place(NamedTuple):
    """How many products come before the right one, and how many share its score."""

    before: float
    equals: int

    def within(self, depth: int) -> float:
        """The chance that it is among the first so many, equals being in any order."""
        return max(0.0, min(1.0, (depth - self.before) / (self.equals + 1)))


def _place(name: str, product: str, products: dict[str, Described]) -> Place:
    query = sought(name)
    own = score(query, products[product])
    if not own:
        return Place(float("inf"), 0)
    others = [score(query, found) for other, found in products.items() if other != product]
    return Place(sum(other > own for other in others), sum(other == own for other in others))


def with_slip(text: str, random: Random) -> str:
    """The text with one letter swapped, dropped, doubled or replaced in a word of five letters or more."""
    said = text.split(" ")
    long = [number for number, word in enumerate(said) if len(word) >= SHORTEST_WITH_SLIP]
    if not long:
        return text
    number = random.choice(long)
    word, at = said[number], random.randrange(1, len(said[number]) - 1)
    said[number] = random.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + random.choice(LETTERS) + word[at + 1 :],
        )
    )
    return " ".join(said)
