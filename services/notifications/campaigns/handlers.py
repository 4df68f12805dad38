"""What happens when catalog tells of campaigns and pledges: the other side is told, once."""

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.models import Topic
from services.notifications.inbox.telling import tell_editors
from shared.events import Event
from shared.events.campaigns import (
    CampaignClosed,
    CampaignOpened,
    PledgeConfirmed,
    PledgeDue,
    PledgeEvent,
    PledgeLapsed,
    PledgeMade,
    PledgeWithdrawn,
)
from shared.messaging.handling import Handlers

Payload = dict[str, Any]


async def on_campaign_opened(session: AsyncSession, event: CampaignOpened) -> None:
    """Whose campaign it is hears that its first day came."""
    said: Payload = {"step": "opened", "title": event.title, "closes_on": event.closes_on.isoformat()}
    await _tell_owner(session, event, event.organisation_id, event.campaign_id, said)


async def on_campaign_closed(session: AsyncSession, event: CampaignClosed) -> None:
    """Whose campaign it is hears how it ended; who pledged hears it of its own pledge."""
    said: Payload = {"step": event.outcome.value, "title": event.title}
    counted = {"pledged_cents": event.pledged_cents, "pledges": event.pledges}
    await _tell_owner(session, event, event.organisation_id, event.campaign_id, said | counted)


async def on_pledge_to_us(session: AsyncSession, event: PledgeMade | PledgeWithdrawn) -> None:
    """Whose campaign it is hears who promised how much, otherwise than before, or no more."""
    said = _of(event) | {"step": "withdrawn"}
    if isinstance(event, PledgeMade):
        said |= {"step": "made"} if event.before_cents is None else _changed(event.before_cents)
    await _tell_owner(session, event, event.organisation_id, event.campaign_id, said)


async def on_own_pledge(session: AsyncSession, event: PledgeConfirmed | PledgeLapsed | PledgeDue) -> None:
    """Who promised hears what became of it."""
    said = _of(event) | {"step": event.type.split(".")[2]}
    if isinstance(event, PledgeLapsed):
        said |= {"step": event.why, "words": event.words}
    if isinstance(event, PledgeDue):
        said |= {"days": event.days}
    await tell_editors(
        session,
        Topic.PLEDGE,
        organisation_id=event.organisation_id,
        told_for=_once(event),
        params={**said, "about_kind": "pledge", "about_id": str(event.pledge_id)},
    )


async def _tell_owner(session: AsyncSession, event: Event, whose: UUID, campaign_id: UUID, said: Payload) -> None:
    params = {**said, "about_kind": "campaign", "about_id": str(campaign_id)}
    await tell_editors(session, Topic.CAMPAIGN, organisation_id=whose, told_for=_once(event), params=params)


def _of(event: PledgeEvent) -> Payload:
    # Of one pledge the last word counts.
    last = {"answer_id": str(event.pledge_id), "version": event.version}
    return {"title": event.title, "partner": event.partner_name, "amount_cents": event.amount_cents, **last}


def _changed(before_cents: int) -> Payload:
    return {"step": "changed", "before_cents": before_cents}


def _once(event: Event) -> UUID:
    return uuid5(event.aggregate_id, str(event.version))


HANDLERS: Handlers = {
    CampaignOpened: on_campaign_opened,
    CampaignClosed: on_campaign_closed,
    **dict.fromkeys((PledgeMade, PledgeWithdrawn), on_pledge_to_us),
    **dict.fromkeys((PledgeConfirmed, PledgeLapsed, PledgeDue), on_own_pledge),
}
