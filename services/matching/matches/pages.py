"""The pages of matches: who fits a demand, what fits an organisation, and how the ranking is made.

Each answers htmx with the fragment that the whole page includes.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.matches import queries, view
from services.matching.ranking.sides import Demand
from services.matching.ranking.weights import weights
from services.matching.waves import policy
from services.matching.waves.queries import asked_of, waves_of
from shared.identity import Identity
from shared.phrases.gaps import CONSTRAINT_NAMES
from shared.phrases.reasons import FEATURE_MEANINGS, FEATURE_NAMES
from shared.web.errors import NotYours
from shared.web.pages import Html, Req, is_fragment, page
from shared.web.visit import visit_of

SHOWN = 50
OPENED = 10
NEAR_MISSES = 8
FOR_YOU = 30
ALMOST = 3

Answer = Response[str]


@get("/matching/needs/{demand_id:uuid}")
async def need_matches(
    request: Req, session: NamedDependency[AsyncSession], member: NamedDependency[Identity], demand_id: FromPath[UUID]
) -> Answer:
    """Who fits a need, for its author."""
    return await _matches(request, session, member, demand_id, kind="need")


@get("/matching/flows/{demand_id:uuid}")
async def flow_matches(
    request: Req, session: NamedDependency[AsyncSession], member: NamedDependency[Identity], demand_id: FromPath[UUID]
) -> Answer:
    """Who could take a flow, for its holder."""
    return await _matches(request, session, member, demand_id, kind="flow")


async def _matches(request: Req, session: AsyncSession, member: Identity, demand_id: UUID, *, kind: str) -> Answer:
    kept = await queries.kept_demand(session, demand_id, kind=kind)
    if kept is None and is_fragment(request):
        # Published a moment ago and not heard of yet: nothing to swap, and nothing for the browser to complain about.
        return Response("", status_code=204)
    if kept is None or not may_see(kept.demand, member):
        raise NotYours
    shown = await _shown(session, kept.demand, visit_of(request).language, session.info["clock"]())
    template = "matches/matches.html" if is_fragment(request) else "matches/page.html"
    return page(request, template, demand=kept.demand, is_open=kept.is_open, home=view.path_of(kept.demand), **shown)


def may_see(demand: Demand, member: Identity) -> bool:
    """The author's organisation and the territory's coordinators see who fits; nobody else does."""
    return member.organisation_id == demand.organisation_id or "territory" in member.roles


async def _shown(session: AsyncSession, demand: Demand, language: str, now: datetime) -> dict[str, Any]:
    total, rows = await queries.page_of_matches(session, demand.id, most=SHOWN)
    asked = await asked_of(session, demand.id)
    misses = await queries.page_of_near_misses(session, demand.id, most=NEAR_MISSES)
    waves = await waves_of(session, demand.id)
    return {
        "total": total,
        "matches": [
            view.fitting(row, rank=rank, asked=asked.get(row.organisation_id), language=language)
            for rank, row in enumerate(rows, start=1)
        ],
        "near_misses": [view.missing(row, language=language) for row in misses],
        "costs": [view.cost(*each, language=language) for each in await queries.costs(session, demand.id)],
        "waves": [wave for wave in waves if wave.asked or wave.queued],
        "next_wave": next((wave for wave in waves if wave.done_at is None), None),
        "wave_size": policy.WAVE_SIZE,
        "first": OPENED,
        "always_open": session.info["calendar"].always_open,
        "enough": policy.ENOUGH_INTERESTED,
        "at": now,
    }


@get("/matching/needs/{demand_id:uuid}/mine")
async def need_for_me(
    request: Req, session: NamedDependency[AsyncSession], member: NamedDependency[Identity], demand_id: FromPath[UUID]
) -> Answer:
    """How a need fits the visitor's organisation."""
    return await _mine(request, session, member, demand_id, kind="need")


@get("/matching/flows/{demand_id:uuid}/mine")
async def flow_for_me(
    request: Req, session: NamedDependency[AsyncSession], member: NamedDependency[Identity], demand_id: FromPath[UUID]
) -> Answer:
    """How a flow fits the visitor's organisation."""
    return await _mine(request, session, member, demand_id, kind="flow")


async def _mine(request: Req, session: AsyncSession, member: Identity, demand_id: UUID, *, kind: str) -> Answer:
    kept = await queries.kept_demand(session, demand_id, kind=kind)
    if kept is None and is_fragment(request):
        return Response("", status_code=204)
    if kept is None or not kept.is_open:
        raise NotYours
    row = await queries.mine(session, demand_id, member.organisation_id)
    language = visit_of(request).language
    return page(
        request,
        "matches/mine.html" if is_fragment(request) else "matches/mine_page.html",
        fit=view.mine(row, kept.demand, language=language) if row else None,
        has_offers=await queries.has_offers(session, member.organisation_id),
        home=view.path_of(kept.demand),
        title=kept.demand.title,
    )


@get("/matching/for-you")
async def for_you(request: Req, session: NamedDependency[AsyncSession], member: NamedDependency[Identity]) -> Html:
    """What fits the visitor's organisation, newest first, and what almost does."""
    language, now = visit_of(request).language, session.info["clock"]()
    rows = await queries.for_organisation(session, member.organisation_id, most=FOR_YOU)
    almost = await queries.almost_for_organisation(session, member.organisation_id, most=ALMOST)
    return page(
        request,
        "matches/for_you.html" if is_fragment(request) else "matches/for_you_page.html",
        items=[view.for_you(row, language=language, now=now) for row in rows],
        almost=[view.almost_for_you(row, language=language) for row in almost],
        has_offers=bool(rows) or await queries.has_offers(session, member.organisation_id),
    )


@get("/matching/ranking")
async def ranking(request: Req) -> Html:
    """How the ranking is made: the table in force, as EU 2019/1150 article 5 asks."""
    english, table = visit_of(request).language == "en", weights()
    features = [
        (FEATURE_NAMES[feature][english], FEATURE_MEANINGS[feature][english], int(points))
        for feature, points in sorted(table.points.items(), key=lambda pair: -pair[1])
    ]
    return page(
        request,
        "matches/ranking.html",
        table=table,
        points_rows=features,
        constraints=[names[english] for names in CONSTRAINT_NAMES.values()],
        policy=policy,
    )


ROUTES = [need_matches, flow_matches, need_for_me, flow_for_me, for_you, ranking]
