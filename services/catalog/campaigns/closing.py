"""Campaigns in time: they open and close on their days, their pledges follow, and who promised is reminded."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.campaigns.models import ENDED, Campaign, State
from services.catalog.campaigns.pledging import confirm_pledge
from services.catalog.campaigns.queries import (
    campaign_locked,
    campaigns_to_look_at,
    look_later,
    pledge_to_remind,
    pledges_standing,
    pledges_to_remind,
    received_of,
    remind_later,
)
from shared.database import Database, now_of
from shared.database.one_by_one import RETRY, one_by_one
from shared.events.campaigns import PledgeDue, PledgeLapsed
from shared.messaging.outbox import record
from shared.observability.pulse import every

TIMER_S = 30.0
"""Pledges are judged by the clock, not by the timer: who pledged is told half a minute after the end at the latest."""


async def run_campaign_timer(database: Database) -> None:
    """Look after campaigns and pledges whose moment has come, for ever; any number of timers may run."""
    async for _ in every(TIMER_S):
        await move_campaigns(database)
        await remind_supporters(database)


async def move_campaigns(database: Database) -> int:
    """Open, close and settle what is due, each in a transaction of its own; returns how many were looked at."""
    async with database.sessions.begin() as session:
        due = await campaigns_to_look_at(session, now_of(session))
    return await one_by_one(database, due, move_campaign, put_off=_look_later, failed="campaign_not_moved")


async def move_campaign(session: AsyncSession, campaign_id: UUID) -> None:
    """Open or close one whose day has come, and settle the pledges of one that has ended.

    A pledge that arrives at that moment waits for the lock, and is then refused; one that came first is counted.
    """
    now = now_of(session)
    campaign = await campaign_locked(session, campaign_id)
    for event in (campaign.open(now), campaign.close(now)):
        if event is not None:
            await record(session, event)
            await note(session, None, campaign.organisation_id, f"campaign.{campaign.state}", about=campaign.id)
    if campaign.state in ENDED:
        await _settle(session, campaign)
        campaign.look_at = None


async def _settle(session: AsyncSession, campaign: Campaign) -> None:
    now, why = now_of(session), "cancelled" if campaign.state is State.CANCELLED else "not_reached"
    for pledge in await pledges_standing(session, campaign.id):
        if campaign.state is State.SUCCEEDED:
            await confirm_pledge(session, pledge, campaign, now=now)
        else:
            pledge.lapse(now)
            await session.flush()
            await record(session, pledge.told(PledgeLapsed, campaign, why=why, words=campaign.reason))
        await note(session, None, pledge.supporter_id, f"pledge.{pledge.state}", about=pledge.id)


async def remind_supporters(database: Database) -> int:
    """Remind, each in a transaction of its own, those whose gift nobody has confirmed; returns how many were due."""
    async with database.sessions.begin() as session:
        due = await pledges_to_remind(session, now_of(session))
    return await one_by_one(database, due, _remind, put_off=_remind_later, failed="pledge_not_reminded")


async def _remind(session: AsyncSession, pledge_id: UUID) -> None:
    now = now_of(session)
    pledge = await pledge_to_remind(session, pledge_id, now)
    if pledge is None:
        return
    received = (await received_of(session, [pledge.campaign_id]))[pledge.campaign_id]
    if pledge.id in received:
        pledge.settled(now)
        return
    days = pledge.remind(now)
    await session.flush()
    await record(session, pledge.told(PledgeDue, pledge.campaign, days=days))


async def _look_later(session: AsyncSession, campaign_id: UUID) -> None:
    await look_later(session, campaign_id, now_of(session) + RETRY)


async def _remind_later(session: AsyncSession, pledge_id: UUID) -> None:
    await remind_later(session, pledge_id, now_of(session) + RETRY)
