"""Matches as JSON, for the same people as the pages."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.matches.reading import Fits, Ranking, demand_seen_by, fits_of, ranking_of
from services.matching.ranking.weights import weights
from shared.identity import Identity
from shared.web.pages import Req
from shared.web.provided import Member, Now, Session
from shared.web.visit import visit_of


class MatchesOut(Struct, frozen=True):
    """The ranking of one demand; `weights` is the version of the table in force."""

    demand_id: UUID
    is_open: bool
    weights: str
    ranking: Ranking


@get("/matching/api/v1/needs/{demand_id:uuid}/matches")
async def need_matches(request: Req, session: Session, member: Member, demand_id: FromPath[UUID]) -> MatchesOut:
    """Who fits a need, best first."""
    return await _matches(request, session, member, demand_id, kind="need")


@get("/matching/api/v1/flows/{demand_id:uuid}/matches")
async def flow_matches(request: Req, session: Session, member: Member, demand_id: FromPath[UUID]) -> MatchesOut:
    """Who could take a flow, best first."""
    return await _matches(request, session, member, demand_id, kind="flow")


async def _matches(request: Req, session: AsyncSession, member: Identity, demand_id: UUID, *, kind: str) -> MatchesOut:
    kept = await demand_seen_by(session, member, demand_id, kind=kind)
    ranking = await ranking_of(session, kept.demand, language=visit_of(request).language)
    return MatchesOut(demand_id, kept.is_open, weights().version, ranking)


@get("/matching/api/v1/for-you")
async def for_you(request: Req, session: Session, member: Member, now: Now) -> Fits:
    """What fits the caller's organisation and still takes answers, newest first."""
    return await fits_of(session, member.organisation_id, language=visit_of(request).language, now=now)


ROUTES = [need_matches, flow_matches, for_you]
