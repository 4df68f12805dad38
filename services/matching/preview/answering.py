"""Answers `rpc.matching.preview.v1`: one search, one judging, one reply, and nothing kept of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.matching.index import Index
from services.matching.index.compiled.market import CompiledIndex
from services.matching.preview.budget import Budget
from services.matching.preview.finding import Found, find
from services.matching.preview.plan import MOST_ASKED, Planned, plan_of
from services.matching.preview.potential import potential_of
from services.matching.preview.queries import read_only, turns
from services.matching.preview.reading import demand_asked, relaxed
from services.matching.ranking.score import Verdict, reasons_of
from services.matching.ranking.weights import weights
from services.matching.waves.policy import ENOUGH_INTERESTED
from shared.clock import Calendar, day_of
from shared.database import Database, now_of
from shared.events.reasons import Constraint
from shared.messaging.answering import Answers
from shared.questions.preview import Likely, Missing, NearMisses, Preview, PreviewAsked

NEAREST = 2
# All of whom a condition keeps out are counted, up to so many.
MOST_MISSES = 500


def answers(database: Database) -> Answers:
    """What matching answers, from this database."""

    async def on_preview(asked: PreviewAsked) -> Preview:
        return await preview(database, asked)

    return {PreviewAsked: on_preview}


async def preview(database: Database, asked: PreviewAsked, *, budget: Budget | None = None) -> Preview:
    """What would happen if the draft were published now; no lock is taken, and the transaction is never committed."""
    budget, table = budget or Budget(), weights()
    async with database.sessions() as session:
        await read_only(session)
        now, calendar = now_of(session), _calendar(session.info)
        demand = demand_asked(asked, now)
        index: Index = CompiledIndex(session, misses=MOST_MISSES)
        supplies = await index.candidates(relaxed(demand))
        found = await find(demand, supplies, table, today=day_of(now), budget=budget)
        known = await turns(session, [each.supply for each in found.fitting[:MOST_ASKED]], now=now)
    plan = plan_of(demand, found.fitting, known, now=now, calendar=calendar)
    return Preview(
        total=len(found.fitting),
        complete=budget.is_complete,
        weights=table.version,
        suppliers=tuple(_likely(found.fitting[: asked.most], plan, asked)),
        pace=plan.pace.value,
        waves=tuple(plan.waves),
        enough_interested=ENOUGH_INTERESTED,
        near_misses=tuple(_near(constraint, found, asked) for constraint in found.near),
        potential=potential_of(demand, [each.supply for each in found.fitting]),
        apart=found.apart,
    )


def _calendar(surroundings: dict[str, object]) -> Calendar:
    calendar = surroundings["calendar"]
    return calendar if isinstance(calendar, Calendar) else Calendar()


def _likely(verdicts: Sequence[Verdict], plan: Planned, asked: PreviewAsked) -> list[Likely]:
    return [_one(verdict, rank, plan.asked, asked) for rank, verdict in enumerate(verdicts, 1)]


def _one(verdict: Verdict, rank: int, when: Mapping[UUID, tuple[int, datetime]], asked: PreviewAsked) -> Likely:
    supply = verdict.supply
    wave, asked_at = when.get(supply.organisation_id, (None, None))
    return Likely(
        rank=rank,
        score=verdict.score,
        reasons=reasons_of(verdict.measures, weights()),
        place_name=supply.place.commune_name,
        kinds=supply.supplier_kinds,
        wave=wave,
        asked_at=asked_at,
        supplier_name=supply.supplier_name if asked.names else None,
        offer_id=supply.id if asked.names else None,
        organisation_id=supply.organisation_id if asked.names else None,
    )


def _near(constraint: Constraint, found: Found, asked: PreviewAsked) -> NearMisses:
    kept_out = found.near[constraint]
    return NearMisses(
        constraint=constraint,
        suppliers=len(kept_out),
        nearest=tuple(_missing(verdict, asked) for verdict in kept_out[:NEAREST]),
        widenings=tuple(found.widenings.get(constraint, ())),
    )


def _missing(verdict: Verdict, asked: PreviewAsked) -> Missing:
    gap = verdict.gap
    if gap is None:
        raise ValueError("a near miss has a gap")
    return Missing(
        score=verdict.score,
        gap=gap,
        supplier_name=verdict.supply.supplier_name if asked.names else None,
        offer_id=verdict.supply.id if asked.names else None,
    )
