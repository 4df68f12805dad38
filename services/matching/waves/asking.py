"""Run what is due: fill waves, ask whoever waited for its week, tell them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import in_order
from services.matching.ranking.score import REASONS
from services.matching.ranking.sides import Demand
from services.matching.waves.commands import calendar_of, call_off, plan, wait_no_more
from services.matching.waves.policy import Candidate, Chosen, Pace, Place, take_turn
from services.matching.waves.queries import Queued, askings, candidates, due_queued, due_waves
from shared.database import now_of
from shared.database.statement import Statement
from shared.events.matching import SupplierSolicited
from shared.messaging.outbox import record

SOLICITATIONS = UUID("7cb3a4fa-d5de-4ff3-b8bb-f6dbc0dd7648")

DONE = Statement("""
    UPDATE waves SET done_at = :now, asked = asked + :asked WHERE demand_id = :demand AND done_at IS NULL
""")
DEMANDS = text("SELECT state::text FROM demands WHERE id = ANY(CAST(:demands AS uuid[]))")
ASK = Statement("""
    INSERT INTO solicitations (id, demand_id, organisation_id, offer_id, wave, score, due_at, solicited_at, rank,
                               weights, bonus, chosen, propensity)
    SELECT id, CAST(:demand_id AS uuid), organisation_id, offer_id, CAST(:wave AS int), score, due_at, solicited_at,
           rank, weights, bonus, chosen, propensity
    FROM unnest(CAST(:ids AS uuid[]), CAST(:organisations AS uuid[]), CAST(:offers AS uuid[]), CAST(:scores AS int[]),
                CAST(:due_at AS timestamptz[]), CAST(:solicited_at AS timestamptz[]), CAST(:ranks AS int[]),
                CAST(:weights AS text[]), CAST(:bonuses AS float8[]), CAST(:chosen AS text[]),
                CAST(:propensities AS float8[]))
         AS fresh (id, organisation_id, offer_id, score, due_at, solicited_at, rank, weights, bonus, chosen, propensity)
    ON CONFLICT (demand_id, organisation_id) DO NOTHING
""")
ASK_QUEUED = Statement("""
    UPDATE solicitations SET solicited_at = :now, offer_id = :offer_id, score = :score, rank = :rank,
        weights = :weights, bonus = :bonus, chosen = :chosen, propensity = :propensity
    WHERE id = :id
""")
POSTPONE = text("UPDATE solicitations SET due_at = :due_at WHERE id = :id")
DROP = text("DELETE FROM solicitations WHERE id = :id")


class Asked(NamedTuple):
    """One supplier asked just now."""

    id: UUID
    demand_id: UUID
    wave: int
    place: Place


async def ask_due(session: AsyncSession) -> int:
    """Run every wave and every queued solicitation that is due; how many suppliers were asked."""
    await in_order(session)
    now = now_of(session)
    due = await due_waves(session, now=now)
    asked = [each for demand_id in due for each in await _run_wave(session, demand_id, now)]
    asked += await _ask_queued(session, now)
    if asked:
        await _tell(session, asked, now)
    return len(asked)


def solicitation_id(demand_id: UUID, candidate: Candidate) -> UUID:
    """The same for the same pair: matching that was restored from a backup asks again, and nobody is told again."""
    return uuid5(SOLICITATIONS, f"{demand_id}:{candidate.organisation_id}")


async def _run_wave(session: AsyncSession, demand_id: UUID, now: datetime) -> list[Asked]:
    asking = (await askings(session, [demand_id], now=now)).get(demand_id)
    if asking is None or asking.last is None or asking.is_over(now):
        await call_off(session, [demand_id])
        return []
    number = asking.last.number
    turn = take_turn(await candidates(session, demand_id, now=now), asking, now, demand_id=demand_id)
    asked = [Asked(solicitation_id(demand_id, each.candidate), demand_id, number, each) for each in turn.asked]
    calendar = calendar_of(session)
    rows: list[tuple[Place, datetime, datetime | None]] = [(each, now, now) for each in turn.asked]
    rows += [(Place(each, Chosen.TURN), calendar.next_open(free_at), None) for each, free_at in turn.queued]
    if rows:
        await _write(session, demand_id, number, rows)
    if asking.pace(now) is not Pace.PACED:
        await wait_no_more(session, demand_id)
    await DONE.execute(session, demand=demand_id, now=now, asked=len(asked))
    if turn.left:
        await plan(session, [demand_id])
    return asked


async def _write(
    session: AsyncSession, demand_id: UUID, number: int, rows: Sequence[tuple[Place, datetime, datetime | None]]
) -> None:
    whom = [place.candidate for place, *_ in rows]
    await ASK.execute(
        session,
        demand_id=demand_id,
        wave=number,
        ids=[solicitation_id(demand_id, each) for each in whom],
        organisations=[each.organisation_id for each in whom],
        offers=[each.offer_id for each in whom],
        scores=[each.score for each in whom],
        due_at=[due_at for _, due_at, _ in rows],
        solicited_at=[solicited_at for *_, solicited_at in rows],
        ranks=[each.rank for each in whom],
        weights=[each.weights for each in whom],
        bonuses=[round(each.bonus, 2) for each in whom],
        chosen=[place.chosen for place, *_ in rows],
        propensities=[place.propensity for place, *_ in rows],
    )


async def _ask_queued(session: AsyncSession, now: datetime) -> list[Asked]:
    queued = await due_queued(session, now=now)
    wanted = await askings(session, {each.demand_id for each in queued}, now=now) if queued else {}
    asked: list[Asked] = []
    this_time: set[UUID] = set()
    for each in queued:
        asking, candidate = wanted.get(each.demand_id), each.candidate
        if asking is None or candidate is None or asking.is_over(now):
            await session.execute(DROP, {"id": each.id})
            continue
        pace = asking.pace(now)
        free_at = _open_at(session, candidate.free_at(now, pace), pace)
        if free_at > now or (pace is Pace.PACED and candidate.organisation_id in this_time):
            # One at a time: the budget was read before this turn began.
            await session.execute(POSTPONE, {"id": each.id, "due_at": free_at})
            continue
        this_time.add(candidate.organisation_id)
        asked.append(await _ask_one(session, each, candidate, pace, now))
    return asked


def _open_at(session: AsyncSession, at: datetime, pace: Pace) -> datetime:
    return at if pace is Pace.URGENT else calendar_of(session).next_open(at)


async def _ask_one(session: AsyncSession, queued: Queued, candidate: Candidate, pace: Pace, now: datetime) -> Asked:
    # Its turn had come when it was queued; only its own week, or its own pause, kept it.
    place = Place(candidate, Chosen.TURN if pace is Pace.PACED else Chosen.EVERYONE)
    await ASK_QUEUED.execute(
        session,
        id=queued.id,
        now=now,
        offer_id=candidate.offer_id,
        score=candidate.score,
        rank=candidate.rank,
        weights=candidate.weights,
        bonus=round(candidate.bonus, 2),
        chosen=place.chosen,
        propensity=place.propensity,
    )
    return Asked(queued.id, queued.demand_id, queued.wave, place)


async def _tell(session: AsyncSession, asked: Sequence[Asked], now: datetime) -> None:
    states = await session.scalars(DEMANDS, {"demands": list({each.demand_id for each in asked})})
    demands = {demand.id: demand for demand in map(Demand.model_validate_json, states)}
    await record(session, *(_solicited(each, demands[each.demand_id], now) for each in asked))


def _solicited(asked: Asked, demand: Demand, now: datetime) -> SupplierSolicited:
    candidate = asked.place.candidate
    return SupplierSolicited(
        version=1,
        solicitation_id=asked.id,
        organisation_id=candidate.organisation_id,
        offer_id=candidate.offer_id,
        demand=demand.told(),
        wave=asked.wave,
        score=candidate.score,
        reasons=REASONS.validate_json(candidate.reasons),
        solicited_at=now,
        rank=candidate.rank,
        weights=candidate.weights,
        bonus=round(candidate.bonus, 2),
        chosen=asked.place.chosen.value,
        propensity=asked.place.propensity,
    )
