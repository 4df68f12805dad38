"""Answers `rpc.matching.preview.v1`: counted in memory, only who is shown is read and judged, nothing is kept of it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from services.matching.index.compiled.census import Census
from services.matching.index.compiled.market import CompiledIndex
from services.matching.preview.budget import Budget
from services.matching.preview.finding import Found, find
from services.matching.preview.plan import MOST_ASKED, Planned, plan_of
from services.matching.preview.potential import potential_of
from services.matching.preview.queries import read_only, turns
from services.matching.preview.reading import demand_asked
from services.matching.ranking.score import Verdict, judge, reasons_of
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import weights
from services.matching.waves.policy import ENOUGH_INTERESTED
from shared.clock import Calendar, day_of
from shared.database import Database, now_of
from shared.events.reasons import Constraint
from shared.messaging.answering import Answers
from shared.questions.preview import Likely, Missing, NearMisses, Preview, PreviewAsked

NEAREST = 2


def answers(database: Database) -> Answers:
    """What matching answers, from this database."""

    async def on_preview(asked: PreviewAsked) -> Preview:
        return await preview(database, asked)

    return {PreviewAsked: on_preview}


async def preview(database: Database, asked: PreviewAsked, *, budget: Budget | None = None) -> Preview:
    """What would happen if the draft were published now; no lock is taken, and the transaction is never committed."""
    budget = budget or Budget()
    async with database.sessions() as session:
        await read_only(session)
        now, calendar = now_of(session), _calendar(session.info)
        demand, index = demand_asked(asked, now), CompiledIndex(session)
        engine = await index.with_supplies()
        found = await find(engine, demand, today=day_of(now), budget=budget)
        known = await turns(session, found.fitting.only(slice(MOST_ASKED)).ids, now=now)
        verdicts = _judged(demand, await index.supplies_tagged(_shown(found, asked)), today=day_of(now))
    plan = plan_of(demand, found.fitting, known, now=now, calendar=calendar)
    return Preview(
        total=found.fitting.size,
        complete=budget.is_complete,
        weights=weights().version,
        suppliers=tuple(_likely(found.fitting, verdicts, plan, asked)),
        pace=plan.pace.value,
        waves=tuple(plan.waves),
        enough_interested=ENOUGH_INTERESTED,
        near_misses=tuple(_near(constraint, found, verdicts, asked) for constraint in found.near),
        potential=potential_of(demand, found.fitting, engine.numbering),
        apart=found.apart,
    )


def _calendar(surroundings: dict[str, object]) -> Calendar:
    calendar = surroundings["calendar"]
    return calendar if isinstance(calendar, Calendar) else Calendar()


def _shown(found: Found, asked: PreviewAsked) -> dict[int, UUID]:
    """Those of whom more is told than that they are there: ids by tag."""
    shown = found.fitting.only(slice(asked.most)).tagged
    for kept_out in found.near.values():
        shown |= kept_out.only(slice(NEAREST)).tagged
    return shown


def _judged(demand: Demand, supplies: Mapping[int, Supply], *, today: date) -> dict[int, Verdict]:
    """The verdicts by tag; who changed since it was counted is not among them."""
    table = weights()
    # Also who has points enough for a match, though not for a near miss that is told elsewhere.
    lenient = replace(table, near_miss_from=min(table.match_from, table.near_miss_from))
    verdicts = {tag: judge(demand, supply, lenient, today=today) for tag, supply in supplies.items()}
    return {tag: verdict for tag, verdict in verdicts.items() if verdict is not None}


def _likely(fitting: Census, verdicts: Mapping[int, Verdict], plan: Planned, asked: PreviewAsked) -> Iterator[Likely]:
    for rank, tag in enumerate(fitting.tags[: asked.most].tolist(), 1):
        if tag in verdicts:
            yield _one(verdicts[tag], rank, plan.asked, asked)


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


def _near(constraint: Constraint, found: Found, verdicts: Mapping[int, Verdict], asked: PreviewAsked) -> NearMisses:
    kept_out = found.near[constraint]
    nearest = (verdicts[tag] for tag in kept_out.tags[:NEAREST].tolist() if tag in verdicts)
    return NearMisses(
        constraint=constraint,
        suppliers=kept_out.size,
        nearest=tuple(_missing(verdict, asked) for verdict in nearest),
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
