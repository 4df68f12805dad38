"""The pages of matches: who fits a demand, what fits an organisation, and how the ranking is made.

Each answers htmx with the fragment that the whole page includes.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.exposure.reading import exposure_told
from services.matching.exposure.view import percent
from services.matching.matches import queries, view
from services.matching.matches.reading import demand_seen_by, fits_of, ranking_of
from services.matching.ranking.weights import released, weights
from services.matching.waves import policy
from services.matching.waves.queries import log_of, waves_of
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Identity, Role
from shared.phrases.gaps import CONSTRAINT_NAMES
from shared.phrases.reasons import FEATURE_MEANINGS, FEATURE_NAMES
from shared.web.errors import NotYours
from shared.web.pages import Html, Req, is_fragment, page, redirect
from shared.web.provided import Member, Now, Session
from shared.web.visit import visit_of

# The others are one tap away.
OPENED = 10
# A public tender of a whole country may have thousands; the ranking is the place to look for one of them.
LOGGED = 200


@get("/matching/needs/{demand_id:uuid}")
async def need_matches(request: Req, session: Session, member: Member, demand_id: FromPath[UUID]) -> Response[Any]:
    """Who fits a need, for its author."""
    return await _matches(request, session, member, demand_id, kind="need")


@get("/matching/flows/{demand_id:uuid}")
async def flow_matches(request: Req, session: Session, member: Member, demand_id: FromPath[UUID]) -> Response[Any]:
    """Who could take a flow, for its holder."""
    return await _matches(request, session, member, demand_id, kind="flow")


async def _matches(
    request: Req, session: AsyncSession, member: Identity, demand_id: UUID, *, kind: str
) -> Response[Any]:
    if await queries.kept_demand(session, demand_id, kind=kind) is None:
        return _not_heard_of_yet(request, demand_id, kind=kind)
    kept = await demand_seen_by(session, member, demand_id, kind=kind)
    language = visit_of(request).language
    return page(
        request,
        "matches/matches.html" if is_fragment(request) else "matches/page.html",
        demand=kept.demand,
        is_open=kept.is_open,
        home=view.path_of(kept.demand),
        ranking=await ranking_of(session, kept.demand, language=language),
        is_coordinator="territory" in member.roles,
        first=OPENED,
        splits=kind == "flow" and member.organisation_id == kept.demand.organisation_id and member.may(Role.EDITOR),
        costs=[view.cost(*each, language=language) for each in await queries.costs(session, demand_id)],
        **await _waves(session, demand_id),
    )


def _not_heard_of_yet(request: Req, demand_id: UUID, *, kind: str) -> Response[Any]:
    """Published a moment ago, or never: a fragment waits in silence, and the demand's own page knows which it is."""
    if is_fragment(request):
        return Response("", status_code=204)
    return redirect(request, f"/{kind}s/{demand_id}", say="Nous cherchons encore. Revenez dans un instant.")


async def _waves(session: AsyncSession, demand_id: UUID) -> dict[str, Any]:
    waves = await waves_of(session, demand_id)
    return {
        "waves": [wave for wave in waves if wave.asked or wave.queued],
        "next_wave": next((wave for wave in waves if wave.done_at is None), None),
        "wave_size": policy.WAVE_SIZE,
        "enough": policy.ENOUGH_INTERESTED,
        "always_open": session.info["calendar"].always_open,
        "at": now_of(session),
        "log": await log_of(session, demand_id, most=LOGGED),
    }


@get("/matching/needs/{demand_id:uuid}/mine")
async def need_for_me(request: Req, session: Session, member: Member, demand_id: FromPath[UUID]) -> Response[Any]:
    """How a need fits the visitor's organisation."""
    return await _mine(request, session, member, demand_id, kind="need")


@get("/matching/flows/{demand_id:uuid}/mine")
async def flow_for_me(request: Req, session: Session, member: Member, demand_id: FromPath[UUID]) -> Response[Any]:
    """How a flow fits the visitor's organisation."""
    return await _mine(request, session, member, demand_id, kind="flow")


async def _mine(request: Req, session: AsyncSession, member: Identity, demand_id: UUID, *, kind: str) -> Response[Any]:
    kept = await queries.kept_demand(session, demand_id, kind=kind)
    if kept is None:
        return _not_heard_of_yet(request, demand_id, kind=kind)
    if not kept.is_open:
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


@get("/matching/")
async def start(request: Req) -> Redirect:
    """The bare prefix leads to what most come for."""
    return redirect(request, "/matching/for-you")


@get("/matching/for-you")
async def for_you(request: Req, session: Session, member: Member, now: Now) -> Html:
    """What fits the visitor's organisation, newest first and leads last, and what almost does."""
    fits = await fits_of(session, member.organisation_id, language=visit_of(request).language, now=now)
    return page(
        request,
        "matches/for_you.html" if is_fragment(request) else "matches/for_you_page.html",
        items=fits.matches,
        almost=fits.near_misses,
        has_offers=bool(fits.matches) or await queries.has_offers(session, member.organisation_id),
    )


@get("/matching/ranking")
async def ranking(request: Req, session: Session, now: Now) -> Html:
    """How the ranking is made: the table in force, as EU 2019/1150 article 5 asks, and how evenly it asks."""
    english, table = visit_of(request).language == "en", weights()
    features = [
        (FEATURE_NAMES[feature][english], FEATURE_MEANINGS[feature][english], _plain(points, english=english))
        for feature, points in sorted(table.points.items(), key=lambda pair: -pair[1])
    ]
    return page(
        request,
        "matches/ranking.html",
        table=table,
        points_rows=features,
        is_learnt=table.version != released().version,
        shown_rows=[(f"{points:g} points", score) for points, score in table.curve if points >= table.match_from],
        constraints=[names[english] for names in CONSTRAINT_NAMES.values()],
        policy=policy,
        exposure=(await exposure_told(session, today=day_of(now), language="en" if english else "fr")).overall,
        percent=percent,
    )


def _plain(points: float, *, english: bool) -> str:
    """14, or 14,5 where a table was learnt."""
    return f"{points:g}" if english else f"{points:g}".replace(".", ",")


ROUTES = [need_matches, flow_matches, need_for_me, flow_for_me, start, for_you, ranking]
