"""Everyday names of things: typed into the search box, do they find the product they mean, also with one slip?

The products are kept as an offer of that title would be; the names under test are never indexed.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

from deploy.evaluation.figures import SEED
from deploy.evaluation.sets import NAMES, PRODUCTS, Figures, rows
from services.matching.index.finding import asked, kept, score

DEPTHS = (1, 5, 10)
SHORTEST_WITH_SLIP = 5
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def measure(folder: Path) -> Figures:
    """Recall of the one product that each name stands for."""
    names = [(row["query"], row["product"]) for row in rows(folder, NAMES)]
    products = {row["product"]: kept(row["product"]) for row in rows(folder, PRODUCTS)}
    random = Random(SEED)  # noqa: S311 - the same slips each time, no secret
    places = [_place(name, product, products) for name, product in names]
    slips = [_place(with_slip(name, random), product, products) for name, product in names]
    return Figures(
        n=len(names),
        cases={
            **{f"recall@{at}": [float(place <= at) for place in places] for at in DEPTHS},
            f"typo_recall@{DEPTHS[-1]}": [float(place <= DEPTHS[-1]) for place in slips],
        },
    )


def _place(name: str, product: str, products: dict[str, frozenset[str]]) -> float:
    """The product's place among all; equals share their places, so that no order of the file helps."""
    query = asked(name)
    own = score(query, products[product])
    if not own:
        return float("inf")
    others = [score(query, tokens) for other, tokens in products.items() if other != product]
    return 1 + sum(other > own for other in others) + sum(other == own for other in others) / 2


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
