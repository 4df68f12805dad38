"""When people may be asked something."""

from datetime import UTC, date, datetime

import pytest

from shared.clock import PARIS, Calendar, french_holidays


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (paris(2026, 11, 24, 9), True),
        (paris(2026, 11, 24, 7, 59), False),
        (paris(2026, 11, 24, 18), False),
        (paris(2026, 11, 22, 10), False),  # a Sunday
        (paris(2026, 11, 11, 10), False),  # Armistice
        (paris(2026, 5, 14, 10), False),  # Ascension
    ],
)
def test_working_hours(moment: datetime, is_open: bool) -> None:
    assert Calendar().is_open(moment) is is_open
    assert Calendar(always_open=True).is_open(moment)


def test_the_next_opening_skips_nights_week_ends_and_holidays() -> None:
    assert Calendar().next_open(paris(2026, 11, 20, 19)) == paris(2026, 11, 23, 8)
    assert Calendar().next_open(paris(2026, 12, 24, 20)) == paris(2026, 12, 28, 8)
    assert Calendar().next_open(paris(2026, 11, 24, 9)) == paris(2026, 11, 24, 9)


def test_opening_hours_are_local_across_the_change_of_clocks() -> None:
    assert Calendar().next_open(datetime(2026, 3, 27, 20, tzinfo=UTC)) == paris(2026, 3, 30, 8)
    assert paris(2026, 3, 30, 8).astimezone(UTC).hour == 6


def test_eleven_holidays_a_year() -> None:
    assert len(french_holidays(2026)) == 11
    assert date(2026, 4, 6) in french_holidays(2026)
