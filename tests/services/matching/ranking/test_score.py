"""A score stays in its range, rises with every feature, and a near miss fails one constraint only."""

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.ranking.constraints import CHECKS
from services.matching.ranking.features import Measure
from services.matching.ranking.reading import demand_of_need, supply_of_offer
from services.matching.ranking.score import judge, points_of, reasons_of
from services.matching.ranking.weights import weights
from shared.events.facts import NeedKind
from shared.events.reasons import Constraint, Feature
from shared.territory.place import radius_around
from tests.services.matching.scenes import (
    BESSIERES,
    FOIX,
    LAUNAGUET,
    TODAY,
    author,
    demand,
    random_need,
    random_offer,
    supplier,
    supply,
)

TABLE = weights()
MEASURES = st.dictionaries(
    st.sampled_from(list(Feature)), st.floats(0, 1).map(lambda value: Measure(value, {"x": 1})), min_size=1
)


@given(MEASURES)
def test_a_score_lies_between_0_and_100(measures: dict[Feature, Measure]) -> None:
    assert 0 <= points_of(measures, TABLE) <= 100 + 1e-9


@given(MEASURES, st.data())
def test_a_better_feature_never_lowers_the_score(measures: dict[Feature, Measure], data: st.DataObject) -> None:
    feature = data.draw(st.sampled_from(sorted(measures)))
    better = data.draw(st.floats(measures[feature].value, 1))
    raised = {**measures, feature: Measure(better, {})}
    assert points_of(raised, TABLE) >= points_of(measures, TABLE) - 1e-9


@given(MEASURES)
def test_the_reasons_add_up_to_the_score(measures: dict[Feature, Measure]) -> None:
    told = sum((reason.points for reason in reasons_of(measures, TABLE)), Decimal(0))
    # What counted for less than half a point is not told, and points are rounded to one decimal.
    assert abs(float(told) - points_of(measures, TABLE)) <= 0.5 * len(measures) + 0.05 * len(measures)


def test_the_weights_are_a_hundred_points_for_every_feature() -> None:
    assert set(TABLE.points) == set(Feature)
    assert sum(TABLE.points.values()) == 100
    assert all(points > 0 for points in TABLE.points.values())


def test_a_fitting_offer_is_excellent_and_says_why() -> None:
    verdict = judge(demand(), supply(), TABLE, today=TODAY)
    assert verdict is not None
    assert verdict.gap is None
    assert verdict.score >= 80
    assert {reason.feature for reason in reasons_of(verdict.measures, TABLE)} >= {Feature.CATEGORY, Feature.DISTANCE}


def test_being_near_is_never_enough() -> None:
    nothing_in_common = supply(title="Traiteur bio", categories=("catering",), supplier=supplier(place=LAUNAGUET))
    assert judge(demand(), nothing_in_common, TABLE, today=TODAY) is None


@settings(deadline=None)  # the first example reads the vocabulary
@given(st.integers(0, 10_000))
def test_invariant_a_match_fails_nothing_and_a_near_miss_exactly_one(seed: int) -> None:
    """INVARIANT: no near miss fails two constraints; stopping the checks at the first gap would break it."""
    chance = random.Random(seed)
    asked, offered = demand_of_need(random_need(chance)), supply_of_offer(random_offer(chance))
    offered = offered.model_copy(update={"categories": asked.categories or ("wood",), "words": asked.words})
    verdict = judge(asked, offered, TABLE, today=TODAY)
    failing = [gap for check in CHECKS if (gap := check(asked, offered, TODAY)) is not None]
    if verdict is not None:
        assert failing == ([verdict.gap] if verdict.gap else [])


def test_two_failures_are_no_near_miss() -> None:
    short = {"zones": (radius_around(BESSIERES, 20),), "supplier": supplier(place=BESSIERES)}
    one = judge(demand(), supply(**short), TABLE, today=TODAY)
    assert one is not None
    assert one.gap is not None
    assert one.gap.constraint is Constraint.AREA
    assert judge(demand(receipt_wanted=True), supply(**short), TABLE, today=TODAY) is None


def test_a_near_miss_must_score_high() -> None:
    far = supply(
        zones=(radius_around(FOIX, 5),),
        supplier=supplier(place=FOIX, kinds=()),
        categories=("wooden-crates",),
        title="x",
    )
    assert judge(demand(), far, TABLE, today=TODAY) is None


@pytest.mark.parametrize("reason", ["kind", "same entity", "blocked"])
def test_nobody_is_told_of_what_nobody_can_lift(reason: str) -> None:
    buyer = author()
    offered = {
        "kind": supply(need_kinds=(NeedKind.CSR,)),
        "same entity": supply(supplier=supplier(legal_entity_id=buyer.legal_entity_id)),
        "blocked": supply(blocked=(buyer.organisation_id,)),
    }[reason]
    assert judge(demand(author=buyer), offered, TABLE, today=TODAY) is None
