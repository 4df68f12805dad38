"""When a letter leaves: by rhythm, within a person's hours, and before what it asks for is over."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis.strategies import datetimes, integers, sampled_from, tuples

from services.notifications.rhythm import GATHERED, Days, Hours, Rhythm, planned
from shared.clock import PARIS, Calendar, is_working_day

ALWAYS = Hours(0, 24, Days.EVERY)
MOMENTS = datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=sampled_from([ZoneInfo("UTC")]))  # noqa: DTZ001 - bounds are naive
SOME_HOURS = tuples(integers(0, 23), integers(1, 24), sampled_from(Days)).filter(lambda each: each[0] < each[1])


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def due(rhythm: Rhythm, at: str, hours: Hours = ALWAYS, *, deadline: str | None = None) -> str:
    plan = planned(rhythm, hours, paris(at), deadline_on=date.fromisoformat(deadline) if deadline else None)
    assert plan.at is not None
    return f"{plan.at.astimezone(PARIS):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("rhythm", "at", "then"),
    [
        (Rhythm.AT_ONCE, "2026-11-24T22:10", "2026-11-24 22:10"),
        (Rhythm.HOURLY, "2026-11-24T22:10", "2026-11-24 23:00"),
        (Rhythm.HOURLY, "2026-11-24T22:00", "2026-11-24 23:00"),
        (Rhythm.DAILY, "2026-11-24T07:59", "2026-11-24 08:00"),
        (Rhythm.DAILY, "2026-11-24T08:00", "2026-11-25 08:00"),
        (Rhythm.WEEKLY, "2026-11-24T09:00", "2026-11-30 08:00"),
        (Rhythm.WEEKLY, "2026-11-30T07:00", "2026-11-30 08:00"),
        (Rhythm.WEEKLY, "2026-11-30T08:00", "2026-12-07 08:00"),
        # Clocks go back on 25 October 2026 and forward on 29 March 2026: eight stays eight.
        (Rhythm.DAILY, "2026-10-24T09:00", "2026-10-25 08:00"),
        (Rhythm.DAILY, "2026-03-28T09:00", "2026-03-29 08:00"),
        (Rhythm.HOURLY, "2026-03-29T01:30", "2026-03-29 03:00"),
        (Rhythm.WEEKLY, "2026-03-24T09:00", "2026-03-30 08:00"),
    ],
)
def test_each_rhythm_has_its_next_turn(rhythm: Rhythm, at: str, then: str) -> None:
    assert due(rhythm, at) == then


@pytest.mark.parametrize(
    ("rhythm", "at", "then"),
    [
        (Rhythm.AT_ONCE, "2026-11-24T17:59", "2026-11-24 17:59"),
        (Rhythm.AT_ONCE, "2026-11-24T18:00", "2026-11-25 08:00"),
        (Rhythm.AT_ONCE, "2026-11-27T18:30", "2026-11-30 08:00"),
        (Rhythm.HOURLY, "2026-11-24T17:30", "2026-11-25 08:00"),
        (Rhythm.DAILY, "2026-11-27T09:00", "2026-11-30 08:00"),
        # Easter Monday and Christmas are no working days.
        (Rhythm.WEEKLY, "2026-04-01T09:00", "2026-04-07 08:00"),
        (Rhythm.AT_ONCE, "2026-12-24T19:00", "2026-12-28 08:00"),
    ],
)
def test_without_a_choice_letters_come_in_working_hours(rhythm: Rhythm, at: str, then: str) -> None:
    assert due(rhythm, at, Hours.unchosen(Calendar())) == then


def test_a_house_that_is_always_open_writes_at_any_hour_unless_somebody_chose_hours() -> None:
    assert Hours.unchosen(Calendar(always_open=True)) == ALWAYS


def test_a_person_may_want_week_ends_and_other_hours() -> None:
    evenings = Hours(18, 24, Days.EVERY)
    assert due(Rhythm.AT_ONCE, "2026-11-28T09:00", evenings) == "2026-11-28 18:00"
    assert due(Rhythm.DAILY, "2026-11-28T09:00", evenings) == "2026-11-29 18:00"


@pytest.mark.parametrize(
    ("rhythm", "at", "deadline", "then"),
    [
        # Monday would be too late for Thursday: it leaves its digest, within working hours.
        (Rhythm.WEEKLY, "2026-11-24T09:00", "2026-11-26", "2026-11-24 09:00"),
        (Rhythm.WEEKLY, "2026-11-24T20:00", "2026-11-26", "2026-11-25 08:00"),
        # Monday leaves a day or more to answer: it waits.
        (Rhythm.WEEKLY, "2026-11-24T09:00", "2026-12-01", "2026-11-30 08:00"),
        (Rhythm.WEEKLY, "2026-11-24T09:00", "2026-11-30", "2026-11-24 09:00"),
        # The night ends after the deadline: it does not wait for the morning.
        (Rhythm.AT_ONCE, "2026-11-27T20:00", "2026-11-28", "2026-11-27 20:00"),
        # What is over already is news like any other.
        (Rhythm.WEEKLY, "2026-11-24T09:00", "2026-11-20", "2026-11-30 08:00"),
    ],
)
def test_what_would_come_too_late_leaves_its_digest(rhythm: Rhythm, at: str, deadline: str, then: str) -> None:
    """INVARIANT: no digest and no quiet hour hides an action until its deadline has passed."""
    assert due(rhythm, at, Hours(), deadline=deadline) == then


def test_whoever_was_down_at_eight_writes_once_it_is_up_again_but_not_at_night() -> None:
    told = paris("2026-11-24T07:00")
    for now, then in (("2026-11-24T08:20", "2026-11-24T08:20"), ("2026-11-24T21:00", "2026-11-25T08:00")):
        assert planned(Rhythm.DAILY, Hours(), paris(now), since=told).at == paris(then)


def test_what_leaves_its_digest_stands_alone() -> None:
    plan = planned(Rhythm.WEEKLY, Hours(), paris("2026-11-24T09:00"), deadline_on=date(2026, 11, 26))
    assert plan.rhythm is Rhythm.AT_ONCE


def test_never_is_never_also_before_a_deadline() -> None:
    assert planned(Rhythm.NEVER, Hours(), paris("2026-11-24T09:00"), deadline_on=date(2026, 11, 24)).at is None


@given(MOMENTS, SOME_HOURS, sampled_from([Rhythm.AT_ONCE, *GATHERED]))
def test_a_letter_is_due_after_now_and_in_its_readers_hours(
    now: datetime, chosen: tuple[int, int, Days], rhythm: Rhythm
) -> None:
    hours = Hours(*chosen)
    plan = planned(rhythm, hours, now)
    assert plan.at is not None
    assert plan.at >= now if rhythm is Rhythm.AT_ONCE else plan.at > now
    local = plan.at.astimezone(PARIS)
    assert hours.days is Days.EVERY or is_working_day(local.date())
    # The one hour that spring leaves out may be all there was.
    assert hours.opens <= local.hour < hours.closes or (local.month, local.hour) == (3, 3)
    assert plan.rhythm is rhythm
