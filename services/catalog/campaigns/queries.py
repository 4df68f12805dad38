"""Every question asked of campaigns and pledges."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.campaigns.errors import CampaignUnknown, PledgeUnknown
from services.catalog.campaigns.models import LIVE, Campaign, State
from services.catalog.campaigns.pledge import Pledge, PledgeState
from services.catalog.organisations.models import Organisation
from services.catalog.posting.queries import newest, own_for_update, seen_by, with_author
from shared.database.statement import Statement

# Who may be named to everybody, and nothing of how much: the pledges are their companies' own.
SUPPORTERS = Statement("SELECT id, name FROM campaign_supporters(:campaign)")

# What gifts say arrived, through a door: everybody reads the sum, and nobody whose it was.
RECEIVED = text("SELECT campaign_id, pledge_id, cents FROM campaign_received(CAST(:ids AS uuid[]))")


async def campaign_for_update(session: AsyncSession, campaign_id: UUID, *, organisation_id: UUID) -> Campaign:
    """An organisation's own campaign, locked; a foreign one does not exist."""
    return await own_for_update(
        session, Campaign, campaign_id, organisation_id=organisation_id, missing=CampaignUnknown
    )


async def campaign_seen_by(session: AsyncSession, campaign_id: UUID, organisation_id: UUID | None) -> Campaign:
    """A campaign as a visitor may see it."""
    return await seen_by(session, Campaign, campaign_id, organisation_id, missing=CampaignUnknown)


async def owner_of(session: AsyncSession, campaign_id: UUID) -> UUID:
    """Whose published campaign it is; raises `CampaignUnknown`."""
    query = select(Campaign.organisation_id).where(Campaign.id == campaign_id, Campaign.published_at.is_not(None))
    owner = await session.scalar(query)
    if owner is None:
        raise CampaignUnknown
    return owner


async def campaign_locked(session: AsyncSession, campaign_id: UUID) -> Campaign:
    """A campaign, locked: whoever promises, takes back or closes waits here for whoever else does."""
    query = with_author(Campaign).where(Campaign.id == campaign_id).with_for_update(of=Campaign)
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


async def published_campaigns(
    session: AsyncSession, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Campaign]:
    """Campaigns that everybody sees, newest first; what was called off is on its own page alone."""
    shown = with_author(Campaign).where(Campaign.published_at.is_not(None), Campaign.state != State.CANCELLED)
    return await newest(session, Campaign, shown, limit=limit, before=before)


async def open_campaigns(session: AsyncSession, today: date, *, limit: int = 3) -> Sequence[Campaign]:
    """Campaigns that take pledges, the nearest end first."""
    query = with_author(Campaign).where(
        Campaign.state.in_(LIVE), Campaign.starts_on <= today, Campaign.ends_on >= today
    )
    return (await session.scalars(query.order_by(Campaign.ends_on, Campaign.id).limit(limit))).all()


async def campaigns_to_look_at(session: AsyncSession, now: datetime, *, limit: int = 100) -> Sequence[UUID]:
    """Campaigns to open, to close or to settle, the earliest first."""
    query = select(Campaign.id).where(Campaign.look_at <= now).order_by(Campaign.look_at, Campaign.id).limit(limit)
    return (await session.scalars(query)).all()


def _pledges() -> Select[Pledge]:
    return select(Pledge).options(
        joinedload(Pledge.campaign).joinedload(Campaign.organisation).joinedload(Organisation.legal_entity),
        joinedload(Pledge.supporter),
    )


async def pledge_of(session: AsyncSession, campaign_id: UUID, supporter_id: UUID) -> Pledge | None:
    """What an organisation promised to a campaign, whether it stands or not."""
    query = _pledges().where(Pledge.campaign_id == campaign_id, Pledge.supporter_id == supporter_id)
    return await session.scalar(query.execution_options(populate_existing=True))


async def pledge_seen_by(session: AsyncSession, pledge_id: UUID, organisation_id: UUID) -> Pledge:
    """A pledge as its two organisations read it; raises `PledgeUnknown`."""
    pledge = await session.scalar(_pledges().where(Pledge.id == pledge_id))
    if pledge is None or organisation_id not in (pledge.supporter_id, pledge.organisation_id):
        raise PledgeUnknown
    return pledge


async def pledges_of(
    session: AsyncSession, supporter_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Pledge]:
    """What an organisation promised, the newest first."""
    return await _page(session, _pledges().where(Pledge.supporter_id == supporter_id), before, limit)


async def pledges_to(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Pledge]:
    """What others promised to an organisation's campaigns, the newest first."""
    return await _page(session, _pledges().where(Pledge.organisation_id == organisation_id), before, limit)


async def pledges_in(session: AsyncSession, campaign_id: UUID, *, limit: int = 5_000) -> Sequence[Pledge]:
    """What was promised to one campaign, the largest first."""
    query = _pledges().where(Pledge.campaign_id == campaign_id)
    return (await session.scalars(query.order_by(Pledge.amount_cents.desc(), Pledge.id).limit(limit))).all()


async def _page(session: AsyncSession, query: Select[Pledge], before: UUID | None, limit: int) -> Sequence[Pledge]:
    if before:
        query = query.where(Pledge.id < before)
    return (await session.scalars(query.order_by(Pledge.id.desc()).limit(limit))).all()


async def pledges_standing(session: AsyncSession, campaign_id: UUID) -> Sequence[Pledge]:
    """Promises that the end of their campaign has not reached yet, locked."""
    query = _pledges().where(Pledge.campaign_id == campaign_id, Pledge.state == PledgeState.MADE).order_by(Pledge.id)
    query = query.with_for_update(of=Pledge).execution_options(populate_existing=True)
    return (await session.scalars(query)).all()


async def pledges_to_remind(session: AsyncSession, now: datetime, *, limit: int = 100) -> Sequence[UUID]:
    """Confirmed pledges that are to be looked at."""
    query = select(Pledge.id).where(Pledge.remind_at <= now).order_by(Pledge.remind_at, Pledge.id).limit(limit)
    return (await session.scalars(query)).all()


async def pledge_to_remind(session: AsyncSession, pledge_id: UUID, now: datetime) -> Pledge | None:
    """One of them, locked; None when another timer has looked."""
    query = _pledges().where(Pledge.id == pledge_id, Pledge.remind_at <= now).with_for_update(of=Pledge)
    return await session.scalar(query.execution_options(populate_existing=True))


async def look_later(session: AsyncSession, campaign_id: UUID, until: datetime) -> None:
    """Put off what the timer does about a campaign."""
    await session.execute(update(Campaign).where(Campaign.id == campaign_id).values(look_at=until))


async def remind_later(session: AsyncSession, pledge_id: UUID, until: datetime) -> None:
    """Put off a reminder."""
    await session.execute(update(Pledge).where(Pledge.id == pledge_id).values(remind_at=until))


async def supporters_of(session: AsyncSession, campaign_id: UUID) -> Sequence[Any]:
    """Who promised and may be named, by name."""
    return await SUPPORTERS.fetch(session, campaign=campaign_id)


async def received_of(session: AsyncSession, campaign_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[UUID, int]]:
    """Per campaign and pledge the cents whose delivery the recipient confirmed: what its gifts say.

    Nothing is shown as received that nobody confirmed.
    """
    found: dict[UUID, dict[UUID, int]] = {campaign_id: {} for campaign_id in campaign_ids}
    for row in await session.execute(RECEIVED, {"ids": list(campaign_ids)}):
        found[row.campaign_id][row.pledge_id] = row.cents
    return found
