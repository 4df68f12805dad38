"""The tokens by which two sides find each other: whatever can make a pair relevant makes them share a token.

`c:` a category, `e:` the subchapter of a waste code, `p:` the group of a CPV code, `w:` a telling stem. What a row
keeps is plain; what a query asks is widened by the categories near enough to be relevant by themselves.
"""

from collections.abc import Iterable, Iterator
from functools import cache

from services.matching.ranking.finding import meanings
from services.matching.ranking.sides import Demand, Side, Supply
from services.matching.ranking.weights import weights
from services.matching.ranking.words import telling
from shared.events.reasons import Feature
from shared.vocabulary import categories, category, expand, proximity, stems, words

# Shorter shared prefixes stay under the floor of the code feature (a test walks through all of them).
EWC_PREFIX, CPV_PREFIX = 4, 3


def kept_by_demand(demand: Demand) -> list[str]:
    """What a demand is found by."""
    return sorted({*_categories(demand), *_codes(demand.ewc, demand.cpv), *_words(demand)})


def kept_by_supply(supply: Supply) -> list[str]:
    """What a supply is found by: also the codes of its categories, which may stand for codes it does not name."""
    implied = [category(each) for each in supply.categories]
    ewc = (*supply.ewc, *(code for each in implied for code in each.ewc))
    cpv = (*supply.cpv, *(code for each in implied for code in each.cpv))
    return sorted({*_categories(supply), *_codes(ewc, cpv), *_words(supply)})


def asked(kept: Iterable[str]) -> list[str]:
    """The same tokens with every category near one of theirs."""
    found: set[str] = set()
    for token in kept:
        found.update(near(token[2:]) if token.startswith("c:") else (token,))
    return sorted(found)


@cache
def near(category_id: str) -> frozenset[str]:
    """Tokens of the categories whose proximity alone makes a pair relevant."""
    floor = weights().relevance[Feature.CATEGORY]
    return frozenset(f"c:{each}" for each in categories() if proximity(category_id, each) >= floor)


def _categories(side: Side) -> Iterator[str]:
    return (f"c:{each}" for each in (*side.categories, *side.inferred))


def _codes(ewc: Iterable[str], cpv: Iterable[str]) -> Iterator[str]:
    yield from (f"e:{code[:EWC_PREFIX]}" for code in ewc)
    yield from (f"p:{code[:CPV_PREFIX]}" for code in cpv)


def _words(side: Side) -> Iterator[str]:
    return (f"w:{stem}" for stem in side.words)


def searchable(side: Side, *names: str | None) -> list[str]:
    """What the search box finds: telling stems, synonyms of the categories, the plain words of names and places, and
    what the title means.
    """
    named = " ".join(name for name in (side.place.commune_name, side.place.label, *names) if name)
    synonyms = (stem for stem in expand(side.categories) if telling(stem))
    plain = {*side.words, *synonyms, *stems(side.title), *stems(named), *words(named)}
    return sorted(plain | meanings(side.found))
