"""Whoever is below its fair share comes earlier, one place in ten explores, and both can be replayed."""

import random
from collections import Counter
from datetime import datetime, timedelta
from math import exp
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.waves.policy import (
    EXPOSURE_BONUS,
    TIE,
    WAVE_SIZE,
    Asking,
    Candidate,
    Chosen,
    Place,
    Wave,
    below_fair_share,
    in_turn,
    take_turn,
)
from tests.services.matching.scenes import NOW

MOST_BONUS = EXPOSURE_BONUS * 100
ids = st.uuids(version=4)
moments = st.none() | st.integers(0, 90).map(lambda days: NOW - timedelta(days=days))
budgets = st.none() | st.integers(0, 13).map(lambda days: NOW - timedelta(days=days))
candidates = st.builds(
    Candidate,
    organisation_id=ids,
    offer_id=ids,
    score=st.integers(50, 100),
    reasons=st.just("[]"),
    asked_at=moments,
    full_at=budgets,
    back_at=st.none() | st.just(NOW + timedelta(days=2)),
    fair=st.floats(0, 20),
    asked=st.integers(0, 30),
    points=st.none(),
)
markets = st.lists(candidates, max_size=40, unique_by=(lambda each: each.organisation_id, lambda each: each.offer_id))
DEMAND = UUID(int=7)


def paced(asked: int = 0, number: int = 1) -> Asking:
    wave = Wave(number, asked, None)
    return Asking(public_tender=False, deadline_on=None, lot_expires_at=None, last=wave)


def free(each: Candidate) -> bool:
    return each.full_at is None or each.full_at + timedelta(days=7) <= NOW


def one(score: int, **changed: object) -> Candidate:
    facts = {"organisation_id": UUID(int=score), "offer_id": UUID(int=score), "score": score, "reasons": "[]"}
    return Candidate(**{**facts, **changed})  # type: ignore[arg-type]


def test_points_decide_the_turn_and_not_the_score_that_is_read_off_them() -> None:
    """Scores of 3 and 5 are one point apart; and what was matched before had its points as its score."""
    close = [one(3, points=52, asked_at=NOW - timedelta(days=9)), one(25, points=54, asked_at=NOW)]
    assert [each.score for each in in_turn(close)] == [3, 25]
    assert [each.score for each in in_turn([one(60), one(25, points=65)])] == [25, 60]


def test_the_share_is_counted_from_nothing_to_all_of_it() -> None:
    shares = [round(below_fair_share(4.0, asked)) for asked in (0, 1, 2, 4, 9)]
    assert shares == [76, 43, 19, 0, 0]
    assert below_fair_share(0.0, 0) == 0
    # Less than one ask is no debt to speak of; ten are.
    assert [round(below_fair_share(fair, 0)) for fair in (0.2, 1.0, 10.0)] == [6, 39, 89]


def test_who_got_less_than_its_share_comes_before_who_got_it() -> None:
    known, forgotten = one(84, fair=5.0, asked=5), one(79, fair=5.0, asked=0)
    assert in_turn([known, forgotten]) == [forgotten, known]
    far_behind = one(70, fair=5.0, asked=0)
    assert in_turn([known, far_behind]) == [known, far_behind]


@given(markets)
def test_a_bonus_never_moves_anyone_past_a_score_that_is_better_by_more_than_it(market: list[Candidate]) -> None:
    """INVARIANT: the bonus is ten points at most, and a tie three: what fits much better always comes first."""
    ordered = in_turn(market)
    for at, each in enumerate(ordered):
        assert all(each.score >= later.score - MOST_BONUS - TIE for later in ordered[at + 1 :])


@given(markets)
def test_the_order_does_not_depend_on_how_the_rows_came(market: list[Candidate]) -> None:
    mixed = random.Random(3).sample(market, k=len(market))
    assert in_turn(mixed) == in_turn(market)


@given(candidates, st.floats(0, 20), st.integers(0, 30))
def test_being_asked_once_more_never_brings_anyone_forward(each: Candidate, fair: float, asked: int) -> None:
    assert below_fair_share(fair, asked + 1) <= below_fair_share(fair, asked)
    assert below_fair_share(fair + 1, asked) >= below_fair_share(fair, asked)
    assert 0 <= each.bonus <= MOST_BONUS


@given(markets, st.integers(0, 12), ids)
def test_a_wave_keeps_its_size_and_asks_nobody_who_waits(market: list[Candidate], was: int, demand: UUID) -> None:
    turn = take_turn(market, paced(was), NOW, demand_id=demand)
    asked = [each.candidate for each in turn.asked]
    ready = [each for each in market if free(each) and each.back_at is None]
    assert len(asked) == min(len(ready), max(0, WAVE_SIZE - was))
    assert all(each in ready for each in asked)
    assert all(at > NOW and each not in ready for each, at in turn.queued)
    whom = [each.organisation_id for each in [*asked, *(each for each, _ in turn.queued)]]
    assert len(set(whom)) == len(whom)
    assert turn.left == len(market) - len(whom)


@given(markets, st.integers(0, 9), ids)
def test_at_most_one_place_explores_and_says_how_probable_it_was(
    market: list[Candidate], was: int, demand: UUID
) -> None:
    """INVARIANT: the propensities of all who might have got the place that explores add up to that one place."""
    turn = take_turn(market, paced(was), NOW, demand_id=demand)
    ready = [each for each in in_turn(market) if free(each) and each.back_at is None]
    room = WAVE_SIZE - was
    explored = [each for each in turn.asked if each.chosen is Chosen.EXPLORATION]
    assert len(explored) == (1 if len(ready) > room else 0)
    assert [each.candidate for each in turn.asked][: room - 1] == ready[: room - 1]
    for each in turn.asked:
        assert each.propensity == (pytest.approx(_odds(ready[room - 1 :], each)) if each in explored else 1.0)


def _odds(rest: list[Candidate], drawn: Place) -> float:
    """As the rule is told to people: three points less, e times less probable."""
    weights = {each.organisation_id: exp((each.score + each.bonus) / TIE) for each in rest}
    return weights[drawn.candidate.organisation_id] / sum(weights.values())


@given(markets, ids)
def test_the_same_demand_draws_the_same_supplier_again(market: list[Candidate], demand: UUID) -> None:
    """INVARIANT: what explores can be replayed: from the demand, the wave and who fitted, in whatever order."""
    first = take_turn(market, paced(), NOW, demand_id=demand)
    again = take_turn(list(reversed(market)), paced(), NOW, demand_id=demand)
    assert _explored(first) == _explored(again)


def _explored(turn: object) -> list[UUID]:
    places = turn.asked  # type: ignore[attr-defined]
    return [each.candidate.organisation_id for each in places if each.chosen is Chosen.EXPLORATION]


def test_over_many_demands_each_of_the_rest_is_drawn_as_often_as_its_propensity_says() -> None:
    """INVARIANT: what is logged is true, so that answers can be weighed by it."""
    market = [one(score) for score in range(80, 95)]
    chance = random.Random(11)
    turns = [take_turn(market, paced(), NOW, demand_id=UUID(int=chance.getrandbits(128))) for _ in range(6000)]
    places = [turn.asked[-1] for turn in turns]
    said = {each.candidate.score: each.propensity for each in places}
    drawn = Counter(each.candidate.score for each in places)
    assert sorted(said) == list(range(80, 86))
    assert sum(said.values()) == pytest.approx(1)
    for score, share in said.items():
        assert drawn[score] / 6000 == pytest.approx(share, abs=0.02)


def test_each_wave_of_a_demand_draws_anew() -> None:
    market = [one(score) for score in range(80, 95)]
    drawn = {_explored(take_turn(market, paced(number=number), NOW, demand_id=DEMAND))[0] for number in range(1, 9)}
    assert len(drawn) > 2


@given(markets, ids)
def test_a_public_tender_knows_no_bonus_and_explores_nothing(market: list[Candidate], demand: UUID) -> None:
    """INVARIANT: all are told at once, in the order of their rank, whatever they were asked before."""
    tender = Asking(public_tender=True, deadline_on=None, lot_expires_at=None)
    turn = take_turn(market, tender, NOW, demand_id=demand)
    others = take_turn([each._replace(fair=9.0, asked=0) for each in market], tender, NOW, demand_id=demand)
    assert [e.candidate.organisation_id for e in turn.asked] == [e.candidate.organisation_id for e in others.asked]
    assert all((each.chosen, each.propensity) == (Chosen.EVERYONE, 1.0) for each in turn.asked)
    assert len(turn.asked) == len([each for each in market if each.back_at is None])
    assert turn.left == 0


def test_who_was_asked_long_ago_still_comes_first_among_equals() -> None:
    def at(days: int) -> datetime:
        return NOW - timedelta(days=days)

    yesterday, long_ago = one(90, asked_at=at(1)), one(88, asked_at=at(60))
    assert in_turn([yesterday, long_ago]) == [long_ago, yesterday]
