"""What happens when catalog tells of offers."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import in_order
from services.matching.matches.commands import rematch_supply, unmatch_supply
from services.matching.ranking.reading import supply_of_offer
from services.matching.supplies.commands import keep_supply, pause_supply, withdraw_supply
from services.matching.waves.commands import look_again
from shared.events.catalog import OfferPaused, OfferPublished, OfferState, OfferUpdated, OfferWithdrawn
from shared.messaging.handling import Handlers


async def on_offer(session: AsyncSession, event: OfferState) -> None:
    """An offer is open, or changed (or who stands behind it did), or runs again."""
    await in_order(session)
    kept = await keep_supply(session, supply_of_offer(event))
    if kept is not None:
        await rematch_supply(session, kept)
        await look_again(session, kept.organisation_id)


async def on_offer_paused(session: AsyncSession, event: OfferPaused) -> None:
    """An offer waits: no match any more, but still a near miss where nothing else is in the way."""
    await in_order(session)
    paused = await pause_supply(session, event)
    if paused is not None:
        await rematch_supply(session, paused)


async def on_offer_withdrawn(session: AsyncSession, event: OfferWithdrawn) -> None:
    """An offer is no more."""
    await in_order(session)
    if await withdraw_supply(session, event):
        await unmatch_supply(session, event.offer_id)


HANDLERS: Handlers = {
    OfferPublished: on_offer,
    OfferUpdated: on_offer,
    OfferPaused: on_offer_paused,
    OfferWithdrawn: on_offer_withdrawn,
}
