"""The clock and the working calendar, injected everywhere time decides something."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.easter import easter

PARIS = ZoneInfo("Europe/Paris")
OPENS, CLOSES = time(8), time(18)

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """The day it is in France, whatever the hour elsewhere: what people mean by a deadline."""
    return moment.astimezone(PARIS).date()


@dataclass(frozen=True)
class Calendar:
    """Working days 8 to 18 h in Paris, or always open (the demonstration and the benchmark)."""

    always_open: bool = False

    def is_open(self, at: datetime) -> bool:
        """True when people may be asked something at that moment."""
        local = at.astimezone(PARIS)
        return self.always_open or (is_working_day(local.date()) and OPENS <= local.time() < CLOSES)

    def next_open(self, at: datetime) -> datetime:
        """That moment when it is open, else the next opening."""
        if self.is_open(at):
            return at
        local = at.astimezone(PARIS)
        opening = datetime.combine(local.date(), OPENS, PARIS)
        while opening <= local or not is_working_day(opening.date()):
            opening = datetime.combine(opening.date() + timedelta(days=1), OPENS, PARIS)
        return opening.astimezone(UTC)


def is_working_day(day: date) -> bool:
    """Monday to Friday, public holidays left out."""
    return day.weekday() < 5 and day not in french_holidays(day.year)


def french_holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of metropolitan France (Code du travail, L.3133-1)."""
    sunday = easter(year)
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    moving = (sunday + timedelta(days=1), sunday + timedelta(days=39), sunday + timedelta(days=50))
    return frozenset([*(date(year, month, day) for month, day in fixed), *moving])
