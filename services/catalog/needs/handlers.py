"""What matching tells about needs: how many suppliers fit, for lists that need no other service."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.needs.models import Need
from shared.events.matching import DemandMatched, DemandUnmatched
from shared.messaging.consumer import Handlers


async def on_demand_matched(session: AsyncSession, event: DemandMatched) -> None:
    """Keep the count of the newest ranking."""
    await _count(session, event, event.total)


async def on_demand_unmatched(session: AsyncSession, event: DemandUnmatched) -> None:
    """Nobody fits."""
    await _count(session, event, 0)


async def _count(session: AsyncSession, event: DemandMatched | DemandUnmatched, total: int) -> None:
    if event.demand.kind == "need":
        await session.execute(
            update(Need)
            .where(Need.id == event.demand_id, Need.match_revision < event.version)
            .values(match_count=total, match_revision=event.version)
        )


HANDLERS: Handlers = {DemandMatched: on_demand_matched, DemandUnmatched: on_demand_unmatched}
