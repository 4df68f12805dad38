"""What changes while a wave waits: enough are interested, a deadline nears, all are to be told, a week has room."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.matching.ranking.weights import weights
from services.matching.waves.policy import Asking, Wave, next_wave
from shared.clock import Calendar
from shared.events.catalog import NeedPublished, NeedUpdated, OfferPublished, OfferUpdated
from shared.events.matching import SupplierSolicited
from tests.services.matching.scenes import NOW, flow, need, offer, supplier
from tests.services.matching.stage import Stage
from tests.services.matching.test_waves import FRIDAY_18, MONDAY_8, lot, offers


async def interested(stage: Stage, demand_id: UUID, count: int) -> None:
    """As whoever hears of answers will write it."""
    async with stage.database.sessions.begin() as session:
        await session.execute(
            text("UPDATE demands SET interested = :count WHERE id = :id"), {"id": demand_id, "count": count}
        )


def updated(told: NeedPublished, **changed: Any) -> NeedUpdated:
    return NeedUpdated(**{**dict(told), "version": told.version + 1, **changed})


def told_again(told: OfferPublished, version: int = 2, **about_supplier: Any) -> OfferUpdated:
    who = told.supplier.model_copy(update=about_supplier)
    return OfferUpdated(**{**dict(told), "version": version, "supplier": who})


@pytest.fixture
async def busy(stage: Stage) -> OfferPublished:
    """A supplier that was asked five times this week."""
    fits = offer()
    await stage.tell(fits, *(need() for _ in range(5)))
    assert await stage.ask() == 5
    return fits


async def test_a_wave_that_waits_is_called_off_once_six_are_interested(stage: Stage) -> None:
    asked = need()
    await stage.tell(*offers(23), asked)
    assert await stage.ask() == 10
    await interested(stage, asked.need_id, 6)
    stage.wait(hours=24)
    assert await stage.ask() == 0


async def test_five_interested_are_not_enough(stage: Stage) -> None:
    asked = need()
    await stage.tell(*offers(23), asked)
    await stage.ask()
    await interested(stage, asked.need_id, 5)
    stage.wait(hours=24)
    assert await stage.ask() == 10


async def test_who_waits_for_a_week_is_not_asked_once_six_are_interested(stage: Stage, busy: OfferPublished) -> None:
    asked = need()
    await stage.tell(asked)
    assert await stage.ask() == 0
    await interested(stage, asked.need_id, 6)
    stage.wait(days=8)
    assert await stage.ask() == 0


async def test_a_public_tender_does_not_stop_at_six(stage: Stage) -> None:
    asked = need(public_tender=True)
    await stage.tell(*offers(3), asked)
    await stage.ask()
    await interested(stage, asked.need_id, 6)
    await stage.tell(offer())
    assert await stage.ask() == 1


async def test_a_dying_lot_does_not_wait_for_anybodys_week(stage: Stage, busy: OfferPublished) -> None:
    """INVARIANT: no waves, hours or budgets; also for who was queued while there was still time."""
    given = flow()
    await stage.tell(given)
    assert await stage.ask() == 0
    stage.now = FRIDAY_18
    await stage.tell(lot(given, hours=20, at=stage.now))
    assert await stage.ask() == 1


async def test_a_need_that_becomes_a_public_tender_is_told_to_all_at_once(stage: Stage) -> None:
    asked = need()
    await stage.tell(*offers(14), asked)
    assert await stage.ask() == 10
    await stage.tell(updated(asked, public_tender=True))
    assert await stage.ask() == 4


async def test_a_public_tender_does_not_wait_for_a_week_that_a_need_waited_for(
    stage: Stage, busy: OfferPublished
) -> None:
    asked = need()
    await stage.tell(asked)
    assert await stage.ask() == 0
    await stage.tell(updated(asked, public_tender=True), offer(categories=("catering",), title="Repas"))
    assert await stage.ask() == 1
    told = (await stage.heard(SupplierSolicited))[-1]
    assert (told.demand.demand_id, told.chosen) == (asked.need_id, "everyone")


async def test_a_deadline_that_is_brought_forward_brings_the_next_wave_forward(stage: Stage) -> None:
    asked = need(deadline_on=date(2026, 12, 20))
    await stage.tell(*offers(23), asked)
    assert await stage.ask() == 10
    await stage.tell(updated(asked, deadline_on=date(2026, 11, 24)))
    stage.wait(hours=3, minutes=59)
    assert await stage.ask() == 0
    stage.wait(minutes=1)
    assert await stage.ask() == 10


async def test_an_update_that_changes_nothing_plans_no_wave_for_nobody(stage: Stage) -> None:
    asked = need()
    await stage.tell(*offers(10), asked)
    assert await stage.ask() == 10
    await stage.tell(updated(asked, description="En bois."))
    async with stage.database.sessions.begin() as session:
        assert await session.scalar(text("SELECT count(*) FROM waves WHERE done_at IS NULL")) == 0


def test_waves_follow_faster_from_the_moment_that_the_deadline_is_near() -> None:
    """Not only from the next wave on: one planned just before comes when the last three days begin."""
    done = Wave(1, 10, NOW)
    in_four_days = Asking(public_tender=False, deadline_on=date(2026, 11, 26), lot_expires_at=None, last=done)
    ends_at = in_four_days.ends_at()
    assert ends_at is not None
    always = Calendar(always_open=True)
    assert next_wave(in_four_days, NOW, always) == (2, ends_at - timedelta(days=3))


async def test_a_supplier_says_how_many_a_week_it_accepts(stage: Stage) -> None:
    """INVARIANT: never more paced asks within seven days than the supplier accepts."""
    few = offer(supplier=supplier(weekly_asks=2))
    await stage.tell(few, *(need() for _ in range(4)))
    assert await stage.ask() == 2
    stage.wait(days=6, hours=23)
    assert await stage.ask() == 0
    stage.wait(hours=1)
    assert await stage.ask() == 1
    assert await stage.ask() == 1


async def test_who_accepts_more_is_asked_at_once_what_waited(stage: Stage, busy: OfferPublished) -> None:
    await stage.tell(need(), need(), need())
    assert await stage.ask() == 0
    await stage.tell(told_again(busy, weekly_asks=7))
    asked = [await stage.ask() for _ in range(4)]
    assert sum(asked) == 2


async def test_who_pauses_is_asked_when_it_is_back(stage: Stage) -> None:
    """INVARIANT: a pause queues, it does not skip; matches are found all the same."""
    away, there = offer(supplier=supplier(asks_resume_on=MONDAY_8.date())), offer()
    asked = need()
    await stage.tell(away, there, asked)
    assert set(await stage.ranking(asked)) == {away.offer_id, there.offer_id}
    assert await stage.ask() == 1
    stage.now = MONDAY_8 - timedelta(minutes=1)
    assert await stage.ask() == 0
    stage.now = MONDAY_8
    assert await stage.ask() == 1
    assert await stage.solicited(away, there) == [1, 1]


async def test_who_pauses_is_not_asked_when_the_deadline_passes_meanwhile(stage: Stage) -> None:
    away = offer(supplier=supplier(asks_resume_on=date(2026, 12, 7)))
    await stage.tell(away, need(deadline_on=date(2026, 12, 1)))
    assert await stage.ask() == 0
    stage.wait(days=20)
    assert await stage.ask() == 0


async def test_who_is_back_sooner_says_so(stage: Stage) -> None:
    away = offer(supplier=supplier(asks_resume_on=date(2026, 12, 7)))
    await stage.tell(away, need())
    assert await stage.ask() == 0
    await stage.tell(told_again(away, asks_resume_on=None))
    assert await stage.ask() == 1


async def test_one_pause_holds_for_tenders_and_dying_lots_too(stage: Stage) -> None:
    """It is the supplier's own word; both are on its page of what fits all the same."""
    stage.now = FRIDAY_18
    given = flow()
    await stage.tell(offer(supplier=supplier(asks_resume_on=MONDAY_8.date())), need(public_tender=True), given)
    await stage.tell(lot(given, hours=71, at=stage.now))
    assert await stage.ask() == 0
    stage.now = MONDAY_8
    assert await stage.ask() == 2


async def test_a_solicitation_tells_by_which_rule_it_was_made(stage: Stage) -> None:
    await stage.tell(*offers(15), need())
    assert await stage.ask() == 10
    told = await stage.heard(SupplierSolicited)
    assert [each.rank for each in told[:9]] == list(range(1, 10))
    assert [each.chosen for each in told] == ["turn"] * 9 + ["exploration"]
    assert told[0].propensity == 1.0
    # All six who are left fit equally well.
    assert told[9].propensity == pytest.approx(1 / 6)
    assert {each.weights for each in told} == {weights().version}
    async with stage.database.sessions.begin() as session:
        logged = await session.execute(
            text("SELECT rank, chosen, propensity, weights, bonus FROM solicitations WHERE id = :id"),
            {"id": told[9].solicitation_id},
        )
        (row,) = logged.all()
    assert tuple(row) == (told[9].rank, "exploration", told[9].propensity, weights().version, told[9].bonus)


async def test_what_is_recalled_after_a_restore_says_why_too(stage: Stage) -> None:
    await stage.tell(*offers(12), need())
    await stage.ask()
    told = await stage.heard(SupplierSolicited)
    await stage.forget_demands()
    old = told[0].model_copy(update={"rank": None, "chosen": None, "propensity": None, "solicitation_id": uuid4()})
    await stage.recall([told[9], old.model_copy(update={"organisation_id": uuid4()})])
    async with stage.database.sessions.begin() as session:
        rows = (await session.execute(text("SELECT chosen, propensity FROM solicitations ORDER BY chosen"))).all()
    assert [tuple(row) for row in rows] == [("exploration", told[9].propensity), (None, None)]
