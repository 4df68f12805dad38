"""What an organisation does with its campaign: draft, change, publish, call off; and a coordinator's look at it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.campaigns.errors import CampaignNotSubmitted, ReasonMissing, SocialEconomyOnly
from services.catalog.campaigns.models import Campaign, State
from services.catalog.campaigns.queries import campaign_for_update
from services.catalog.campaigns.schemas import CampaignDraft, WordsAsked
from services.catalog.organisations.models import Organisation, OrganisationRole
from services.catalog.organisations.queries import organisation_acting
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import value_of
from services.catalog.parameters.queries import figures_of
from services.catalog.posting.commands import begun, kept, waits_for_a_look
from shared.clock import day_of
from shared.events.facts import Origin
from shared.messaging.outbox import record


def may_open(organisation: Organisation) -> bool:
    """True for the social economy, and for a project that somebody holds until it has its number."""
    return OrganisationRole.ESS in organisation.roles or organisation.is_project


async def refuse_who_may_not_open(session: AsyncSession, author: Actor) -> Organisation:
    """The author's organisation; raises `SocialEconomyOnly`."""
    organisation = await organisation_acting(session, author.organisation_id)
    if not may_open(organisation):
        raise SocialEconomyOnly
    return organisation


async def draft_campaign(
    session: AsyncSession, author: Actor, draft: CampaignDraft, *, now: datetime, origin: Origin = Origin.MEMBER
) -> Campaign:
    """Keep a campaign that nobody else sees yet."""
    organisation = await refuse_who_may_not_open(session, author)
    campaign = await begun(session, Campaign, author, now=now, origin=origin, organisation=organisation)
    for name, value in draft.columns().items():
        setattr(campaign, name, value)
    return await kept(session, campaign, author, "campaign.drafted")


async def change_campaign(
    session: AsyncSession, author: Actor, said: CampaignDraft | WordsAsked, *, campaign_id: UUID, now: datetime
) -> Campaign:
    """Write a draft anew, or say a published one in other words."""
    campaign = await campaign_for_update(session, campaign_id, organisation_id=author.organisation_id)
    event = campaign.change(said.columns(), now)
    if event is not None:
        await record(session, event)
    await note(session, author.member_id, author.organisation_id, "campaign.changed", about=campaign.id)
    return campaign


async def publish_campaign(session: AsyncSession, author: Actor, *, campaign_id: UUID, now: datetime) -> Campaign:
    """Show a campaign; of an organisation that nobody has verified, leave it to a coordinator's look first."""
    campaign = await campaign_for_update(session, campaign_id, organisation_id=author.organisation_id)
    if not may_open(campaign.organisation):
        raise SocialEconomyOnly
    waits, percent = waits_for_a_look(session, author, campaign.organisation), await _percent(session, now)
    await record(session, campaign.submit(now, percent=percent) if waits else campaign.publish(now, percent=percent))
    action = "campaign.submitted" if waits else "campaign.published"
    await note(session, author.member_id, author.organisation_id, action, about=campaign.id)
    return campaign


async def accept_campaign(session: AsyncSession, actor: Actor, *, campaign_id: UUID, now: datetime) -> Campaign:
    """Publish what waited for a look."""
    campaign = await campaign_for_update(session, campaign_id, organisation_id=actor.organisation_id)
    if campaign.state is not State.SUBMITTED:
        raise CampaignNotSubmitted
    await record(session, campaign.publish(now, percent=await _percent(session, now)))
    await note(session, actor.member_id, actor.organisation_id, "campaign.published", about=campaign.id)
    return campaign


async def return_campaign(
    session: AsyncSession, actor: Actor, words: str, *, campaign_id: UUID, now: datetime
) -> Campaign:
    """Send a campaign back to its author, with what has to change."""
    campaign = await campaign_for_update(session, campaign_id, organisation_id=actor.organisation_id)
    await record(session, campaign.send_back(words, now))
    await note(session, actor.member_id, actor.organisation_id, "campaign.returned", about=campaign.id)
    return campaign


async def cancel_campaign(
    session: AsyncSession, author: Actor, reason: str, *, campaign_id: UUID, now: datetime
) -> Campaign:
    """Call it off; the timer then tells everybody who pledged, with the reason."""
    campaign = await campaign_for_update(session, campaign_id, organisation_id=author.organisation_id)
    if campaign.is_live and not reason:
        raise ReasonMissing
    event = campaign.cancel(reason, now)
    if event is not None:
        await record(session, event)
    await note(session, author.member_id, author.organisation_id, "campaign.cancelled", about=campaign.id)
    return campaign


async def _percent(session: AsyncSession, now: datetime) -> Decimal:
    """The share of a gift that a counterpart may be worth, by the dated figure."""
    return value_of(await figures_of(session, Code.GIFT_COUNTERPART), Code.GIFT_COUNTERPART, on=day_of(now))
