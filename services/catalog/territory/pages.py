"""The coordinator's pages: what waits, what is stuck, and the look at one organisation."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.campaigns.errors import CampaignUnknown
from services.catalog.campaigns.models import Campaign
from services.catalog.claims.queries import claims_for_the_territory
from services.catalog.claims.view import claim_lines
from services.catalog.files.models import Purpose
from services.catalog.files.queries import file_of, files_of
from services.catalog.files.sending import answer_with, store_of
from services.catalog.files.view import lines_of
from services.catalog.flows.errors import FlowUnknown
from services.catalog.flows.models import Flow
from services.catalog.followups.queries import due_follow_ups, follow_ups_of, phones_of, titles_of
from services.catalog.followups.view import contact_lines
from services.catalog.needs.errors import NeedUnknown
from services.catalog.needs.models import Need
from services.catalog.organisations.errors import OrganisationToCheckUnknown
from services.catalog.organisations.models import OrganisationState
from services.catalog.organisations.proof import PROOFS
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.organisations.standing import TOLD_BEFORE, permit_lines, status_lines
from services.catalog.organisations.view import facts_of, state_badge
from services.catalog.territory.commands import check_statuses, judge_organisation, send_back
from services.catalog.territory.models import Finding
from services.catalog.territory.queries import (
    campaign_waiting,
    campaigns_waiting,
    checks_of,
    flow_waiting,
    flows_waiting,
    names_of,
    need_waiting,
    needs_waiting,
    organisations_standing,
    statuses_ending,
    submitted_of,
    waiting,
)
from services.catalog.territory.schemas import Checking, SendingBack, Verdict
from services.catalog.territory.stuck import filtered, limits_of, things_stuck
from services.catalog.territory.stuck_view import Due, basket_tabs, due_lines, line_of, told_of
from services.catalog.territory.view import FINDINGS, POSSIBLE, check_lines, organisation_lines
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Identity
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Coordinator, Now, Session
from shared.web.visit import visit_of

# How many organisations the cockpit names, those that wait longest; the whole list is a page of its own.
FIRST = 10
# And how many of what is stuck.
STUCK_FIRST = 20


@get("/territory")
async def cockpit(
    request: Req, session: Session, coordinator: Coordinator, now: Now, basket: FromQuery[int] = 0
) -> Html:
    """Whom to call again, everything that waits for a look, and everything that is stuck, oldest first."""
    today, limits = day_of(now), await limits_of(session)
    things = await things_stuck(session, limits)
    basket = basket if 0 < basket <= len(limits.baskets) else 0
    shown = filtered(things, limits, now, basket=basket)[:STUCK_FIRST]
    told = await told_of(session, shown, limits, visit_of(request).language)
    return page(
        request,
        "territory/cockpit.html",
        waiting=await waiting(session),
        due=await _due(request, session, now),
        to_check=organisation_lines(await organisations_standing(session, OrganisationState.REGISTERED, limit=FIRST)),
        claims=claim_lines(request, await claims_for_the_territory(session)),
        needs=await needs_waiting(session),
        flows=await flows_waiting(session),
        campaigns=await campaigns_waiting(session),
        ending=[
            (each, each.legal_entity.facts_end_on - timedelta(days=1))
            for each in await statuses_ending(session, today, today + TOLD_BEFORE)
            if each.legal_entity.facts_end_on is not None
        ],
        today=today,
        stuck=[line_of(told, each) for each in shown],
        stuck_count=len(things),
        baskets=basket_tabs(request, things, limits, now, shown=basket),
        basket_days=(0, *limits.baskets),
    )


async def _due(request: Req, session: AsyncSession, now: datetime) -> list[Due]:
    lines = await due_follow_ups(session, day_of(now))
    owners = [each.organisation_id for each in lines]
    names, phones = await names_of(session, owners), await phones_of(session, owners)
    return due_lines(lines, names, phones, visit_of(request).language)


@get("/territory/organisations/{organisation_id:uuid}")
async def look_at(
    request: Req, session: Session, coordinator: Coordinator, now: Now, organisation_id: FromPath[UUID]
) -> Html:
    """One organisation: what it says, what it sent, what was found before, and what one finds now."""
    return await _look(request, session, organisation_id, Form(typed={"finding": Finding.VERIFIED}), now=now)


@post("/territory/organisations/{organisation_id:uuid}", status_code=303)
async def judge(
    request: Req, session: Session, coordinator: Coordinator, *, now: Now, organisation_id: FromPath[UUID]
) -> Response[Any]:
    """End the look."""
    form = await read_form(request, Verdict)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await judge_organisation(session, coordinator, form.data, organisation_id=organisation_id, now=now)
    if form.errors or form.data is None:
        return await _look(request, session, organisation_id, form, now=now)
    said = gettext(request, FINDINGS[form.data.finding][0])
    return redirect(request, f"/territory/organisations/{organisation_id}", say=said)


@post("/territory/organisations/{organisation_id:uuid}/statuses", status_code=303)
async def check_here(
    request: Req, session: Session, coordinator: Coordinator, *, now: Now, organisation_id: FromPath[UUID]
) -> Response[Any]:
    """Say which statuses one saw the proof of."""
    form = await read_form(request, Checking)
    where = f"/territory/organisations/{organisation_id}#statuses"
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await check_statuses(session, coordinator, form.data, organisation_id=organisation_id, now=now)
    if form.errors:
        return redirect(request, where, say=next(iter(form.errors.values())), kind="error")
    return redirect(request, where, say="Justificatifs vus : c'est dit sur sa page.")


@get("/territory/organisations/{organisation_id:uuid}/files/{file_id:uuid}")
async def evidence(
    request: Req,
    session: Session,
    coordinator: Coordinator,
    *,
    organisation_id: FromPath[UUID],
    file_id: FromPath[UUID],
) -> Response[Any]:
    """What an organisation sent to be verified."""
    return await answer_with(store_of(request), await file_of(session, organisation_id, file_id))


@post("/territory/needs/{need_id:uuid}/send-back", status_code=303)
async def need_back(
    request: Req, session: Session, coordinator: Coordinator, *, now: Now, need_id: FromPath[UUID]
) -> Response[Any]:
    """Ask a need's author for changes."""
    need = await need_waiting(session, need_id)
    if need is None:
        raise NeedUnknown
    return await _sent_back(request, session, coordinator, need, "needs", now=now)


@post("/territory/flows/{flow_id:uuid}/send-back", status_code=303)
async def flow_back(
    request: Req, session: Session, coordinator: Coordinator, *, now: Now, flow_id: FromPath[UUID]
) -> Response[Any]:
    """Ask a flow's holder for changes."""
    flow = await flow_waiting(session, flow_id)
    if flow is None:
        raise FlowUnknown
    return await _sent_back(request, session, coordinator, flow, "flows", now=now)


@post("/territory/campaigns/{campaign_id:uuid}/send-back", status_code=303)
async def campaign_back(
    request: Req, session: Session, coordinator: Coordinator, *, now: Now, campaign_id: FromPath[UUID]
) -> Response[Any]:
    """Ask for changes in a campaign."""
    campaign = await campaign_waiting(session, campaign_id)
    if campaign is None:
        raise CampaignUnknown
    return await _sent_back(request, session, coordinator, campaign, "campaigns", now=now)


async def _sent_back(
    request: Req,
    session: AsyncSession,
    coordinator: Identity,
    row: Need | Flow | Campaign,
    where: str,
    *,
    now: datetime,
) -> Response[Any]:
    form = await read_form(request, SendingBack)
    if form.data is None:
        return redirect(request, f"/territory#{where}", say=next(iter(form.errors.values())), kind="error")
    await send_back(session, coordinator, form.data, row, now=now)
    return redirect(request, f"/territory#{where}", say="Modifications demandées.")


async def _look(
    request: Req, session: AsyncSession, organisation_id: UUID, form: Form[Verdict], *, now: datetime
) -> Html:
    organisation = await organisation_by_id(session, organisation_id)
    if organisation is None:
        raise OrganisationToCheckUnknown
    possible = POSSIBLE[OrganisationState(organisation.state)]
    submitted = await submitted_of(session, organisation_id)
    sent = await files_of(session, organisation_id, Purpose.EVIDENCE)
    log = await follow_ups_of(session, organisation_id)
    titles = await titles_of(session, [each.about for each in log if each.about])
    language = visit_of(request).language
    return page(
        request,
        "territory/organisation.html",
        status=422 if form.errors else 200,
        form=form,
        organisation=organisation,
        badge=state_badge(request, organisation),
        facts=facts_of(request, organisation),
        statuses=status_lines(organisation, visit_of(request).language, day_of(now)),
        permits=permit_lines(organisation.all_permits, visit_of(request).language, day_of(now)),
        checks=check_lines(request, await checks_of(session, organisation_id)),
        contacts=contact_lines(log, titles, language, today=day_of(now_of(session))),
        evidence=lines_of(sent, language),
        held=sum(map(len, submitted)),
        finding_options=[(finding, gettext(request, FINDINGS[finding][0])) for finding in possible],
        proof_options=[("", gettext(request, "Choisir")), *((code, gettext(request, w)) for code, w in PROOFS.items())],
    )


ROUTES: list[ControllerRouterHandler] = [
    cockpit,
    look_at,
    judge,
    check_here,
    evidence,
    need_back,
    flow_back,
    campaign_back,
]
