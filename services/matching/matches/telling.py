"""Tells rankings that changed: the top 50 with what entered and left, or the nearest misses when nobody fits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.matches.queries import Standing, nearest, ranked, standings
from services.matching.matches.settling import Settled, match_id, reasons_by_match
from services.matching.ranking.score import REASONS, Verdict
from services.matching.ranking.sides import Demand
from services.matching.ranking.weights import weights
from services.matching.waves.commands import call_off, first_wave, plan, plan_again
from shared.database.statement import Part, Statement
from shared.events import Event
from shared.events.matching import DemandMatched, DemandUnmatched, Match, NearMiss
from shared.events.reasons import Gap, Reason
from shared.messaging.outbox import record

TOP = 50
NEAREST = 5

NEVER_TOLD: dict[str, Any] = {"version": None, "ranking": [], "misses": None}
REMEMBER = Statement("""
    UPDATE demands d SET revision = t.revision, told = t.told
    FROM unnest(CAST(:ids AS uuid[]), CAST(:revisions AS bigint[]), CAST(:told AS jsonb[])) AS t (id, revision, told)
    WHERE d.id = t.id
""")


class News(NamedTuple):
    """What to publish of one demand, and what is remembered of it; its revision counts these events."""

    demand_id: UUID
    revision: int
    told: dict[str, Any]
    events: list[Event]


async def tell(session: AsyncSession, settled: Settled) -> None:
    """Publish what changed in the rankings of the touched demands, and let the gained matches be solicited."""
    touched = settled.touched
    if not touched:
        return
    found = await standings(session, touched)
    tops = await ranked(session, touched, most=TOP)
    alone = [each.demand.id for each in found if each.is_open and each.demand.id not in tops]
    misses = await nearest(session, alone, most=NEAREST) if alone else {}
    news = [
        _news(each, _read(tops.get(each.demand.id, ()), settled.reasons), misses.get(each.demand.id, ()))
        for each in found
    ]
    await _publish(session, [each for each in news if each.events])
    await plan(session, [each.demand.id for each in found if each.is_open and each.demand.id in settled.gained])
    await call_off(session, [each.demand.id for each in found if not each.is_open])


async def tell_one(
    session: AsyncSession,
    standing: Standing,
    fitting: Sequence[Verdict],
    settled: Settled,
    *,
    is_first: bool = False,
    beside: Sequence[Part] = (),
) -> None:
    """The same for one open demand whose whole ranking was judged just now: nothing is read back.

    `is_first` when nothing was kept of it before. Writes `beside` go in the same round trip.
    """
    demand_id = standing.demand.id
    top = _top(fitting, settled.reasons)
    misses = () if top else (await nearest(session, [demand_id], most=NEAREST)).get(demand_id, ())
    news = _news(standing, top, misses)
    is_new = is_first and standing.demand.kind == "need" and bool(settled.gained)
    wave = first_wave(session, standing.demand) if is_new else []
    await _publish(session, [news] if news.events else [], beside=[*beside, *wave])
    if settled.gained and not is_new:
        await plan(session, settled.gained)
    elif standing.revision:
        await plan_again(session, standing.demand)


def first_ranking(demand: Demand, verdicts: Sequence[Verdict]) -> DemandMatched | None:
    """What is told first of a demand that nothing was told of; None when nobody fits."""
    fitting = best_of_organisations(verdicts)
    if not fitting:
        return None
    standing = Standing(demand, is_open=True, revision=0, told=None, total=len(fitting))
    top = fitting[:TOP]
    return _matched(standing, _top(top, reasons_by_match(top)), revision=1, was=())


def best_of_organisations(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The matches of a demand, each organisation once by its best offer, best first; equal scores by offer id."""
    best: dict[UUID, Verdict] = {}
    fitting = (verdict for verdict in verdicts if verdict.gap is None)
    for verdict in sorted(fitting, key=lambda each: (-each.score, each.supply.id)):
        best.setdefault(verdict.supply.organisation_id, verdict)
    return list(best.values())


def _top(fitting: Sequence[Verdict], reasons: Mapping[UUID, tuple[Reason, ...]]) -> list[Match]:
    return [_match(verdict, rank, reasons) for rank, verdict in enumerate(fitting[:TOP], start=1)]


def _match(verdict: Verdict, rank: int, reasons: Mapping[UUID, tuple[Reason, ...]]) -> Match:
    known = match_id(verdict)
    return Match.known(
        match_id=known,
        offer_id=verdict.supply.id,
        organisation_id=verdict.supply.organisation_id,
        organisation_name=verdict.supply.supplier_name,
        rank=rank,
        score=verdict.score,
        reasons=reasons[known],
    )


async def _publish(session: AsyncSession, news: Sequence[News], *, beside: Sequence[Part] = ()) -> None:
    remembered = REMEMBER(
        ids=[each.demand_id for each in news],
        revisions=[each.revision for each in news],
        told=[msgspec.json.encode(each.told).decode() for each in news],
    )
    events = [event for each in news for event in each.events]
    await record(session, *events, beside=[*beside, remembered] if news else beside)


def _read(top: Sequence[Any], known: Mapping[UUID, tuple[Reason, ...]]) -> list[Match]:
    # Reasons found a moment ago need not be read back from their JSON.
    return [
        Match(
            match_id=row.match_id,
            offer_id=row.offer_id,
            organisation_id=row.organisation_id,
            organisation_name=row.organisation_name,
            rank=rank,
            score=row.score,
            reasons=known.get(row.match_id) or REASONS.validate_json(row.reasons),
        )
        for rank, row in enumerate(top, start=1)
    ]


def _news(standing: Standing, top: Sequence[Match], misses: Sequence[Any]) -> News:
    demand, was = standing.demand, standing.told or NEVER_TOLD
    ranking = [[str(row.offer_id), str(row.organisation_id), row.score] for row in top]
    told = {"version": demand.version if top else None, "ranking": ranking, "misses": None}
    revision, events = standing.revision, list[Event]()
    if (ranking, told["version"]) != (was["ranking"], was["version"]):
        revision += 1
        events.append(_matched(standing, top, revision=revision, was=was["ranking"]))
    if standing.is_open and not top:
        told["misses"] = [[str(row.offer_id), row.score, row.gap_constraint] for row in misses]
        if told["misses"] != was["misses"]:
            revision += 1
            events.append(_unmatched(demand, misses, revision=revision))
    return News(demand.id, revision, told, events)


def _matched(standing: Standing, top: Sequence[Any], *, revision: int, was: Sequence[Sequence[Any]]) -> DemandMatched:
    before = {UUID(organisation_id) for _, organisation_id, _ in was}
    after = {row.organisation_id for row in top}
    return DemandMatched(
        version=revision,
        demand_id=standing.demand.id,
        organisation_id=standing.demand.organisation_id,
        demand=standing.demand.told(),
        weights=weights().version,
        total=standing.total,
        matches=tuple(top),
        entered=_sorted(after - before),
        left=_sorted(before - after),
    )


def _unmatched(demand: Demand, misses: Sequence[Any], *, revision: int) -> DemandUnmatched:
    return DemandUnmatched(
        version=revision,
        demand_id=demand.id,
        organisation_id=demand.organisation_id,
        demand=demand.told(),
        near_misses=tuple(
            NearMiss(
                offer_id=row.offer_id,
                organisation_id=row.organisation_id,
                organisation_name=row.organisation_name,
                score=row.score,
                gap=Gap.model_validate_json(row.gap),
            )
            for row in misses
        ),
    )


def _sorted(ids: Iterable[UUID]) -> tuple[UUID, ...]:
    return tuple(sorted(ids))
