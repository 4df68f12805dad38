"""When suppliers are asked, how many at a time, and whose turn it is: pure rules over rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from math import exp, log
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
# Points this close are equal: whoever was asked longest ago comes first.
TIE = 3
# Points of the ranking per point that a supplier is below its fair share; `boucle bench fairness` measures it.
EXPOSURE_BONUS = 0.10
# So much of one ask may be chance, and is no debt yet: a share counts from there (decision 36 has the figures).
BY_CHANCE = 0.6
# Over how long a share is counted.
EXPOSURE_WINDOW = timedelta(days=90)


class Pace(StrEnum):
    """`everyone`: a public tender, in working hours; `urgent`: a lot with little time left, whatever the hour."""

    PACED = "paced"
    EVERYONE = "everyone"
    URGENT = "urgent"


class Wave(NamedTuple):
    """A wave: open until done, reopened while it is not full. `after` is when the one before it was done."""

    number: int
    asked: int
    done_at: datetime | None
    after: datetime | None = None


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

    def is_over(self, now: datetime) -> bool:
        """True when nobody more is asked: it is too late, or enough are interested."""
        ends_at = self.ends_at()
        enough = self.pace(now) is Pace.PACED and self.interested >= ENOUGH_INTERESTED
        return enough or (ends_at is not None and ends_at <= now)

    def nears(self, now: datetime) -> bool:
        """True when the deadline has waves follow faster, or is about to."""
        ends_at = self.ends_at()
        return ends_at is not None and ends_at - now < NEAR_DEADLINE + APART

    def follows_at(self, done_at: datetime) -> datetime:
        """When the wave after one done at that moment is due: a day later, sooner where the deadline nears."""
        ends_at = self.ends_at()
        if ends_at is None:
            return done_at + APART
        return min(done_at + APART, max(done_at + APART_NEAR_DEADLINE, ends_at - NEAR_DEADLINE))


class Plan(NamedTuple):
    """The next wave: its number and when it is due."""

    number: int
    due_at: datetime


def next_wave(asking: Asking, now: datetime, calendar: Calendar) -> Plan | None:
    """The next wave, or None when nobody more is to be asked."""
    pace, last, ends_at = asking.pace(now), asking.last, asking.ends_at()
    if pace is Pace.URGENT:
        return Plan(last.number if last else 1, now)
    if asking.is_over(now):
        return None
    if last is None:
        number, earliest = 1, now
    elif last.done_at is None and last.after is not None and pace is Pace.PACED:
        number, earliest = last.number, max(now, asking.follows_at(last.after))
    elif pace is Pace.EVERYONE or last.asked < WAVE_SIZE:
        number, earliest = last.number, now
    else:
        number, earliest = last.number + 1, max(now, asking.follows_at(last.done_at or now))
    due_at = calendar.next_open(earliest)
    return None if ends_at is not None and due_at >= ends_at else Plan(number, due_at)


class Candidate(NamedTuple):
    """A match whose organisation was not asked yet.

    `rank` and `weights` are those of its ranking, `full_at` is when its weekly budget was last used up, `back_at` when
    it wants to be asked again, `fair` and `asked` its fair share of the last 90 days and what it got of it. Its score
    was read off `points`; a match of before decision 40 has none, its score was its points.
    """

    organisation_id: UUID
    offer_id: UUID
    score: int
    reasons: str
    asked_at: datetime | None = None
    full_at: datetime | None = None
    back_at: datetime | None = None
    rank: int = 1
    weights: str = ""
    fair: float = 0.0
    asked: int = 0
    points: int | None = None

    def free_at(self, now: datetime, pace: Pace) -> datetime:
        """When it may be asked: now, or later. A week does not hold where everybody is asked; one's own pause does."""
        waits = [now, self.back_at or now]
        if pace is Pace.PACED and self.full_at is not None:
            waits.append(self.full_at + WEEK)
        return max(waits)

    @property
    def bonus(self) -> float:
        """The points by which it comes earlier for having been asked less than its fair share."""
        return EXPOSURE_BONUS * below_fair_share(self.fair, self.asked)

    @property
    def worth(self) -> float:
        """What its turn is decided by: its points and its bonus."""
        return (self.score if self.points is None else self.points) + self.bonus


def below_fair_share(fair: float, asked: int) -> float:
    """How far below its fair share a supplier is, 0 to 100: 0 when it got it (or more), near 100 for nothing of much.

    Squared: who was passed over altogether comes first, who nearly got its share stays where it is.
    """
    return float(100 * (max(0.0, fair - asked) / (fair + BY_CHANCE)) ** 2)


class Chosen(StrEnum):
    """Why this one: its turn in the order, the slot that explores, or everybody was told."""

    TURN = "turn"
    EXPLORATION = "exploration"
    EVERYONE = "everyone"


class Place(NamedTuple):
    """One supplier asked, and how probable that was beforehand, given who fitted."""

    candidate: Candidate
    chosen: Chosen
    propensity: float = 1.0


class Turn(NamedTuple):
    """Who is asked now, who waits until when, and how many are left for later."""

    asked: list[Place]
    queued: list[tuple[Candidate, datetime]]
    left: int


def in_turn(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Most points with their bonus first; within three points, whoever was asked longest ago (or never) comes first."""
    by_worth = sorted(candidates, key=lambda each: (-each.worth, each.offer_id))
    rungs: list[tuple[float, Candidate]] = []
    top = None
    for each in by_worth:
        top = each.worth if top is None or top - each.worth > TIE else top
        rungs.append((top, each))
    ordered: list[Candidate] = []
    for _, rung in groupby(rungs, key=lambda pair: pair[0]):
        ordered += sorted((each for _, each in rung), key=lambda each: (each.asked_at is not None, each.asked_at or 0))
    return ordered


def take_turn(candidates: Sequence[Candidate], asking: Asking, now: datetime, *, demand_id: UUID) -> Turn:
    """Fill a wave; whoever is over its weekly budget is queued, not skipped, and leaves its place to the next one.

    The tenth place of a wave explores: it is drawn among all who are left, so that what the order never shows is tried.
    """
    pace = asking.pace(now)
    if pace is not Pace.PACED:
        return _told_to_everyone(candidates, now, pace)
    last = asking.last
    # An urgent wave may have asked more than a paced one holds: the room left is negative then.
    room = max(0, WAVE_SIZE - (last.asked if last else 0))
    ordered = in_turn(candidates)
    free = [each for each in ordered if each.free_at(now, pace) <= now]
    asked = [Place(each, Chosen.TURN) for each in free[: room if len(free) <= room else room - 1]] if room else []
    if len(free) > room > 0:
        rest = free[room - 1 :]
        asked.append(_explored(rest, demand_id=demand_id, wave=last.number if last else 1))
    ahead = _ahead_of(ordered, asked) if len(asked) >= room else ordered
    queued = [(each, at) for each in ahead if (at := each.free_at(now, pace)) > now]
    return Turn(asked, queued, len(ordered) - len(asked) - len(queued))


def _told_to_everyone(candidates: Sequence[Candidate], now: datetime, pace: Pace) -> Turn:
    waits = [(each, each.free_at(now, pace)) for each in sorted(candidates, key=lambda each: each.rank)]
    asked = [Place(each, Chosen.EVERYONE) for each, free_at in waits if free_at <= now]
    return Turn(asked, [(each, free_at) for each, free_at in waits if free_at > now], 0)


def _ahead_of(ordered: Sequence[Candidate], asked: Sequence[Place]) -> Sequence[Candidate]:
    """Those whose turn came before the last place that was given by turn."""
    by_turn = [each.candidate for each in asked if each.chosen is Chosen.TURN]
    return ordered[: ordered.index(by_turn[-1])] if by_turn else []


def _explored(rest: Sequence[Candidate], *, demand_id: UUID, wave: int) -> Place:
    """One of those whose turn it is not, drawn by chance: three points less make it e times less probable."""
    best = max(each.worth for each in rest)
    odds = [exp((each.worth - best) / TIE) for each in rest]
    lots = [log(_lot(demand_id, wave, each)) / odd for each, odd in zip(rest, odds, strict=True)]
    at = lots.index(max(lots))
    return Place(rest[at], Chosen.EXPLORATION, odds[at] / sum(odds))


def _lot(demand_id: UUID, wave: int, candidate: Candidate) -> float:
    """A number of (0, 1] for each: nobody can guess whom it favours, and whoever runs it again draws the same."""
    digest = sha256(f"{demand_id}:{wave}:{candidate.organisation_id}".encode()).digest()
    return (int.from_bytes(digest[:8]) + 1) / 2**64
