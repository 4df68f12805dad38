"""When suppliers are asked, how many at a time, and whose turn it is: pure rules over rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from shared.clock import PARIS, Calendar

# What users of the reference platform know (domain.md, "Figures worth matching exactly").
WAVE_SIZE = 10
APART = timedelta(hours=24)
ENOUGH_INTERESTED = 6
# Near the deadline waves follow faster.
NEAR_DEADLINE = timedelta(days=3)
APART_NEAR_DEADLINE = timedelta(hours=4)
# A lot with less to live goes to everybody at once: no waves, hours or budgets (domain rule 5).
SHORT_LIFE = timedelta(hours=72)
WEEKLY_BUDGET = 5
WEEK = timedelta(days=7)
# Scores this close are equal: whoever was asked longest ago comes first.
TIE = 3


class Pace(StrEnum):
    """`everyone`: a public tender, in working hours; `urgent`: a lot with little time left, whatever the hour."""

    PACED = "paced"
    EVERYONE = "everyone"
    URGENT = "urgent"


class Wave(NamedTuple):
    """A wave: open until done, reopened while it is not full."""

    number: int
    asked: int
    done_at: datetime | None


@dataclass(frozen=True)
class Asking:
    """What decides about the next wave of one demand."""

    public_tender: bool
    deadline_on: date | None
    lot_expires_at: datetime | None
    interested: int = 0
    last: Wave | None = None

    def pace(self, now: datetime) -> Pace:
        """How everybody who fits is asked."""
        if self.lot_expires_at is not None and self.lot_expires_at - now < SHORT_LIFE:
            return Pace.URGENT
        return Pace.EVERYONE if self.public_tender else Pace.PACED

    def ends_at(self) -> datetime | None:
        """The end of the deadline's day, in Paris."""
        if self.deadline_on is None:
            return None
        return datetime.combine(self.deadline_on + timedelta(days=1), time(), PARIS)


class Plan(NamedTuple):
    """The next wave: its number and when it is due."""

    number: int
    due_at: datetime


def next_wave(asking: Asking, now: datetime, calendar: Calendar) -> Plan | None:
    """The next wave, or None when nobody more is to be asked (enough are interested, or it would be too late)."""
    pace, last, ends_at = asking.pace(now), asking.last, asking.ends_at()
    if pace is Pace.URGENT:
        return Plan(last.number if last else 1, now)
    if pace is Pace.PACED and asking.interested >= ENOUGH_INTERESTED:
        return None
    if last is None:
        number, earliest = 1, now
    elif pace is Pace.EVERYONE or last.asked < WAVE_SIZE:
        number, earliest = last.number, now
    else:
        near = ends_at is not None and ends_at - now < NEAR_DEADLINE
        number = last.number + 1
        earliest = max(now, (last.done_at or now) + (APART_NEAR_DEADLINE if near else APART))
    due_at = calendar.next_open(earliest)
    return None if ends_at is not None and due_at >= ends_at else Plan(number, due_at)


class Candidate(NamedTuple):
    """A match whose organisation was not asked yet; `fifth_at` is when its fifth last solicitation of all went out."""

    organisation_id: UUID
    offer_id: UUID
    score: int
    reasons: str
    asked_at: datetime | None
    fifth_at: datetime | None

    def free_at(self, now: datetime) -> datetime:
        """When its weekly budget has room: now, or later."""
        return now if self.fifth_at is None else max(now, self.fifth_at + WEEK)


class Turn(NamedTuple):
    """Who is asked now, and who waits for its budget until when."""

    asked: list[Candidate]
    queued: list[tuple[Candidate, datetime]]
    left: int


def in_turn(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Best score first; among scores within three points, whoever was asked longest ago (or never) comes first."""
    by_score = sorted(candidates, key=lambda each: (-each.score, each.offer_id))
    rungs: list[tuple[int, Candidate]] = []
    top = None
    for each in by_score:
        top = each.score if top is None or top - each.score > TIE else top
        rungs.append((top, each))
    ordered: list[Candidate] = []
    for _, rung in groupby(rungs, key=lambda pair: pair[0]):
        ordered += sorted((each for _, each in rung), key=lambda each: (each.asked_at is not None, each.asked_at or 0))
    return ordered


def take_turn(candidates: Sequence[Candidate], asking: Asking, now: datetime) -> Turn:
    """Fill a wave; a supplier over its weekly budget is queued, not skipped, and leaves its place to the next one."""
    ordered, pace = in_turn(candidates), asking.pace(now)
    if pace is not Pace.PACED:
        return Turn(ordered, [], 0)
    room = WAVE_SIZE - (asking.last.asked if asking.last else 0)
    asked: list[Candidate] = []
    queued: list[tuple[Candidate, datetime]] = []
    for each in ordered:
        # An urgent wave may have asked more than a paced one holds: the room left is negative then.
        if len(asked) >= room:
            break
        free_at = each.free_at(now)
        if free_at > now:
            queued.append((each, free_at))
        else:
            asked.append(each)
    return Turn(asked, queued, len(ordered) - len(asked) - len(queued))
