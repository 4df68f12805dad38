"""Matches as JSON, for the same people as the pages."""

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.matches import queries, view
from services.matching.matches.pages import ALMOST, FOR_YOU, NEAR_MISSES, SHOWN, may_see
from services.matching.ranking.weights import weights
from services.matching.waves.queries import asked_of
from shared.identity import Identity
from shared.web.errors import NotYours
from shared.web.pages import Req
from shared.web.visit import visit_of


class MatchesOut(Struct, frozen=True):
    """The ranking of one demand; `weights` is the version of the table that made it."""

    demand_id: UUID
    is_open: bool
    total: int
    weights: str
    matches: list[view.Fitting]
    near_misses: list[view.Missing]


class ForYouOut(Struct, frozen=True):
    """What fits an organisation, and what almost does."""

    matches: list[view.ForYou]
    near_misses: list[view.ForYou]


@get("/matching/api/v1/needs/{demand_id:uuid}/matches")
async def need_matches(
    request: Req, session: NamedDependency[AsyncSession], member: NamedDependency[Identity], demand_id: FromPath[UUID]
) -> MatchesOut:
    """Who fits a need, best first."""
    return await _matches(request, session, member, demand_id, kind="need")


@get("/matching/api/v1/flows/{demand_id:uuid}/matches")
async def flow_matches(
    request: Req, session: NamedDependency[AsyncSession], member: NamedDependency[Identity], demand_id: FromPath[UUID]
) -> MatchesOut:
    """Who could take a flow, best first."""
    return await _matches(request, session, member, demand_id, kind="flow")


async def _matches(request: Req, session: AsyncSession, member: Identity, demand_id: UUID, *, kind: str) -> MatchesOut:
    language = visit_of(request).language
    kept = await queries.kept_demand(session, demand_id, kind=kind)
    if kept is None or not may_see(kept.demand, member):
        raise NotYours
    total, rows = await queries.page_of_matches(session, demand_id, most=SHOWN)
    asked = await asked_of(session, demand_id)
    misses = await queries.page_of_near_misses(session, demand_id, most=NEAR_MISSES)
    return MatchesOut(
        demand_id=demand_id,
        is_open=kept.is_open,
        total=total,
        weights=weights().version,
        matches=[
            view.fitting(row, rank=rank, asked=asked.get(row.organisation_id), language=language)
            for rank, row in enumerate(rows, start=1)
        ],
        near_misses=[view.missing(row, language=language) for row in misses],
    )


@get("/matching/api/v1/for-you")
async def for_you(request: Req, session: NamedDependency[AsyncSession], member: NamedDependency[Identity]) -> ForYouOut:
    """What fits the caller's organisation, newest first."""
    language, now = visit_of(request).language, session.info["clock"]()
    rows = await queries.for_organisation(session, member.organisation_id, most=FOR_YOU)
    almost = await queries.almost_for_organisation(session, member.organisation_id, most=ALMOST)
    return ForYouOut(
        matches=[view.for_you(row, language=language, now=now) for row in rows],
        near_misses=[view.almost_for_you(row, language=language) for row in almost],
    )


ROUTES = [need_matches, flow_matches, for_you]
