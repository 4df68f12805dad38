"""Who would be asked when: the rules of the waves, played forward on a calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.matching.index.compiled.census import Census
from services.matching.ranking.sides import Demand
from services.matching.waves.policy import Asking, Candidate, Pace, Wave, next_wave, take_turn
from shared.clock import Calendar
from shared.questions.preview import PlannedWave

# Nobody plans further: after six interested it stops, and answers change the rest.
MOST_WAVES = 5
# The best, as a ranking tells them.
MOST_ASKED = 50


class Turned(NamedTuple):
    """What decides about a supplier's turn; see `Candidate`."""

    organisation_id: UUID
    asked_at: datetime | None = None
    full_at: datetime | None = None
    back_at: datetime | None = None
    fair: float = 0.0
    asked: int = 0


class Planned(NamedTuple):
    """The waves, and for each organisation in them its wave and its moment."""

    pace: Pace
    waves: Sequence[PlannedWave]
    asked: Mapping[UUID, tuple[int, datetime]]


def plan_of(
    demand: Demand, fitting: Census, turns: Mapping[UUID, Turned], *, now: datetime, calendar: Calendar
) -> Planned:
    """The waves as they would go if nobody answered; `turns` are those of the first offers."""
    asking = Asking(public_tender=demand.public_tender, deadline_on=demand.deadline_on, lot_expires_at=None)
    pace = asking.pace(now)
    # A tender is told to all; of the rest, the best.
    waiting = candidates_of(fitting if pace is not Pace.PACED else fitting.only(slice(MOST_ASKED)), turns)
    waves: list[PlannedWave] = []
    asked: dict[UUID, tuple[int, datetime]] = {}
    at = now
    while waiting and len(waves) < MOST_WAVES:
        coming = next_wave(asking, at, calendar)
        if coming is None:
            break
        at, last = coming.due_at, asking.last
        before = last.asked if last is not None and last.number == coming.number else 0
        turn = take_turn(waiting, replace(asking, last=Wave(coming.number, before, None)), at, demand_id=demand.id)
        now_asked = [place.candidate.organisation_id for place in turn.asked]
        late = [(each, calendar.next_open(free_at)) for each, free_at in turn.queued]
        waves.append(PlannedWave(number=coming.number, due_at=at, suppliers=len(turn.asked), waiting=len(late)))
        asked |= dict.fromkeys(now_asked, (coming.number, at))
        asked |= {each.organisation_id: (coming.number, free_at) for each, free_at in late if _in_time(asking, free_at)}
        gone = {*now_asked, *(each.organisation_id for each, _ in late)}
        waiting = [each for each in waiting if each.organisation_id not in gone]
        asking = replace(asking, last=Wave(coming.number, before + len(turn.asked), at))
    return Planned(pace, waves, asked)


def candidates_of(fitting: Census, turns: Mapping[UUID, Turned]) -> list[Candidate]:
    """Who waits to be asked; of whom no turn is known, the short id stands for the organisation."""
    lines = zip(
        fitting.ids, fitting.organisations.tolist(), fitting.scores.tolist(), fitting.points.tolist(), strict=True
    )
    return [
        Candidate(
            offer_id=offer_id,
            score=score,
            reasons="",
            points=points,
            **(turns.get(offer_id) or Turned(UUID(int=organisation)))._asdict(),
        )
        for offer_id, organisation, score, points in lines
    ]


def _in_time(asking: Asking, at: datetime) -> bool:
    ends_at = asking.ends_at()
    return ends_at is None or at < ends_at
