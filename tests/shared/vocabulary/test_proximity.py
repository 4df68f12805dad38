"""Proximity of categories: symmetric, 1 only for the same, ordered by kinship in the tree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.vocabulary import CategoryUnknown, categories, proximity

ids = st.sampled_from(sorted(categories()))


@given(ids, ids)
def test_proximity_is_symmetric_and_one_only_for_the_same(a: str, b: str) -> None:
    assert proximity(a, b) == proximity(b, a)
    assert 0 <= proximity(a, b) <= 1
    assert (proximity(a, b) == 1) == (a == b)


@settings(deadline=None)  # one against a thousand
@given(ids)
def test_the_parent_is_nearer_than_anything_not_of_the_family(a: str) -> None:
    entry = categories()[a]
    if entry.parent:
        assert proximity(a, entry.parent) == 0.8
        root = categories()[entry.parent]
        strangers = [other for other in categories().values() if other.kind != root.kind]
        assert all(proximity(a, other.id) < 0.8 for other in strangers)


def test_kinship_in_the_tree_orders_proximity() -> None:
    parent = proximity("desks", "office-furniture")
    sibling = proximity("desks", "office-chairs")
    grandparent = proximity("desks", "furniture")
    cousin = proximity("desks", "sofas")
    stranger = proximity("desks", "guarding")
    assert 1 > parent > sibling >= grandparent > cousin > stranger == 0


def test_what_treats_a_material_is_near_it() -> None:
    assert proximity("wooden-pallets", "wood-collection") == 0.7
    assert proximity("wooden-pallets", "pallet-repair") >= 0.7
    assert proximity("coffee-grounds", "mushrooms") >= 0.7
    assert proximity("kitchen-waste", "composting") >= 0.7


def test_shared_codes_bring_categories_of_different_families_nearer() -> None:
    assert proximity("kitchen-waste", "food-surplus") == pytest.approx(0.6)
    assert 0 < proximity("reception", "call-centre") < 1
    assert proximity("lifts", "funeral") == 0


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(CategoryUnknown):
        proximity("desks", "no-such-thing")
