"""What happens when catalog tells of offers and of campaigns."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import in_order
from services.matching.matches.commands import rematch_supply, unmatch_supply
from services.matching.ranking.reading import supply_of_campaign, supply_of_offer
from services.matching.ranking.sides import Supply
from services.matching.supplies.commands import keep_supply, pause_supply, withdraw_supply
from services.matching.waves.commands import look_again
from shared.events.campaigns import (
    CampaignClosed,
    CampaignOpened,
    CampaignPublished,
    CampaignState,
    CampaignUpdated,
)
from shared.events.catalog import OfferPaused, OfferPublished, OfferState, OfferUpdated, OfferWithdrawn
from shared.messaging.handling import Handlers


async def on_offer(session: AsyncSession, event: OfferState) -> None:
    """An offer is open, or changed (or who stands behind it did), or runs again."""
    await _on_supply(session, supply_of_offer(event))


async def on_campaign(session: AsyncSession, event: CampaignState) -> None:
    """A campaign is shown, or what is pledged to it or said of it changed: it may take what a patron gives."""
    await _on_supply(session, supply_of_campaign(event))


async def _on_supply(session: AsyncSession, supply: Supply) -> None:
    await in_order(session)
    kept = await keep_supply(session, supply)
    if kept is not None:
        await rematch_supply(session, kept)
        await look_again(session, kept.organisation_id)


async def on_offer_paused(session: AsyncSession, event: OfferPaused) -> None:
    """An offer waits: no match any more, but still a near miss where nothing else is in the way."""
    await in_order(session)
    paused = await pause_supply(session, event)
    if paused is not None:
        await rematch_supply(session, paused)


async def on_supply_ended(session: AsyncSession, event: OfferWithdrawn | CampaignClosed) -> None:
    """An offer, or a campaign, is no more."""
    await in_order(session)
    if await withdraw_supply(session, event):
        await unmatch_supply(session, event.aggregate_id)


HANDLERS: Handlers = {
    OfferPublished: on_offer,
    OfferUpdated: on_offer,
    OfferPaused: on_offer_paused,
    OfferWithdrawn: on_supply_ended,
    CampaignPublished: on_campaign,
    CampaignUpdated: on_campaign,
    CampaignOpened: on_campaign,
    CampaignClosed: on_supply_ended,
}
