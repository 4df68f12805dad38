"""Companies pledge to a campaign and read what they promised; whose campaign it is reads who promised what."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.campaigns.errors import CampaignUnknown
from services.catalog.campaigns.exporting import headings_of, row_of
from services.catalog.campaigns.models import Campaign
from services.catalog.campaigns.pages import campaign_page
from services.catalog.campaigns.pledging import pledge, withdraw_pledge
from services.catalog.campaigns.queries import (
    campaign_seen_by,
    pledge_seen_by,
    pledges_in,
    pledges_of,
    received_of,
)
from services.catalog.campaigns.schemas import PledgeAsked
from services.catalog.campaigns.view import badge_of, pledge_lines, progress_of
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Identity
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.tables import Form as Sheet
from shared.web.tables import download, written

PAGE = 30
OWN = "/campaigns/{campaign_id:uuid}/pledges"


@get("/pledges")
async def own_pledges(request: Req, session: Session, member: Member, before: FromQuery[UUID | None] = None) -> Html:
    """What one's organisation promised, the newest first."""
    found = await pledges_of(session, member.organisation_id, before=before, limit=PAGE)
    received = await received_of(session, [each.campaign_id for each in found])
    return page(
        request,
        "campaigns/own_pledges.html",
        lines=pledge_lines(request, found, received),
        following=f"/pledges?before={found[-1].id}" if len(found) == PAGE else None,
    )


@post("/campaigns/{campaign_id:uuid}/pledge", status_code=303)
async def promise(
    request: Req, session: Session, editor: Editor, *, now: Now, campaign_id: FromPath[UUID]
) -> Response[Any]:
    """Promise an amount, or another one than before."""
    form: Form[PledgeAsked] = await read_form(request, PledgeAsked)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await pledge(session, editor, form.data, campaign_id=campaign_id, now=now)
    if form.errors:
        campaign = await campaign_seen_by(session, campaign_id, editor.organisation_id)
        return await campaign_page(request, session, campaign, pledging=form)
    return redirect(
        request, f"/campaigns/{campaign_id}#pledge", say="Promesse enregistrée. Rien n'est à verser aujourd'hui."
    )


@post("/pledges/{pledge_id:uuid}/withdraw", status_code=303)
async def withdraw(
    request: Req, session: Session, editor: Editor, *, now: Now, pledge_id: FromPath[UUID]
) -> Response[Any]:
    """Take it back."""
    taken = await withdraw_pledge(session, editor, pledge_id=pledge_id, now=now)
    return redirect(request, f"/campaigns/{taken.campaign_id}", say="Promesse reprise. La structure le sait.")


@get("/pledges/{pledge_id:uuid}")
async def show_pledge(request: Req, session: Session, member: Member, pledge_id: FromPath[UUID]) -> Response[Any]:
    """Where a notice about a pledge leads: its campaign's page, or for whose campaign it is the list of its pledges."""
    found = await pledge_seen_by(session, pledge_id, member.organisation_id)
    own = found.supporter_id == member.organisation_id
    return redirect(request, f"/campaigns/{found.campaign_id}" + ("#pledge" if own else "/pledges"))


@get(OWN)
async def received_pledges(request: Req, session: Session, member: Member, campaign_id: FromPath[UUID]) -> Html:
    """Who promised what to one's own campaign."""
    campaign, received = await _own(session, member, campaign_id)
    today = day_of(now_of(session))
    return page(
        request,
        "campaigns/pledges.html",
        campaign=campaign,
        badge=badge_of(request, campaign, today),
        progress=progress_of(request, campaign, received[campaign.id], today),
        lines=pledge_lines(request, await pledges_in(session, campaign_id), received),
    )


@get(f"{OWN}/file")
async def export(
    request: Req, session: Session, member: Member, *, campaign_id: FromPath[UUID], form: FromQuery[Sheet] = Sheet.CSV
) -> Response[Any]:
    """The same table as a file."""
    _, received = await _own(session, member, campaign_id)
    lines = pledge_lines(request, await pledges_in(session, campaign_id), received)
    rows = [row_of(line, received[campaign_id]) for line in lines]
    content = await asyncio.to_thread(written, form, "promesses", headings_of(request), rows)
    return download(content, f"boucle-promesses-{day_of(now_of(session)).isoformat()}", form)


async def _own(session: AsyncSession, member: Identity, campaign_id: UUID) -> tuple[Campaign, Any]:
    campaign = await campaign_seen_by(session, campaign_id, member.organisation_id)
    if campaign.organisation_id != member.organisation_id:
        raise CampaignUnknown
    return campaign, await received_of(session, [campaign_id])


ROUTES = [own_pledges, promise, show_pledge, withdraw, received_pledges, export]
