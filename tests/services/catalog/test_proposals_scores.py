"""Scores of proposals beside each other: from 0 to 100, the best has all, and weights alone make the order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.proposals.scores import USUAL, Criterion, Measures, mean_of, scores_of

cents = st.integers(min_value=-(10**12), max_value=10**12)
measures = st.builds(
    Measures,
    total_cents=cents,
    days=st.none() | st.integers(min_value=1, max_value=4_000),
    km=st.none() | st.floats(min_value=0, max_value=20_000),
    kinds=st.lists(st.sampled_from(["association", "esus", "ESAT", "unknown"])),
    commitments=st.integers(min_value=0, max_value=4),
    parts=st.lists(st.booleans(), min_size=5, max_size=5),
)
weights = st.fixed_dictionaries({each: st.integers(min_value=0, max_value=100) for each in Criterion})


def known(**changes: object) -> Measures:
    values = {"total_cents": 100, "days": 10, "km": 0.0, "kinds": [], "commitments": 0, "parts": [True] * 5}
    return Measures(**{**values, **changes})  # type: ignore[arg-type] # a test's own table


def prices(*totals: int) -> list[int]:
    return [each[Criterion.PRICE] for each in scores_of([known(total_cents=total) for total in totals])]


@given(st.lists(measures, max_size=8), weights)
def test_scores_stay_within_and_so_does_their_mean(measured: list[Measures], weighed: dict[Criterion, int]) -> None:
    for scores in scores_of(measured):
        assert set(scores) == set(Criterion)
        assert all(0 <= score <= 100 for score in scores.values())
        assert min(scores.values(), default=0) * any(weighed.values()) <= mean_of(scores, weighed) <= 100


@given(st.lists(cents, min_size=2, max_size=6))
def test_the_cheapest_has_all_and_none_has_more_than_a_cheaper_one(totals: list[int]) -> None:
    scored = sorted(zip(totals, prices(*totals), strict=True))
    assert scored[0][1] == 100
    assert [score for _, score in scored] == sorted((score for _, score in scored), reverse=True)


@pytest.mark.parametrize(
    ("totals", "scores"),
    [
        ((100, 200, 400), [100, 50, 25]),
        ((0, 100), [100, 0]),
        ((-100, -50, 0, 100), [100, 50, 0, 0]),
        ((0, 0), [100, 100]),
    ],
)
def test_the_price_scores_as_public_buyers_do_and_signed_prices_too(totals: tuple[int, ...], scores: list[int]) -> None:
    assert prices(*totals) == scores


def test_what_is_not_known_scores_nothing() -> None:
    one, other = scores_of([known(days=None, km=None), known(days=20, km=30.0)])
    assert [one[each] for each in (Criterion.DELAY, Criterion.NEARNESS)] == [0, 0]
    assert [other[each] for each in (Criterion.DELAY, Criterion.NEARNESS)] == [100, 70]


@pytest.mark.parametrize(
    ("kinds", "score"),
    [([], 0), (["association"], 40), (["association", "esus"], 70), (["ESAT"], 70), (["EI", "scop", "esus"], 100)],
)
def test_statuses_of_the_social_economy_score(kinds: list[str], score: int) -> None:
    assert scores_of([known(kinds=kinds)])[0][Criterion.SOCIAL] == score


def test_weights_alone_make_the_order() -> None:
    cheap, near = scores_of([known(total_cents=100, km=90.0), known(total_cents=150, km=0.0)])
    nothing = dict.fromkeys(Criterion, 0)
    assert mean_of(cheap, nothing | {Criterion.PRICE: 1}) > mean_of(near, nothing | {Criterion.PRICE: 1})
    assert mean_of(cheap, nothing | {Criterion.NEARNESS: 1}) < mean_of(near, nothing | {Criterion.NEARNESS: 1})
    assert mean_of(cheap, nothing) == 0
    assert sum(USUAL.values()) == 100
