"""What a company promises to a campaign: it says how much, says it otherwise, takes it back, until the last day.

Whoever changes a pledge locks its campaign first, as whose it is, and then writes its own row as itself: the sum is the
campaign's, the promise its company's.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.campaigns.errors import OwnCampaign, PledgeUnknown, PublicMoney
from services.catalog.campaigns.models import Campaign
from services.catalog.campaigns.pledge import Pledge
from services.catalog.campaigns.queries import campaign_locked, owner_of, pledge_of, pledge_seen_by
from services.catalog.campaigns.schemas import PledgeAsked
from services.catalog.gifts.promising import promise_gift
from services.catalog.organisations.models import Organisation, OrganisationRole
from services.catalog.organisations.queries import organisation_acting
from services.catalog.posting.commands import may_publish
from shared.clock import day_of
from shared.database import new_id
from shared.database.acting import act
from shared.database.versions import refuse_when_changed
from shared.events.campaigns import PledgeConfirmed, PledgeMade, PledgeWithdrawn
from shared.events.gifts import GiftKind
from shared.messaging.outbox import record


async def pledge(
    session: AsyncSession, actor: Actor, asked: PledgeAsked, *, campaign_id: UUID, now: datetime
) -> Pledge:
    """Promise an amount, or another one than before; said again it is the same promise."""
    supporter = await organisation_acting(session, actor.organisation_id)
    may_publish(session, actor)
    campaign = await _opened(session, campaign_id)
    _refuse_supporter(campaign, supporter)
    campaign.refuse_unless_open(day_of(now))
    promised = await pledge_of(session, campaign_id, supporter.id) or _begun(campaign, supporter, actor, now)
    before, values = promised.standing_cents, asked.columns()
    if not promised.say(values, now):
        await act(session, org=supporter.id)
        return promised
    await record(session, campaign.counts(before, promised.standing_cents, now))
    await _kept(session, actor, promised)
    await record(session, promised.told(PledgeMade, campaign, before_cents=before))
    await _noted(session, actor, promised, "pledge.made" if before is None else "pledge.changed")
    return promised


async def withdraw_pledge(session: AsyncSession, actor: Actor, *, pledge_id: UUID, now: datetime) -> Pledge:
    """Take it back while the campaign is open."""
    known = await pledge_seen_by(session, pledge_id, actor.organisation_id)
    campaign = await _opened(session, known.campaign_id)
    promised = await pledge_of(session, known.campaign_id, actor.organisation_id)
    if promised is None:
        raise PledgeUnknown
    refuse_when_changed(session, promised.version)
    campaign.refuse_unless_open(day_of(now))
    before = promised.standing_cents
    promised.withdraw(now)
    await record(session, campaign.counts(before, None, now))
    await _kept(session, actor, promised)
    await record(session, promised.told(PledgeWithdrawn, campaign))
    await _noted(session, actor, promised, "pledge.withdrawn")
    return promised


async def confirm_pledge(session: AsyncSession, promised: Pledge, campaign: Campaign, *, now: datetime) -> None:
    """Its campaign succeeded: the promise becomes a promised gift of money, and who promised is told how to give.

    The one place where a pledge becomes a gift.
    """
    promised.confirm(now)
    await session.flush()
    await record(session, promised.told(PledgeConfirmed, campaign))
    await promise_gift(
        session,
        kind=GiftKind.MONEY,
        donor_id=promised.supporter_id,
        recipient_id=campaign.organisation_id,
        pledge_id=promised.id,
        title=campaign.title,
        cents=promised.amount_cents,
        now=now,
    )


async def _opened(session: AsyncSession, campaign_id: UUID) -> Campaign:
    """A campaign, locked; the transaction goes on as whose it is."""
    await act(session, org=await owner_of(session, campaign_id))
    return await campaign_locked(session, campaign_id)


async def _kept(session: AsyncSession, actor: Actor, promised: Pledge) -> None:
    """Store the campaign as whose it is, then the promise as its own company's."""
    if promised in session:
        session.expunge(promised)
    await session.flush()
    await act(session, org=actor.organisation_id)
    session.add(promised)
    await session.flush()


async def _noted(session: AsyncSession, actor: Actor, promised: Pledge, action: str) -> None:
    details = {"campaign": str(promised.campaign_id), "cents": str(promised.amount_cents)}
    await note(session, actor.member_id, actor.organisation_id, action, about=promised.id, **details)


def _begun(campaign: Campaign, supporter: Organisation, actor: Actor, now: datetime) -> Pledge:
    return Pledge(
        id=new_id(),
        campaign_id=campaign.id,
        campaign=campaign,
        organisation_id=campaign.organisation_id,
        supporter_id=supporter.id,
        supporter=supporter,
        made_by=actor.member_id,
        version=0,
        reminded=0,
        created_at=now,
        updated_at=now,
    )


def _refuse_supporter(campaign: Campaign, supporter: Organisation) -> None:
    campaign.organisation.may_be_bound()
    if supporter.legal_entity_id == campaign.organisation.legal_entity_id:
        raise OwnCampaign
    if OrganisationRole.TERRITORY in supporter.roles:
        raise PublicMoney
