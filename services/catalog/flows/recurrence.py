"""Recurring dates: RFC 5545 rules by days, read, listed in local time, and shared out in quantities. Pure.

Days are days in Paris and hours are on its clocks, so that « every Thursday at 7 » stays at 7 when the clocks change.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice, takewhile

from dateutil.rrule import rrulestr

from services.catalog.flows.errors import RuleNotUnderstood
from shared.clock import PARIS
from shared.events.facts import Period, Quantity

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
# Hours are the pick-up slot's, one lot a day: the parts of a rule that go below a day are refused.
PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
MOST_CHARACTERS = 200
FARTHEST = timedelta(days=5 * 366)
# dateutil looks for a day up to the year 9999, which takes seconds for a rule that never falls (30 February). The
# calendar repeats every 400 years, weekdays included: seen from a far twin of the same day, 9999 is near.
LAST_YEAR, CYCLE = 9999, 400
MEAN_DAYS: Mapping[Period, float] = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30.4375, Period.YEAR: 365.25}
TO_GRAMS = Decimal("0.001")

_PART = re.compile(r"([A-Z]+)=([A-Z0-9,+\-]+)")


@dataclass(frozen=True)
class Recurrence:
    """The days of a flow: one day when `rule` is None, else those of the rule from `starts_on` to `ends_on`."""

    rule: str | None
    starts_on: date
    ends_on: date | None = None

    def days(self, since: date) -> Iterator[date]:
        """Its days from `since` on, at most five years of them."""
        return (day for day in self._days(max(since, self.starts_on) + FARTHEST) if day >= since)

    def following(self, since: date, *, count: int = 6) -> list[date]:
        """Its next days, `since` included."""
        return list(islice(self.days(since), count))

    def until(self, since: date, last: date) -> list[date]:
        """Its days between two, both included."""
        return list(takewhile(lambda day: day <= last, self.days(since)))

    def share(self, quantity: Quantity, day: date) -> Decimal:
        """What one day's lot holds: a quantity without period is the lot's, another is shared out over its period.

        « 4 t a month », each Thursday: a quarter or a fifth of it; « 2 t a week », once a month: four times it.
        """
        if self.rule is None or quantity.period is Period.ONCE:
            return quantity.value
        siblings = self._siblings(quantity.period, day)
        if siblings > 1:
            return max((quantity.value / siblings).quantize(TO_GRAMS), TO_GRAMS)
        later = self._unbounded().following(day + timedelta(days=1), count=1)
        gap = (later[0] - day).days if later else 0
        return quantity.value * max(1, round(gap / MEAN_DAYS[quantity.period]))

    def _siblings(self, period: Period, day: date) -> int:
        """How many days fall in the period of `day`, or in the next one when the flow begins in the middle of it."""
        first, following = _bounds(period, day)
        if first < self.starts_on:
            first, following = _bounds(period, following)
        return len(self._unbounded().until(first, following - timedelta(days=1)))

    def _unbounded(self) -> "Recurrence":
        return Recurrence(self.rule, self.starts_on)

    def _days(self, farthest: date) -> Iterator[date]:
        if self.rule is None:
            yield self.starts_on
            return
        parts = _parts(self.rule)
        count = int(parts.pop("COUNT")) if "COUNT" in parts else None
        last = min(filter(None, (farthest, self.ends_on, _last_day(parts.pop("UNTIL", None)))))
        leap = (LAST_YEAR - farthest.year - 1) // CYCLE * CYCLE
        parts["UNTIL"] = f"{_later(last, leap):%Y%m%d}T235959"
        text = ";".join(f"{name}={value}" for name, value in parts.items())
        try:
            found = rrulestr(text, dtstart=datetime.combine(_later(self.starts_on, leap), time()))
            # Some errors show only when the first date is computed: BYDAY=99TH.
            yield from (_later(each.date(), -leap) for each in islice(found, count))
        except (ValueError, IndexError, KeyError, TypeError) as error:
            raise RuleNotUnderstood from error


def read_rule(text: str) -> str:
    """A rule as it is kept: upper case, without its `RRULE:`; raises `RuleNotUnderstood`."""
    rule = text.strip().upper().removeprefix("RRULE:").strip(" ;")
    parts = _parts(rule)
    # A first look finds what only the reader of dates refuses: BYDAY=XX, INTERVAL=0.
    Recurrence(rule, date(2024, 1, 1)).following(date(2024, 1, 1), count=1)
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _parts(rule: str) -> dict[str, str]:
    matches = [_PART.fullmatch(each) for each in rule.split(";")]
    parts = {found[1]: found[2] for found in matches if found is not None}
    is_whole = len(parts) == len(matches) and len(rule) <= MOST_CHARACTERS
    if not is_whole or not parts.keys() <= PARTS or parts.get("FREQ") not in FREQUENCIES:
        raise RuleNotUnderstood
    if {"COUNT", "UNTIL"} <= parts.keys() or not all(_is_number(parts.get(name)) for name in ("COUNT", "INTERVAL")):
        raise RuleNotUnderstood
    return parts


def _is_number(text: str | None) -> bool:
    return text is None or (text.isdigit() and 0 < int(text) < 1000)


def _last_day(until: str | None) -> date | None:
    """The local day of an UNTIL, which is a date or a moment."""
    if until is None:
        return None
    try:
        if until.endswith("Z"):
            return datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(PARIS).date()
        return datetime.strptime(until[:8], "%Y%m%d").date()  # noqa: DTZ007 - a local day has no zone
    except ValueError as error:
        raise RuleNotUnderstood from error


def _later(day: date, years: int) -> date:
    """The same day of a year with the same calendar."""
    return day.replace(year=day.year + years)


def _bounds(period: Period, day: date) -> tuple[date, date]:
    """The first day of the calendar period that holds `day`, and of the next one."""
    if period is Period.DAY:
        return day, day + timedelta(days=1)
    if period is Period.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    if period is Period.MONTH:
        first = day.replace(day=1)
        return first, (first + timedelta(days=32)).replace(day=1)
    return date(day.year, 1, 1), date(day.year + 1, 1, 1)


def at(day: date, hour: time) -> datetime:
    """A moment on Paris's clocks, in UTC."""
    return datetime.combine(day, hour, PARIS).astimezone(UTC)
