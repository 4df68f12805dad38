"""When a letter leaves: rhythms, a person's hours, and what cannot wait. Times of day are those of Paris."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from shared.clock import CLOSES, OPENS, PARIS, Calendar, is_working_day

# The hour of what comes daily or weekly.
SUMMARY = time(8)
MONDAY = 0
MIDNIGHT = 24
# Longer than any run of closed days: what is never open would be looked for for ever.
HORIZON_DAYS = 31
# Whoever is asked something has this long to answer, at least.
TO_ANSWER = timedelta(days=1)


class Channel(StrEnum):
    """Where one is told: on the pages that are open, or by letter. The inbox keeps everything."""

    LIVE = "live"
    EMAIL = "email"


class Rhythm(StrEnum):
    """How often."""

    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


# What is gathered into one letter.
GATHERED = (Rhythm.HOURLY, Rhythm.DAILY, Rhythm.WEEKLY)


class Days(StrEnum):
    """On which days letters come."""

    WORKING = "working"
    EVERY = "every"


@dataclass(frozen=True)
class Hours:
    """When letters may come: from the hour `opens` to the hour `closes` (24 is midnight), on `days`."""

    opens: int = OPENS.hour
    closes: int = CLOSES.hour
    days: Days = Days.WORKING

    @classmethod
    def unchosen(cls, calendar: Calendar) -> "Hours":
        """Those of whoever chose none: working hours, or any where the house is always open."""
        return cls(0, MIDNIGHT, Days.EVERY) if calendar.always_open else cls()

    def next_open(self, at: datetime) -> datetime:
        """That moment when letters may come, else the next one."""
        local = at.astimezone(PARIS)
        if self._is_open_on(local.date()) and self.opens <= local.hour < self.closes:
            return at
        return next(moment for moment in self._openings(local.date()) if moment > at)

    def _is_open_on(self, day: date) -> bool:
        return self.days is Days.EVERY or is_working_day(day)

    def _openings(self, day: date) -> Iterator[datetime]:
        for later in range(HORIZON_DAYS):
            if self._is_open_on(day + timedelta(days=later)):
                yield _at(day + timedelta(days=later), time(self.opens))


class Plan(NamedTuple):
    """When a letter is due, and whether it then stands alone (`at_once`) or is gathered; None for never."""

    rhythm: Rhythm
    at: datetime | None


def planned(
    rhythm: Rhythm, hours: Hours, now: datetime, *, since: datetime | None = None, deadline_on: date | None = None
) -> Plan:
    """When what was told `since` (or now) is due by letter, now or later.

    What would come too late to answer leaves its digest, or the night.
    """
    if rhythm is Rhythm.NEVER:
        return Plan(rhythm, None)
    # Whoever was down at eight writes as soon as it is up again.
    due = hours.next_open(max(now, _turn(rhythm, since or now)))
    ends = None if deadline_on is None else _at(deadline_on + timedelta(days=1), time.min)
    if ends is None or ends <= now:
        return Plan(rhythm, due)
    if rhythm in GATHERED and due > ends - TO_ANSWER:
        rhythm, due = Rhythm.AT_ONCE, hours.next_open(now)
    return Plan(rhythm, now if due >= ends else due)


def _turn(rhythm: Rhythm, since: datetime) -> datetime:
    """The next moment of a rhythm, strictly later: full hours, 8:00, Monday 8:00."""
    if rhythm is Rhythm.AT_ONCE:
        return since
    if rhythm is Rhythm.HOURLY:
        # Paris is full hours away from UTC, in summer and in winter.
        return since.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    day = since.astimezone(PARIS).date()
    while _at(day, SUMMARY) <= since or (rhythm is Rhythm.WEEKLY and day.weekday() != MONDAY):
        day += timedelta(days=1)
    return _at(day, SUMMARY)


def _at(day: date, hour: time) -> datetime:
    # In UTC: two moments of the same zone are compared by their clocks, which lie twice a year.
    return datetime.combine(day, hour, PARIS).astimezone(UTC)
