"""The figures of an evaluation against examples worked by hand."""

from math import log2

import pytest

from deploy.evaluation.bm25 import BM25
from deploy.evaluation.figures import calibration_error, gini, interval, mean, ndcg, reciprocal_rank, weighted_kappa


def test_ndcg_is_one_for_the_ideal_order_and_less_for_any_other() -> None:
    assert ndcg([3, 2, 0], [0, 2, 3]) == pytest.approx(1.0)
    swapped = ndcg([2, 3, 0], [0, 2, 3])
    assert swapped == pytest.approx((3 + 7 / log2(3)) / (7 + 3 / log2(3)))


def test_ndcg_counts_what_was_left_out_and_looks_no_further_than_asked() -> None:
    assert ndcg([0] * 10 + [3], [3]) == 0.0
    assert ndcg([], [3]) == 0.0
    assert ndcg([0, 0], [0, 0]) is None


def test_the_reciprocal_rank_is_that_of_the_first_that_fits() -> None:
    assert reciprocal_rank([1, 0, 2, 3]) == pytest.approx(1 / 3)
    assert reciprocal_rank([1, 1]) == 0.0


def test_kappa_is_one_for_the_same_grades_zero_for_chance_and_below_for_contradiction() -> None:
    assert weighted_kappa([(0, 0), (1, 1), (3, 3)]) == pytest.approx(1.0)
    assert weighted_kappa([(0, 0), (0, 3), (3, 0), (3, 3)]) == pytest.approx(0.0)
    assert weighted_kappa([(0, 3), (3, 0)]) == pytest.approx(-1.0)


def test_kappa_forgives_a_near_grade_more_than_a_far_one() -> None:
    near = weighted_kappa([(0, 0), (1, 1), (2, 2), (3, 2)])
    far = weighted_kappa([(0, 0), (1, 1), (2, 2), (3, 0)])
    assert near > far


def test_scores_that_say_as_often_as_it_is_true_have_no_calibration_error() -> None:
    honest = [(80.0, True)] * 8 + [(80.0, False)] * 2
    assert calibration_error(honest) == pytest.approx(0.0)
    assert calibration_error([(80.0, False)] * 10) == pytest.approx(0.8)
    assert calibration_error([]) == 0.0


def test_gini_is_zero_for_equals_and_near_one_for_a_single_winner() -> None:
    assert gini([3, 3, 3, 3]) == pytest.approx(0.0)
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert gini([]) == 0.0


def test_an_interval_holds_its_mean_and_is_the_same_each_time() -> None:
    values = [1.0] * 60 + [0.0] * 40
    low, high = interval(values)
    assert low < mean(values) < high
    assert interval(values) == (low, high)
    assert 0.45 < low < 0.55
    assert 0.65 < high < 0.75


def test_bm25_prefers_the_rare_word_and_the_shorter_text() -> None:
    engine = BM25({"a": "palettes en bois", "b": "palettes et caisses de bois pour tous", "c": "bois de chauffage"})
    scores = engine.scores("palettes")
    assert scores.keys() == {"a", "b"}
    assert scores["a"] > scores["b"]
