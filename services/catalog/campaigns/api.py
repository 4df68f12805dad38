"""Campaigns and pledges as JSON, by the same rules as the pages."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.campaigns.commands import cancel_campaign, change_campaign, draft_campaign, publish_campaign
from services.catalog.campaigns.errors import CampaignUnknown, NamedCampaignUnknown
from services.catalog.campaigns.models import Campaign
from services.catalog.campaigns.pledge import Pledge
from services.catalog.campaigns.pledging import pledge, withdraw_pledge
from services.catalog.campaigns.queries import (
    campaign_seen_by,
    pledge_seen_by,
    pledges_of,
    pledges_to,
    published_campaigns,
    received_of,
)
from services.catalog.campaigns.schemas import (
    CampaignDraft,
    CampaignOut,
    Campaigns,
    CancelAsked,
    PledgeOut,
    Pledges,
    PledgeTo,
)
from shared.web.cursors import Cursor, Limit, cursor_at, cut, place_of
from shared.web.provided import Editor, Member, Now, Session, Visitor
from shared.web.transactions import ONCE, SEEN


@get("/")
async def list_campaigns(session: Session, cursor: Cursor = None, limit: Limit = 50) -> Campaigns:
    """Published campaigns, newest first."""
    found, last = cut(await published_campaigns(session, before=place_of(cursor, UUID), limit=limit + 1), limit)
    return Campaigns(await _campaigns(session, found), cursor_at(last.id) if last else None)


@get("/{campaign_id:uuid}")
async def read_campaign(session: Session, visitor: Visitor, campaign_id: FromPath[UUID]) -> CampaignOut:
    """One campaign."""
    campaign = await campaign_seen_by(session, campaign_id, visitor.organisation_id if visitor else None)
    return (await _campaigns(session, [campaign]))[0]


@post("/", dependencies=ONCE)
async def create_campaign(session: Session, editor: Editor, now: Now, data: JSONBody[CampaignDraft]) -> CampaignOut:
    """Draft a campaign."""
    return CampaignOut.of(await draft_campaign(session, editor, data, now=now), 0)


@patch("/{campaign_id:uuid}", dependencies=SEEN)
async def change(
    session: Session, editor: Editor, now: Now, campaign_id: FromPath[UUID], data: JSONBody[CampaignDraft]
) -> CampaignOut:
    """Replace a campaign's fields; once it is published, only its description and its categories may differ."""
    return CampaignOut.of(await change_campaign(session, editor, data, campaign_id=campaign_id, now=now), 0)


@post("/{campaign_id:uuid}/publish", status_code=200, dependencies=SEEN)
async def publish(session: Session, editor: Editor, now: Now, campaign_id: FromPath[UUID]) -> CampaignOut:
    """Show a campaign to everybody, or send it to be looked at."""
    return CampaignOut.of(await publish_campaign(session, editor, campaign_id=campaign_id, now=now), 0)


@post("/{campaign_id:uuid}/cancel", status_code=200, dependencies=SEEN)
async def cancel(
    session: Session, editor: Editor, now: Now, campaign_id: FromPath[UUID], data: JSONBody[CancelAsked]
) -> CampaignOut:
    """Call a campaign off, with the reason that everybody who pledged reads."""
    return CampaignOut.of(await cancel_campaign(session, editor, data.reason, campaign_id=campaign_id, now=now), 0)


@get("/")
async def list_pledges(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Pledges:
    """What one's organisation promised, the newest first."""
    found = await pledges_of(session, member.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    return await _pledges(session, found, limit)


@get("/received")
async def list_pledges_to_us(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Pledges:
    """What others promised to one's organisation's campaigns, the newest first."""
    found = await pledges_to(session, member.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    return await _pledges(session, found, limit)


@get("/{pledge_id:uuid}")
async def read_pledge(session: Session, member: Member, pledge_id: FromPath[UUID]) -> PledgeOut:
    """One pledge of which one's organisation is a side."""
    found = await pledge_seen_by(session, pledge_id, member.organisation_id)
    return (await _told(session, [found]))[0]


@post("/", dependencies=ONCE)
async def make_pledge(session: Session, editor: Editor, now: Now, data: JSONBody[PledgeTo]) -> PledgeOut:
    """Promise an amount to a campaign, or another one than before: an organisation has one pledge to each."""
    try:
        return PledgeOut.of(await pledge(session, editor, data, campaign_id=data.campaign_id, now=now))
    except CampaignUnknown:
        raise NamedCampaignUnknown from None


@post("/{pledge_id:uuid}/withdraw", status_code=200, dependencies=SEEN)
async def withdraw(session: Session, editor: Editor, now: Now, pledge_id: FromPath[UUID]) -> PledgeOut:
    """Take a pledge back while its campaign is open."""
    return PledgeOut.of(await withdraw_pledge(session, editor, pledge_id=pledge_id, now=now))


async def _campaigns(session: AsyncSession, found: Sequence[Campaign]) -> list[CampaignOut]:
    received = await received_of(session, [each.id for each in found])
    return [CampaignOut.of(each, sum(received[each.id].values())) for each in found]


async def _pledges(session: AsyncSession, found: Sequence[Pledge], limit: int) -> Pledges:
    shown, last = cut(found, limit)
    return Pledges(await _told(session, shown), cursor_at(last.id) if last else None)


async def _told(session: AsyncSession, found: Sequence[Pledge]) -> list[PledgeOut]:
    received = await received_of(session, [each.campaign_id for each in found])
    return [PledgeOut.of(each, received[each.campaign_id].get(each.id, 0)) for each in found]


ROUTES = [
    Router(
        "/api/v1/campaigns",
        route_handlers=[list_campaigns, read_campaign, create_campaign, change, publish, cancel],
        tags=["campaigns"],
    ),
    Router(
        "/api/v1/pledges",
        route_handlers=[list_pledges, list_pledges_to_us, read_pledge, make_pledge, withdraw],
        tags=["pledges"],
    ),
]
