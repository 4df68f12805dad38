"""What each feature measures, and that it applies by the demand alone."""

from datetime import timedelta

import pytest

from services.matching.ranking import features
from services.matching.ranking.score import reasons_of
from services.matching.ranking.weights import weights
from services.matching.ranking.words import telling, weigh
from shared.events.facts import Level
from shared.phrases import say_reason
from shared.vocabulary import stems
from tests.services.matching.scenes import (
    BESSIERES,
    LAUNAGUET,
    MURET,
    NOW,
    TOULOUSE,
    demand,
    flow_demand,
    quantity,
    supplier,
    supply,
    waste_demand,
)


def value(measure: features.Measure | None) -> float:
    assert measure is not None
    return measure.value


def test_the_same_category_counts_in_full_and_a_near_one_in_part() -> None:
    same = value(features.by_category(demand(), supply()))
    near = value(features.by_category(demand(), supply(categories=("wooden-crates",))))
    far = value(features.by_category(demand(), supply(categories=("office-cleaning",))))
    assert same == 1.0
    assert 0.3 < near < 1.0
    assert far < 0.3


def test_a_category_that_only_a_code_points_to_is_a_hint() -> None:
    hinted = supply(categories=(), naf=("8121Z",))
    assert 0.5 <= value(features.by_category(demand(categories=("office-cleaning",)), hinted)) < 1.0


def test_a_longer_common_prefix_counts_more() -> None:
    asked = demand(ewc=("15 01 03",), categories=())
    by = [
        value(features.by_code(asked, supply(ewc=(code,), categories=())))
        for code in ("15 01 03", "15 01 06", "15 02 03", "20 01 38")
    ]
    assert by == sorted(by, reverse=True)
    assert by[0] == 1.0
    assert by[-1] == 0.0


def test_the_code_of_a_category_stands_in_for_a_code_not_named() -> None:
    asked = demand(ewc=("15 01 03",), categories=())
    assert value(features.by_code(asked, supply(ewc=()))) == pytest.approx(features.FROM_CATEGORY)


def test_cpv_codes_are_compared_too() -> None:
    asked = demand(cpv=("90911200-8",), categories=())
    assert value(features.by_code(asked, supply(cpv=("90911200",), categories=()))) == 1.0
    assert 0 < value(features.by_code(asked, supply(cpv=("90910000-9",), categories=()))) < 1


def test_common_words_count_whatever_their_ending_and_accents() -> None:
    asked = demand(title="Réparer des palettes abîmées", categories=())
    measure = features.by_text(asked, supply(title="REPARATION DE PALETTE", categories=()))
    assert measure.value > 0
    assert "palettes" in str(measure.values["words"])


def test_synonyms_are_expanded_when_an_offer_is_kept() -> None:
    asked = demand(title="Vieux canapés", categories=())
    assert value(features.by_text(asked, supply(title="Atelier", categories=("sofas",)))) > 0


def test_words_of_the_trade_say_nothing() -> None:
    asked = demand(title="Recherche prestataire de service", categories=())
    assert features.by_text(asked, supply(title="Prestataire de services", categories=())).value == 0


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    (rare,), (common,) = stems("drêches"), stems("bois")
    assert telling(rare) > telling(common) > 0
    assert telling(stems("déchets")[0]) == 0


def test_the_place_is_not_a_word_in_common() -> None:
    assert weigh("Nettoyage à Montaudran", "", without="Montaudran").keys() == weigh("Nettoyage", "").keys()


def test_nearer_is_better_and_never_for_a_public_tender() -> None:
    near, far = (
        value(features.by_distance(demand(place=TOULOUSE), supply(supplier=supplier(place=at))))
        for at in (LAUNAGUET, BESSIERES)
    )
    assert near > far
    assert features.by_distance(demand(public_tender=True), supply()) is None


def test_distance_says_which_zone_covers() -> None:
    measure = features.by_distance(demand(), supply())
    assert measure is not None
    assert measure.values["radius_km"] == 30
    assert measure.values["around"] == "Launaguet"


def test_a_capacity_under_what_is_asked_counts_in_part() -> None:
    asked = flow_demand(quantity=quantity(6, "t", "week"))
    half = value(features.by_quantity(asked, supply(capacity=quantity(3, "t", "week"))))
    assert half == pytest.approx(0.5)
    assert value(features.by_quantity(asked, supply(capacity=quantity(40, "t", "month")))) == 1.0
    assert value(features.by_quantity(asked, supply())) == features.UNSAID
    assert features.by_quantity(demand(), supply(capacity=quantity(1))) is None


def test_the_service_type_counts_when_it_is_asked() -> None:
    asked = demand(service_type="making")
    assert value(features.by_service_type(asked, supply(service_types=("making",)))) == 1.0
    assert value(features.by_service_type(asked, supply(service_types=("staffing",)))) == 0.0
    assert features.by_service_type(demand(), supply()) is None


def test_reuse_goes_before_recycling_unless_the_holder_asked_otherwise() -> None:
    reuse, recycling = supply(level=Level.REUSE), supply(level=Level.RECYCLING)
    assert value(features.by_level(flow_demand(), reuse)) > value(features.by_level(flow_demand(), recycling))
    only = flow_demand(levels=(Level.RECYCLING,))
    assert value(features.by_level(only, reuse)) == 0
    assert features.by_level(demand(), reuse) is None


def test_animals_come_after_people_before_compost_and_never_get_kitchen_waste() -> None:
    levels = (Level.REUSE, Level.ANIMALS, Level.RECYCLING)
    food = flow_demand(categories=("food-surplus",), ewc=())
    worth = [value(features.by_level(food, supply(level=level))) for level in levels]
    assert worth == sorted(worth, reverse=True)
    kitchen = flow_demand(categories=("kitchen-waste",), ewc=())
    assert value(features.by_level(kitchen, supply(level=Level.ANIMALS))) == 0
    assert value(features.by_level(kitchen, supply(level=Level.RECYCLING))) > 0
    said = flow_demand(categories=("kitchen-waste",), ewc=(), levels=(Level.ANIMALS, Level.RECYCLING))
    assert value(features.by_level(said, supply(level=Level.ANIMALS))) == 0


def test_food_that_is_waste_is_matched_to_nobody_who_would_eat_it() -> None:
    for said in ((), (Level.REUSE, Level.RECYCLING), (Level.REUSE,)):
        waste = waste_demand(categories=("food-surplus",), ewc=("20 02 01",), levels=said)
        assert not waste.takes_level(Level.REUSE), said
        assert value(features.by_level(waste, supply(level=Level.REUSE))) == 0
        assert value(features.by_level(waste, supply(level=Level.RECYCLING))) > 0
    assert flow_demand(categories=("food-surplus",), ewc=()).takes_level(Level.REUSE)
    assert waste_demand(categories=("wooden-pallets",), ewc=("15 01 03",)).takes_level(Level.REUSE)


def test_inclusion_goes_before_the_rest_of_the_social_economy() -> None:
    kinds = (("association", "ESAT"), ("scop",), ())
    worth = [features.by_social_value(demand(), supply(supplier=supplier(kinds=each))).value for each in kinds]
    assert worth == sorted(worth, reverse=True)
    assert len(set(worth)) == 3


def test_freshness_depends_on_the_two_dates_only() -> None:
    old, new = (supply(published_at=NOW - timedelta(days=days)) for days in (300, 1))
    assert features.by_freshness(demand(), new).value > features.by_freshness(demand(), old).value
    assert features.by_freshness(demand(), supply(published_at=NOW + timedelta(days=3))).value == 1.0


def test_telling_more_about_itself_never_costs_a_supplier_a_feature() -> None:
    """INVARIANT: whether a feature applies depends on the demand; otherwise silence would rank higher than facts."""
    for asked in (demand(), flow_demand(), demand(service_type="making", quantity=quantity(3), cpv=("909",))):
        bare = supply(categories=(), zones=(), supplier=supplier(kinds=(), place=MURET))
        rich = supply(ewc=("150103",), cpv=("909",), capacity=quantity(2), service_types=("making",), level=Level.REUSE)
        for feature, measure in {**features.EVIDENCE, **features.SUITING}.items():
            assert (measure(asked, bare) is None) == (measure(asked, rich) is None), feature


def test_every_measure_can_be_said() -> None:
    asked = flow_demand(place=MURET)
    rich = supply(ewc=("150103",), capacity=quantity(2, "t", "week"), level=Level.REUSE)
    for feature, measure in {**features.EVIDENCE, **features.SUITING}.items():
        measured = measure(asked, rich)
        if measured is not None and measured.values:
            (reason,) = reasons_of({feature: measured}, weights())
            assert say_reason(reason)[1]
