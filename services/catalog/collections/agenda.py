"""This week's collections and the next one's, as its page shows them; and as calendars and drivers read them."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from services.catalog.collections.ics import Entry
from services.catalog.flows.recurrence import at
from services.catalog.organisations.places import place_words
from services.catalog.takings.models import State, Taking
from services.catalog.takings.view import TakingLine, line_of
from shared.clock import day_of
from shared.events.takings import Side, Transport
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.urls import in_language
from shared.web.visit import visit_of

WEEK = timedelta(days=7)
MOST_DAYS = timedelta(days=31)
COMING = (State.MADE, State.DISPUTED, State.CONFIRMED)
UNSETTLED = (State.MADE, State.DISPUTED)
# Nothing is picked up out of these, and beyond them clocks and databases count no more.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
# Calendars are also told what they should take away again.
TOLD = (*COMING, State.CANCELLED, State.MISSED)


class Slot(NamedTuple):
    """A collection within its day: its hours, who comes to whom, and the rest of its line."""

    hours: str
    way: str
    line: TakingLine


class Day(NamedTuple):
    """The collections of a day; `has_route` when one's own organisation has to drive."""

    day: date
    words: str
    slots: list[Slot]
    has_route: bool


class Week(NamedTuple):
    """A week with something in it, or nothing."""

    title: str
    days: list[Day]


def span_of(first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of a day to the end of another, on Paris's clocks; `within_reach` for days of visitors."""
    return at(first, time(0)), at(last + timedelta(days=1), time(0))


def within_reach(day: date) -> date:
    """A day as it was asked for, or the nearest on which something might be picked up."""
    return min(max(day, FIRST_DAY), LAST_DAY)


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def weeks_of(request: Req, takings: Sequence[Taking], organisation_id: UUID, now: datetime) -> list[Week]:
    """This week and the next, by day."""
    next_monday = monday_of(day_of(now)) + WEEK
    days = days_of(request, takings, organisation_id, now)
    return [
        Week(gettext(request, "Cette semaine"), [each for each in days if each.day < next_monday]),
        Week(gettext(request, "La semaine prochaine"), [each for each in days if each.day >= next_monday]),
    ]


def days_of(request: Req, takings: Sequence[Taking], organisation_id: UUID, now: datetime) -> list[Day]:
    """Collections by day, both in order."""
    language = visit_of(request).language
    slots = [taking for taking in takings if taking.slot_from is not None]
    return [
        Day(
            day,
            i18n.day(day, language, now=now),
            _slots(request, found, organisation_id, now),
            has_route=_drives(found, organisation_id),
        )
        for day, each in groupby(slots, key=_day)
        if (found := list(each))
    ]


def hours_of(taking: Taking, language: str) -> str:
    """« 9 h – 10 h 30 »."""
    if taking.slot_from is None or taking.slot_until is None:
        return ""
    return f"{i18n.clock(taking.slot_from, language)} – {i18n.clock(taking.slot_until, language)}"


def is_driven_by(taking: Taking, organisation_id: UUID) -> bool:
    """True when this organisation comes for it, or has it fetched."""
    return taking.taker_id == organisation_id and taking.transport is not Transport.HOLDER


def entries_of(request: Req, takings: Sequence[Taking], organisation_id: UUID, now: datetime) -> list[Entry]:
    """The same as events of a calendar."""
    return [_entry(request, taking, organisation_id, now) for taking in takings]


def _entry(request: Req, taking: Taking, organisation_id: UUID, now: datetime) -> Entry:
    line = line_of(request, taking, organisation_id, now)
    since = taking.slot_from or taking.updated_at
    path = in_language(f"/takings/{taking.id}", visit_of(request).language)
    is_off = taking.state not in COMING
    # How one gets in is for who comes: what is called off takes it out of the calendar that has it, too.
    words = "" if is_off else "\n".join(each for each in (taking.flow.access, taking.flow.safety) if each)
    return Entry(
        id=taking.id,
        version=taking.version,
        changed_at=taking.updated_at,
        since=since,
        until=taking.slot_until or since,
        title=f"{line.quantity}, {taking.flow.title} ({line.other})",
        place=place_words(taking.flow.place),
        words=words,
        address=request.app.state.settings.public_url + path,
        is_off=is_off,
    )


def _slots(request: Req, takings: Sequence[Taking], organisation_id: UUID, now: datetime) -> list[Slot]:
    language = visit_of(request).language
    lines = [line_of(request, taking, organisation_id, now) for taking in takings]
    return [Slot(hours_of(line.taking, language), _way(request, line, organisation_id), line) for line in lines]


def _way(request: Req, line: TakingLine, organisation_id: UUID) -> str:
    """Who goes where."""
    takes = line.taking.side_of(organisation_id) is Side.TAKER
    if line.taking.transport is Transport.HOLDER:
        sentence = gettext(request, "{name} vous livre") if takes else gettext(request, "Vous livrez {name}")
    else:
        sentence = gettext(request, "Vous allez chez {name}") if takes else gettext(request, "{name} vient chez vous")
    return sentence.format(name=line.other)


def _day(taking: Taking) -> date:
    return day_of(taking.slot_from or taking.updated_at)


def _drives(takings: Sequence[Taking], organisation_id: UUID) -> bool:
    return any(is_driven_by(taking, organisation_id) for taking in takings)
