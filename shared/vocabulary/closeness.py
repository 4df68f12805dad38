"""How near two categories are: by the tree, declared relations, exchanges seen between them, and shared codes."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from shared.vocabulary.crosswalk import CodeScheme, code_overlap
from shared.vocabulary.entry import Category
from shared.vocabulary.exchange_graph import joined
from shared.vocabulary.tree import ancestors, category

PARENT: Final = 0.8
SIBLINGS: Final = 0.6
GRANDPARENT: Final = 0.6
SAME_ROOT: Final = 0.35
ROOT_SIBLINGS: Final = 0.0
RELATED: Final = 0.7
# An edge of the substitution graph, times its strength: what the surest becomes is as near as parent and child.
SUBSTITUTES: Final = 0.8
# Codes alone never say more than the tree says of siblings: a prefix is a hint, not a promise.
SHARED_CODES: Final[dict[CodeScheme, float]] = {"ewc": 0.6, "cpv": 0.5, "naf": 0.4}
CACHED_PAIRS: Final = 65_536
CACHED_DIVISIONS: Final = 4_096


def proximity(a: str, b: str) -> float:
    """0 to 1: 1 for the same category, 0.8 parent and child, 0.7 related, 0.6 siblings, an edge by its strength;
    the same both ways.
    """
    return _proximity(a, b) if a <= b else _proximity(b, a)


@lru_cache(maxsize=CACHED_PAIRS)
def _proximity(a: str, b: str) -> float:
    first, second = category(a), category(b)
    if a == b:
        return 1.0
    related = RELATED if b in first.related or a in second.related else 0.0
    return max(_in_tree(first, second), related, SUBSTITUTES * joined(a, b), _by_codes(first, second))


def _in_tree(a: Category, b: Category) -> float:
    if a.parent == b.id or b.parent == a.id:
        return PARENT
    above_a, above_b = ancestors(a.id), ancestors(b.id)
    if a.id in above_b or b.id in above_a:
        return GRANDPARENT
    if a.parent is not None and a.parent == b.parent:
        return SIBLINGS
    if above_a and above_b and above_a[-1] == above_b[-1]:
        return SAME_ROOT
    return ROOT_SIBLINGS


def _by_codes(a: Category, b: Category) -> float:
    return max(
        SHARED_CODES["ewc"] * _best_overlap(a.ewc, b.ewc, "ewc"),
        SHARED_CODES["cpv"] * _best_overlap(a.cpv, b.cpv, "cpv"),
        SHARED_CODES["naf"] * _best_overlap(a.naf, b.naf, "naf"),
    )


def _best_overlap(a: tuple[str, ...], b: tuple[str, ...], scheme: CodeScheme) -> float:
    if _divisions(a).isdisjoint(_divisions(b)):
        return 0.0
    return max((code_overlap(left, right, scheme) for left in a for right in b), default=0.0)


@lru_cache(maxsize=CACHED_DIVISIONS)
def _divisions(codes: tuple[str, ...]) -> frozenset[str]:
    """The first two digits: codes that do not share them share nothing, and most pairs end here."""
    return frozenset(code[:2] for code in codes)
