"""Who is asked when: ten at a time, working hours, weekly budgets, turns, and what goes to everybody."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.matching.waves.asking import solicitation_id
from services.matching.waves.policy import Asking, Candidate, Chosen, Pace, Turn, Wave, in_turn, next_wave, take_turn
from shared.clock import Calendar
from shared.events.catalog import (
    Ending,
    LotReleased,
    NeedClosed,
    NeedPublished,
    OfferPublished,
    OfferWithdrawn,
    OrganisationSuspended,
    OrganisationUpdated,
)
from shared.events.matching import SupplierSolicited
from tests.services.matching.scenes import NOW, flow, need, offer, organisation, quantity, supplier
from tests.services.matching.stage import Stage

MONDAY_10 = NOW
FRIDAY_17_59 = datetime(2026, 11, 27, 16, 59, tzinfo=UTC)
FRIDAY_18 = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
MONDAY_8 = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
OPEN = Calendar()
PLAIN = Asking(public_tender=False, deadline_on=None, lot_expires_at=None)


def asking(**changed: object) -> Asking:
    return Asking(**{**vars(PLAIN), **changed})


def candidate(score: int, asked_at: datetime | None = None, full_at: datetime | None = None) -> Candidate:
    return Candidate(uuid4(), UUID(int=1000 - score), score, "[]", asked_at, full_at)


def taken(candidates: list[Candidate], how: Asking, now: datetime = NOW) -> Turn:
    return take_turn(candidates, how, now, demand_id=UUID(int=1))


class TestPolicy:
    def test_the_first_wave_leaves_at_once_in_working_hours(self) -> None:
        assert next_wave(PLAIN, MONDAY_10, OPEN) == (1, MONDAY_10)

    @pytest.mark.parametrize(("at", "due"), [(FRIDAY_17_59, FRIDAY_17_59), (FRIDAY_18, MONDAY_8)])
    def test_out_of_hours_it_waits_for_the_next_working_day(self, at: datetime, due: datetime) -> None:
        assert next_wave(PLAIN, at, OPEN) == (1, due)

    def test_always_open_never_waits(self) -> None:
        assert next_wave(PLAIN, FRIDAY_18, Calendar(always_open=True)) == (1, FRIDAY_18)

    def test_the_next_wave_comes_a_day_after_a_full_one(self) -> None:
        last = Wave(1, 10, MONDAY_10)
        assert next_wave(asking(last=last), MONDAY_10, OPEN) == (2, MONDAY_10 + timedelta(hours=24))

    def test_a_wave_that_is_not_full_is_filled_at_once(self) -> None:
        assert next_wave(asking(last=Wave(1, 3, MONDAY_10)), MONDAY_10, OPEN) == (1, MONDAY_10)

    def test_nobody_more_is_asked_once_six_are_interested(self) -> None:
        last = Wave(1, 10, MONDAY_10)
        assert next_wave(asking(interested=6, last=last), MONDAY_10, OPEN) is None
        assert next_wave(asking(interested=5, last=last), MONDAY_10, OPEN) is not None

    def test_near_the_deadline_waves_follow_faster_and_stop_at_it(self) -> None:
        last = Wave(1, 10, MONDAY_10)
        near = asking(deadline_on=date(2026, 11, 24), last=last)
        assert next_wave(near, MONDAY_10, OPEN) == (2, MONDAY_10 + timedelta(hours=4))
        assert next_wave(asking(deadline_on=date(2026, 11, 28)), FRIDAY_18, OPEN) is None

    def test_a_lot_with_little_time_left_waits_for_no_hour(self) -> None:
        lot = asking(lot_expires_at=FRIDAY_18 + timedelta(hours=71))
        assert lot.pace(FRIDAY_18) is Pace.URGENT
        assert next_wave(lot, FRIDAY_18, OPEN) == (1, FRIDAY_18)
        assert asking(lot_expires_at=FRIDAY_18 + timedelta(hours=72)).pace(FRIDAY_18) is Pace.PACED

    def test_ten_are_asked_the_best_first(self) -> None:
        twelve = [candidate(score) for score in range(40, 100, 5)]
        turn = taken(twelve, asking(last=Wave(1, 0, None)))
        by_turn, tenth = turn.asked[:9], turn.asked[9]
        assert [each.candidate.score for each in by_turn] == list(range(95, 50, -5))
        assert {each.chosen for each in by_turn} == {Chosen.TURN}
        assert tenth.chosen is Chosen.EXPLORATION
        assert tenth.candidate.score in (50, 45, 40)
        assert turn.left == 2

    def test_among_scores_within_three_points_who_was_asked_longest_ago_comes_first(self) -> None:
        yesterday, long_ago = (candidate(score, NOW - timedelta(days=days)) for score, days in ((90, 1), (88, 30)))
        never, lower = candidate(87), candidate(86)
        assert in_turn([yesterday, long_ago, lower, never]) == [never, long_ago, yesterday, lower]

    def test_over_its_budget_a_supplier_is_queued_and_leaves_its_place(self) -> None:
        busy = candidate(99, NOW, NOW - timedelta(days=6))
        others = [candidate(score) for score in range(40, 95, 5)]
        turn = taken([busy, *others], asking(last=Wave(1, 0, None)))
        assert turn.queued == [(busy, NOW + timedelta(days=1))]
        assert len(turn.asked) == 10

    def test_a_public_tender_goes_to_everybody_whatever_their_budget(self) -> None:
        many = [candidate(60, NOW, NOW) for _ in range(30)]
        turn = taken(many, asking(public_tender=True))
        assert (len(turn.asked), turn.queued, turn.left) == (30, [], 0)

    def test_a_wave_that_asked_more_than_it_holds_asks_nobody_more(self) -> None:
        """An urgent wave asked 25; its lot is gone when the wave is looked at again at the usual pace."""
        many = [candidate(60) for _ in range(30)]
        turn = taken(many, asking(last=Wave(1, 25, None)))
        assert (turn.asked, turn.queued, turn.left) == ([], [], 30)


def offers(count: int) -> list[OfferPublished]:
    return [offer(supplier=supplier(name=f"Structure {number}")) for number in range(count)]


async def asked(stage: Stage) -> int:
    return len(await stage.heard(SupplierSolicited))


@pytest.mark.promise(34)
def test_the_id_of_a_solicitation_follows_from_whom_it_joins() -> None:
    """INVARIANT: matching that was restored from a backup asks again, and a notice is told once for an id."""
    demand, asked = uuid4(), candidate(80)
    better = asked._replace(score=90)
    assert solicitation_id(demand, asked) == solicitation_id(demand, better)
    assert solicitation_id(demand, asked) != solicitation_id(uuid4(), asked)
    assert solicitation_id(demand, asked) != solicitation_id(demand, candidate(80))


@pytest.mark.promise(34)
async def test_whom_a_restored_matching_had_asked_is_not_asked_about_more(stage: Stage) -> None:
    """INVARIANT: its own stream knows whom it asked after the backup, before it hears of what again."""
    theirs, needs = offer(), [need() for _ in range(6)]
    await stage.tell(theirs)
    for each in needs[:5]:
        await stage.tell(each)
        assert await stage.ask() == 1
    told = await stage.heard(SupplierSolicited)
    await stage.forget_demands()
    for _ in range(2):
        await stage.recall(told)
    await stage.tell(*needs)
    assert await stage.ask() == 0
    stage.wait(days=7)
    assert await stage.ask() == 1
    assert (await stage.heard(SupplierSolicited))[-1].demand.demand_id == needs[5].need_id


async def test_a_wave_that_is_recalled_has_as_many_places_left(stage: Stage) -> None:
    asked = need()
    await stage.tell(*offers(23), asked)
    assert await stage.ask() == 10
    told = await stage.heard(SupplierSolicited)
    await stage.forget_demands()
    await stage.recall(told[:7])
    await stage.tell(asked)
    assert await stage.ask() == 3


async def test_ten_then_ten_more_a_day_later(stage: Stage) -> None:
    await stage.tell(*offers(23), need())
    assert await stage.ask() == 10
    assert await stage.ask() == 0
    stage.wait(hours=23, minutes=59)
    assert await stage.ask() == 0
    stage.wait(minutes=1)
    assert await stage.ask() == 10
    stage.wait(hours=24)
    assert await stage.ask() == 3
    waves = [event.wave for event in await stage.heard(SupplierSolicited)]
    assert waves == [1] * 10 + [2] * 10 + [3] * 3


async def test_who_is_suspended_is_not_asked_until_it_is_back(stage: Stage) -> None:
    gone = offer()
    known = organisation(organisation_id=gone.supplier.organisation_id, name=gone.supplier.name)
    await stage.tell(known, OrganisationSuspended(**{**known.model_dump(), "version": 2}), gone, need())
    assert await stage.ask() == 0
    await stage.tell(OrganisationUpdated(**{**known.model_dump(), "version": 3}))
    # What came meanwhile, and what comes now.
    await stage.tell(need())
    assert await stage.ask() == 2


async def test_nobody_is_asked_about_the_need_of_a_suspended_author_until_it_is_back(stage: Stage) -> None:
    asked, first, busy = need(), offer(), offer()
    known = organisation(organisation_id=asked.author.organisation_id)
    await stage.tell(known, first, *(need() for _ in range(5)))
    await stage.ask()
    await stage.tell(asked, busy, OrganisationSuspended(**{**known.model_dump(), "version": 2}))
    await stage.ask()
    stage.wait(days=8)
    await stage.ask()
    assert asked.need_id not in {each.demand.demand_id for each in await stage.heard(SupplierSolicited)}
    await stage.tell(OrganisationUpdated(**{**known.model_dump(), "version": 3}))
    assert await stage.ask() == 2
    assert {
        each.organisation_id for each in await stage.heard(SupplierSolicited) if each.demand.demand_id == asked.need_id
    } == {
        first.supplier.organisation_id,
        busy.supplier.organisation_id,
    }


@pytest.mark.promise(38)
async def test_a_clock_that_jumps_asks_nobody_twice(stage: Stage) -> None:
    await stage.tell(*offers(23), need())
    asked = []
    for hours in (0, 1, -2, 1, 25, -25, 25, 24, -49, 49):
        stage.wait(hours=hours)
        asked.append(await stage.ask())
    told = [event.organisation_id for event in await stage.heard(SupplierSolicited)]
    assert (sum(asked), len(set(told))) == (len(told), len(told))
    assert len(told) == 23


async def test_a_solicitation_says_what_is_asked_and_why(stage: Stage) -> None:
    asked_for, fits = need(), offer()
    await stage.tell(fits, asked_for)
    await stage.ask()
    (told,) = await stage.heard(SupplierSolicited)
    assert told.organisation_id == fits.supplier.organisation_id
    assert told.offer_id == fits.offer_id
    assert told.demand.demand_id == asked_for.need_id
    assert told.demand.title == asked_for.title
    assert told.reasons
    assert told.solicited_at == stage.now


async def test_an_organisation_is_asked_once_for_a_demand(stage: Stage) -> None:
    us = supplier()
    await stage.tell(offer(supplier=us), offer(supplier=us), need())
    assert await stage.ask() == 1
    await stage.tell(offer(supplier=us))
    stage.wait(days=2)
    assert await stage.ask() == 0


async def test_nobody_is_asked_at_night_and_everybody_who_waited_in_the_morning(stage: Stage) -> None:
    stage.now = FRIDAY_18
    await stage.tell(*offers(3), need())
    assert await stage.ask() == 0
    stage.now = MONDAY_8 - timedelta(seconds=1)
    assert await stage.ask() == 0
    stage.now = MONDAY_8
    assert await stage.ask() == 3


async def test_a_new_offer_fills_the_wave_that_has_room(stage: Stage) -> None:
    early, late = offer(), offer()
    await stage.tell(early, need())
    assert await stage.ask() == 1
    await stage.tell(late)
    assert await stage.ask() == 1
    assert await stage.solicited(early, late) == [1, 1]


async def test_a_sixth_ask_in_a_week_waits_and_is_not_lost(stage: Stage) -> None:
    fits = offer()
    await stage.tell(fits, *(need() for _ in range(5)))
    assert await stage.ask() == 5
    await stage.tell(need())
    assert await stage.ask() == 0
    stage.wait(days=6, hours=23)
    assert await stage.ask() == 0
    stage.wait(hours=1)
    assert await stage.ask() == 1
    assert await asked(stage) == 6


async def test_who_waits_is_forgotten_when_the_need_closes_or_the_offer_goes(stage: Stage) -> None:
    fits = offer()
    await stage.tell(fits, *(need() for _ in range(5)))
    await stage.ask()
    closing, staying = need(), need()
    await stage.tell(closing, staying)
    assert await stage.ask() == 0
    await stage.tell(closed(closing))
    await stage.tell(OfferWithdrawn(version=2, offer_id=fits.offer_id, organisation_id=fits.supplier.organisation_id))
    stage.wait(days=8)
    assert await stage.ask() == 0


async def test_a_queued_ask_is_dropped_when_the_deadline_passes(stage: Stage) -> None:
    await stage.tell(offer(), *(need() for _ in range(5)))
    await stage.ask()
    await stage.tell(need(deadline_on=date(2026, 11, 26)))
    assert await stage.ask() == 0
    stage.wait(days=8)
    assert await stage.ask() == 0


async def test_a_need_that_closes_before_its_wave_asks_nobody(stage: Stage) -> None:
    stage.now = FRIDAY_18
    asked_for = need()
    await stage.tell(offer(), asked_for, closed(asked_for))
    stage.now = MONDAY_8
    assert await stage.ask() == 0


async def test_a_public_tender_is_told_to_every_match_in_working_hours(stage: Stage) -> None:
    stage.now = FRIDAY_18
    await stage.tell(*offers(14), need(public_tender=True))
    assert await stage.ask() == 0
    stage.now = MONDAY_8
    assert await stage.ask() == 14
    await stage.tell(offer())
    assert await stage.ask() == 1


def lot(of: object, *, hours: float, at: datetime) -> LotReleased:
    return LotReleased(
        version=1,
        lot_id=uuid4(),
        flow_id=of.flow_id,  # type: ignore[attr-defined]
        organisation_id=uuid4(),
        quantity=quantity(100),
        available_at=at,
        expires_at=at + timedelta(hours=hours),
    )


async def test_a_lot_of_food_has_as_long_to_live_as_its_date_says(stage: Stage) -> None:
    stage.now = FRIDAY_18
    given = flow()
    ripe = lot(given, hours=200, at=FRIDAY_18).model_copy(update={"use_by_on": FRIDAY_18.date() + timedelta(days=1)})
    await stage.tell(*offers(14), given, ripe)
    assert await stage.ask() == 14


async def test_a_lot_with_under_72_hours_bypasses_waves_hours_and_budgets(stage: Stage) -> None:
    stage.now = FRIDAY_18
    given = flow()
    await stage.tell(*offers(14), given, lot(given, hours=200, at=FRIDAY_18))
    assert await stage.ask() == 0
    await stage.tell(lot(given, hours=71, at=FRIDAY_18))
    assert await stage.ask() == 14


async def test_a_flow_is_asked_once_for_all_its_lots(stage: Stage) -> None:
    given = flow()
    await stage.tell(offer(), given)
    assert await stage.ask() == 1
    await stage.tell(lot(given, hours=10, at=NOW), lot(given, hours=20, at=NOW))
    assert await stage.ask() == 0


async def test_who_fits_while_a_lot_is_dying_is_asked_at_once(stage: Stage) -> None:
    stage.now = FRIDAY_18
    given = flow()
    await stage.tell(given, lot(given, hours=30, at=FRIDAY_18), offer())
    assert await stage.ask() == 1


def closed(asked_for: NeedPublished) -> NeedClosed:
    return NeedClosed(
        version=2,
        need_id=asked_for.need_id,
        organisation_id=asked_for.author.organisation_id,
        outcome=Ending.DELAY,
    )
