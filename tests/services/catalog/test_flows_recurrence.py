"""Days, hours and shares of recurring flows: pure, across the changes of the clocks."""

import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.flows.errors import RuleNotUnderstood
from services.catalog.flows.recurrence import WEEKDAYS, Recurrence, at, read_rule
from services.catalog.flows.rhythm import Choice, choice_of, rhythm_words
from shared.clock import day_of
from shared.events.facts import Period, Quantity

TUESDAY = date(2026, 11, 24)
THURSDAYS = "FREQ=WEEKLY;BYDAY=TH"


def tonnes(value: str, period: Period) -> Quantity:
    return Quantity(value=Decimal(value), unit="t", period=period)


def test_a_weekly_rule_gives_the_next_six_dates() -> None:
    assert Recurrence(THURSDAYS, TUESDAY).following(TUESDAY) == [
        date(2026, 11, 26) + timedelta(weeks=week) for week in range(6)
    ]


@pytest.mark.parametrize(
    ("sunday", "before", "after"),
    [
        # Last Sunday of March: Paris goes from UTC+1 to UTC+2; last Sunday of October: back.
        (date(2027, 3, 28), 6, 5),
        (date(2027, 10, 31), 5, 6),
    ],
)
def test_seven_in_the_morning_stays_seven_when_the_clocks_change(sunday: date, before: int, after: int) -> None:
    days = Recurrence("FREQ=DAILY", sunday - timedelta(days=1)).following(sunday - timedelta(days=1), count=3)
    assert days == [sunday - timedelta(days=1), sunday, sunday + timedelta(days=1)]
    moments = [at(day, time(7)) for day in days]
    assert [moment.hour for moment in moments] == [before, after, after]
    assert {moment.tzinfo for moment in moments} == {UTC}


def test_an_hour_the_clocks_skip_is_still_one_moment() -> None:
    skipped = at(date(2027, 3, 28), time(2, 30))
    assert day_of(skipped) == date(2027, 3, 28)


def test_the_day_is_the_one_in_paris() -> None:
    assert day_of(datetime(2026, 11, 24, 23, 30, tzinfo=UTC)) == date(2026, 11, 25)


def test_a_season_bounds_the_days() -> None:
    season = Recurrence(THURSDAYS, date(2026, 12, 1), date(2026, 12, 20))
    assert season.following(TUESDAY) == [date(2026, 12, 3), date(2026, 12, 10), date(2026, 12, 17)]


def test_every_other_week_counts_from_the_first_day() -> None:
    rule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"
    first = Recurrence(rule, TUESDAY)
    assert first.following(TUESDAY, count=2) == [date(2026, 11, 26), date(2026, 12, 10)]
    assert first.following(date(2026, 11, 27), count=1) == [date(2026, 12, 10)]


def test_count_and_until_end_a_rule() -> None:
    assert len(Recurrence(THURSDAYS + ";COUNT=3", TUESDAY).following(TUESDAY)) == 3
    assert Recurrence(THURSDAYS + ";COUNT=3", TUESDAY).following(date(2026, 12, 5)) == [date(2026, 12, 10)]
    until = Recurrence(THURSDAYS + ";UNTIL=20261203", TUESDAY)
    assert until.following(TUESDAY) == [date(2026, 11, 26), date(2026, 12, 3)]
    # 23:30 UTC on Wednesday is Thursday in Paris.
    zulu = Recurrence(THURSDAYS + ";UNTIL=20261202T233000Z", TUESDAY)
    assert zulu.following(TUESDAY) == [date(2026, 11, 26), date(2026, 12, 3)]


@pytest.mark.parametrize(
    ("quantity", "rule", "day", "expected"),
    [
        (tonnes("6", Period.WEEK), THURSDAYS, date(2026, 11, 26), "6"),
        (tonnes("6", Period.WEEK), "FREQ=WEEKLY;BYDAY=MO,TH", date(2026, 12, 3), "3"),
        (tonnes("4", Period.MONTH), THURSDAYS, date(2027, 1, 7), "1"),
        (tonnes("4", Period.MONTH), THURSDAYS, date(2026, 12, 3), "0.8"),  # five Thursdays in December
        (tonnes("4", Period.MONTH), THURSDAYS, date(2026, 11, 26), "0.8"),  # begins mid-month: December's share
        (tonnes("2", Period.WEEK), "FREQ=MONTHLY;BYMONTHDAY=1", date(2026, 12, 1), "8"),
        (tonnes("6", Period.WEEK), "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", date(2026, 11, 26), "12"),
        (tonnes("5", Period.ONCE), THURSDAYS, date(2026, 11, 26), "5"),
        (tonnes("100", Period.MONTH), None, TUESDAY, "100"),
    ],
)
def test_a_lot_is_its_share_of_the_period(quantity: Quantity, rule: str | None, day: date, expected: str) -> None:
    assert Recurrence(rule, TUESDAY).share(quantity, day) == Decimal(expected)


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "chaque jeudi",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=7,9",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=2;UNTIL=20270101",
        "FREQ=WEEKLY;UNTIL=2027",
        "FREQ=MONTHLY;BYDAY=99TH",
        "FREQ=DAILY\nDTSTART:20260101",
        "FREQ=DAILY;EXDATE=20260101",
        "FREQ=DAILY;" + "BYMONTH=1," * 40 + "1",
    ],
)
def test_a_rule_that_is_no_rule_by_days_is_refused(rule: str) -> None:
    with pytest.raises(RuleNotUnderstood):
        read_rule(rule)


def test_a_rule_that_never_falls_costs_no_time() -> None:
    begun = stopwatch.process_time()
    assert Recurrence("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", TUESDAY).following(TUESDAY) == []
    assert stopwatch.process_time() - begun < 1


def test_a_rule_is_kept_without_its_prefix() -> None:
    assert read_rule(" rrule:freq=weekly;byday=th; ") == THURSDAYS


@given(
    rhythm=st.sampled_from(["weekly", "fortnightly"]),
    weekdays=st.lists(st.sampled_from(WEEKDAYS), unique=True, min_size=1),
)
def test_the_simple_weekly_choices_read_back(rhythm: str, weekdays: list[str]) -> None:
    choice = Choice(rhythm, sorted(weekdays, key=WEEKDAYS.index))  # type: ignore[arg-type]
    rule = choice.rule()
    assert rule is not None
    assert read_rule(rule) == rule
    again = choice_of(rule)
    assert (again.rhythm, list(again.weekdays)) == (rhythm, list(choice.weekdays))


@given(day=st.sampled_from([-1, *range(1, 32)]))
def test_the_simple_monthly_choices_read_back(day: int) -> None:
    rule = Choice("monthly", month_day=day).rule()
    assert choice_of(rule) == Choice("monthly", month_day=day)


@pytest.mark.parametrize(
    ("rule", "french", "english"),
    [
        (None, "Une fois", "Once"),
        (THURSDAYS, "Chaque jeudi", "Every Thursday"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
            "Une semaine sur deux, le lundi et jeudi",
            "Every other week, on Monday and Thursday",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "Le 1er du mois", "On day 1 of the month"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "Le dernier jour du mois", "The last day of the month"),
        ("FREQ=YEARLY;BYMONTH=5", "FREQ=YEARLY;BYMONTH=5", "FREQ=YEARLY;BYMONTH=5"),
    ],
)
def test_a_rhythm_is_said_in_words(rule: str | None, french: str, english: str) -> None:
    assert (rhythm_words(rule, "fr"), rhythm_words(rule, "en")) == (french, english)
