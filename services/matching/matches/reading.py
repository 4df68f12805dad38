"""Reads what pages and JSON show alike: who fits a demand, for those who may see it, and what fits an organisation."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.matches import queries, view
from services.matching.ranking.sides import Demand
from services.matching.waves.queries import asked_of
from shared.clock import day_of
from shared.identity import Identity
from shared.web.errors import NotYours

SHOWN = 50
NEAR_MISSES = 8
FOR_YOU = 30
ALMOST = 3


class Ranking(Struct, frozen=True):
    """The best matches of a demand out of `total`, and its best near misses."""

    total: int
    matches: list[view.Fitting]
    near_misses: list[view.Missing]


class Fits(Struct, frozen=True):
    """What fits an organisation and still takes answers, newest first, and what almost does."""

    matches: list[view.ForYou]
    near_misses: list[view.ForYou]


def may_see(demand: Demand, member: Identity) -> bool:
    """The author's organisation and the territory's coordinators see who fits; nobody else does."""
    return member.organisation_id == demand.organisation_id or "territory" in member.roles


async def demand_seen_by(session: AsyncSession, member: Identity, demand_id: UUID, *, kind: str) -> queries.KeptDemand:
    """The demand, for someone who may see who fits it; raises `NotYours`."""
    kept = await queries.kept_demand(session, demand_id, kind=kind)
    if kept is None or not may_see(kept.demand, member):
        raise NotYours
    return kept


async def ranking_of(session: AsyncSession, demand: Demand, *, language: str) -> Ranking:
    """Who fits a demand and who almost does, in words."""
    total, rows = await queries.page_of_matches(session, demand.id, most=SHOWN)
    asked = await asked_of(session, demand.id)
    misses = await queries.page_of_near_misses(session, demand.id, most=NEAR_MISSES)
    return Ranking(
        total=total,
        matches=[
            view.fitting(row, rank=rank, asked=asked.get(row.organisation_id), language=language)
            for rank, row in enumerate(rows, start=1)
        ],
        near_misses=[view.missing(row, language=language) for row in misses],
    )


async def fits_of(session: AsyncSession, organisation_id: UUID, *, language: str, now: datetime) -> Fits:
    """What fits an organisation, in words addressed to it."""
    await queries.until_kept(session)
    today = day_of(now)
    rows = await queries.for_organisation(session, organisation_id, today=today, most=FOR_YOU)
    almost = await queries.almost_for_organisation(session, organisation_id, today=today, most=ALMOST)
    return Fits(
        matches=[view.for_you(row, language=language, now=now) for row in rows],
        near_misses=[view.almost_for_you(row, language=language) for row in almost],
    )
