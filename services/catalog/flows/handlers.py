"""What matching tells about flows: how many takers fit, for lists that need no other service."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.models import Flow
from shared.events.matching import DemandMatched, DemandUnmatched


async def on_demand_matched(session: AsyncSession, event: DemandMatched) -> None:
    """Keep the count of the newest ranking."""
    await _count(session, event, event.total)


async def on_demand_unmatched(session: AsyncSession, event: DemandUnmatched) -> None:
    """Nobody fits."""
    await _count(session, event, 0)


async def _count(session: AsyncSession, event: DemandMatched | DemandUnmatched, total: int) -> None:
    if event.demand.kind == "flow":
        await session.execute(
            update(Flow)
            .where(Flow.id == event.demand_id, Flow.match_revision < event.version)
            .values(match_count=total, match_revision=event.version)
        )
