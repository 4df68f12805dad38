"""Campaigns: the public list and page, and how an organisation writes, publishes and calls off its own."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.campaigns.commands import (
    cancel_campaign,
    change_campaign,
    draft_campaign,
    may_open,
    publish_campaign,
    refuse_who_may_not_open,
)
from services.catalog.campaigns.errors import CampaignOver, CampaignUnknown
from services.catalog.campaigns.models import ENDED, Campaign, State
from services.catalog.campaigns.queries import (
    campaign_for_update,
    campaign_seen_by,
    pledge_of,
    published_campaigns,
    received_of,
    supporters_of,
)
from services.catalog.campaigns.schemas import CampaignDraft, CancelAsked, WordsAsked
from services.catalog.campaigns.view import (
    badge_of,
    campaign_lines,
    counterpart_lines,
    facts_of,
    pledge_lines,
    progress_of,
    rows_of,
    rule_options,
    rule_words,
    step_lines,
    typed_campaign,
    typed_pledge,
)
from services.catalog.files.models import Purpose
from services.catalog.files.queries import files_of
from services.catalog.files.view import lines_of
from services.catalog.organisations.models import OrganisationRole
from services.catalog.organisations.queries import organisation_acting
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import figure_of
from services.catalog.parameters.queries import figures_of
from services.catalog.posting.files import file_routes
from services.catalog.posting.pages import asks_for_categories, form_lists, pressed
from services.catalog.posting.queries import posted_by
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Role
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Now, Session, Visitor
from shared.web.visit import visit_of

HOME = "/campaigns"
PAGE = 30
ORDER = (
    *("title", "description", "categories", "goal_euros", "rule", "threshold_euros", "starts_on", "ends_on"),
    *("steps", "counterparts"),
)


@get(HOME)
async def campaigns_list(
    request: Req, session: Session, visitor: Visitor, now: Now, before: FromQuery[UUID | None] = None
) -> Html:
    """Every published campaign; one's own with their drafts."""
    found = await published_campaigns(session, before=before, limit=PAGE)
    own = await posted_by(session, Campaign, visitor.organisation_id) if visitor else []
    received = await received_of(session, [each.id for each in (*found, *own)])
    return page(
        request,
        "campaigns/list.html",
        lines=campaign_lines(request, found, received, day_of(now)),
        own=campaign_lines(request, own, received, day_of(now)),
        may_open=visitor is not None and visitor.may(Role.EDITOR) and await _may_open(session, visitor.organisation_id),
        following=f"{HOME}?before={found[-1].id}" if len(found) == PAGE else None,
    )


async def _may_open(session: AsyncSession, organisation_id: UUID) -> bool:
    return may_open(await organisation_acting(session, organisation_id))


@get(f"{HOME}/new")
async def new_campaign(request: Req, session: Session, editor: Editor) -> Html:
    """An empty form."""
    await refuse_who_may_not_open(session, editor)
    return await _form(request, session, Form(typed={"rule": "all_or_nothing"}), None)


@post(HOME, status_code=303)
async def create_campaign(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Keep a draft, and publish it when asked to; what is refused comes back with what was typed."""
    await refuse_who_may_not_open(session, editor)
    form = await read_form(request, CampaignDraft)
    if await asks_for_categories(request, form):
        return await _form(request, session, form, None)
    publishes = await pressed(request) == "publish"
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            campaign = await draft_campaign(session, editor, form.data, now=now)
            if publishes:
                await publish_campaign(session, editor, campaign_id=campaign.id, now=now)
    if form.errors:
        return await _form(request, session, form, None)
    return redirect(request, f"{HOME}/{campaign.id}", say=_said(campaign))


@get(f"{HOME}/{{campaign_id:uuid}}")
async def show_campaign(request: Req, session: Session, visitor: Visitor, campaign_id: FromPath[UUID]) -> Html:
    """One campaign: what for, how far it is, by which rule it ends, and what its visitor may do about it."""
    campaign = await campaign_seen_by(session, campaign_id, visitor.organisation_id if visitor else None)
    return await campaign_page(request, session, campaign)


@get(f"{HOME}/{{campaign_id:uuid}}/edit")
async def edit_campaign(request: Req, session: Session, editor: Editor, campaign_id: FromPath[UUID]) -> Html:
    """The form with what it says now; of a published one its words alone."""
    campaign = await _own(session, editor.organisation_id, campaign_id)
    form: Form[Any] = Form(typed=typed_campaign(campaign), version=campaign.version)
    return await _form(request, session, form, campaign)


@post(f"{HOME}/{{campaign_id:uuid}}", status_code=303)
async def save_campaign(
    request: Req, session: Session, editor: Editor, *, now: Now, campaign_id: FromPath[UUID]
) -> Response[Any]:
    """Save a draft, and publish it when asked to; or say a published one in other words."""
    campaign = await campaign_for_update(session, campaign_id, organisation_id=editor.organisation_id)
    form: Form[Any] = await read_form(request, CampaignDraft if campaign.is_draft else WordsAsked)
    if await asks_for_categories(request, form):
        return await _form(request, session, form, campaign)
    publishes = campaign.is_draft and await pressed(request) == "publish"
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            form.refuse_when_changed(campaign.version)
            await change_campaign(session, editor, form.data, campaign_id=campaign_id, now=now)
            if publishes:
                await publish_campaign(session, editor, campaign_id=campaign_id, now=now)
    if form.errors:
        campaign = await campaign_for_update(session, campaign_id, organisation_id=editor.organisation_id)
        return await _form(request, session, form, campaign)
    return redirect(request, f"{HOME}/{campaign_id}", say=_said(campaign))


@post(f"{HOME}/{{campaign_id:uuid}}/publish", status_code=303)
async def publish(
    request: Req, session: Session, editor: Editor, *, now: Now, campaign_id: FromPath[UUID]
) -> Response[Any]:
    """Show it to everybody, or say what is missing."""
    campaign = await campaign_for_update(session, campaign_id, organisation_id=editor.organisation_id)
    form: Form[CampaignDraft] = Form(typed=typed_campaign(campaign), version=campaign.version)
    async with kept_when_refused(request, session, form):
        campaign = await publish_campaign(session, editor, campaign_id=campaign_id, now=now)
    if form.errors:
        campaign = await campaign_for_update(session, campaign_id, organisation_id=editor.organisation_id)
        return await _form(request, session, form, campaign)
    return redirect(request, f"{HOME}/{campaign_id}", say=_said(campaign))


@post(f"{HOME}/{{campaign_id:uuid}}/cancel", status_code=303)
async def cancel(
    request: Req, session: Session, editor: Editor, *, now: Now, campaign_id: FromPath[UUID]
) -> Response[Any]:
    """Call it off, with the reason that everybody who pledged reads."""
    campaign = await _own(session, editor.organisation_id, campaign_id)
    form = await read_form(request, CancelAsked)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await cancel_campaign(session, editor, form.data.reason, campaign_id=campaign_id, now=now)
    if form.errors:
        return await campaign_page(request, session, campaign, cancelling=form)
    return redirect(request, f"{HOME}/{campaign_id}", say="Campagne annulée. Qui avait promis est prévenu.")


def _said(campaign: Campaign) -> str:
    if campaign.state is State.SUBMITTED:
        return "Campagne envoyée en vérification."
    return "Changements enregistrés." if campaign.published_at else "Brouillon gardé."


async def _own(session: AsyncSession, organisation_id: UUID, campaign_id: UUID) -> Campaign:
    campaign = await campaign_seen_by(session, campaign_id, organisation_id)
    if campaign.organisation_id != organisation_id:
        raise CampaignUnknown
    if campaign.state in ENDED:
        raise CampaignOver
    return campaign


async def _form(request: Req, session: AsyncSession, form: Form[Any], campaign: Campaign | None) -> Html:
    figures = await figures_of(session, Code.GIFT_COUNTERPART)
    return page(
        request,
        "campaigns/form.html",
        status=422 if form.errors else 200,
        form=form,
        errors=form.errors_in(ORDER),
        campaign=campaign,
        counterpart=figure_of(figures, Code.GIFT_COUNTERPART, on=day_of(now_of(session))),
        rule_options=rule_options(request),
        **rows_of(form.typed),
        **form_lists(request),
    )


async def campaign_page(
    request: Req,
    session: AsyncSession,
    campaign: Campaign,
    *,
    pledging: Form[Any] | None = None,
    cancelling: Form[Any] | None = None,
) -> Html:
    """The page of a campaign, with the form that was refused if one was."""
    visit, today = visit_of(request), day_of(now_of(session))
    identity = visit.identity
    is_author = identity is not None and identity.organisation_id == campaign.organisation_id
    is_donor = identity is not None and not is_author and OrganisationRole.TERRITORY not in identity.roles
    own = await pledge_of(session, campaign.id, identity.organisation_id) if identity and not is_author else None
    received = (await received_of(session, [campaign.id]))[campaign.id]
    photos = lines_of(await files_of(session, campaign.id, Purpose.PHOTO), visit.language)
    refused = pledging or cancelling
    return page(
        request,
        "campaigns/page.html",
        status=422 if refused and refused.errors else 200,
        campaign=campaign,
        badge=badge_of(request, campaign, today),
        facts=facts_of(request, campaign),
        progress=progress_of(request, campaign, received, today),
        rule=rule_words(request, campaign),
        steps=step_lines(request, campaign),
        counterparts=counterpart_lines(request, campaign.counterparts),
        supporters=await supporters_of(session, campaign.id) if campaign.published_at else [],
        photos=photos,
        documents=lines_of(await files_of(session, campaign.id), visit.language),
        is_author=is_author and identity is not None and identity.may(Role.EDITOR),
        is_own=is_author,
        takes=campaign.takes_pledges(today),
        is_over=campaign.is_over(today),
        own=pledge_lines(request, [own], {campaign.id: received})[0] if own else None,
        can_pledge=is_donor and identity is not None and identity.may(Role.EDITOR) and campaign.takes_pledges(today),
        is_public=identity is not None and not is_donor,
        form=pledging or Form(typed=typed_pledge(own)),
        cancelling=cancelling or Form(),
    )


ROUTES: list[ControllerRouterHandler] = [
    *file_routes(HOME, Campaign, CampaignUnknown),
    campaigns_list,
    new_campaign,
    create_campaign,
    show_campaign,
    edit_campaign,
    save_campaign,
    publish,
    cancel,
]
