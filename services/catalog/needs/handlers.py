"""What matching tells about needs: how many suppliers fit, for lists that need no other service."""

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.statement import Statement
from shared.events.matching import DemandMatched, DemandUnmatched
from shared.messaging.handling import Handlers


async def on_demand_matched(session: AsyncSession, event: DemandMatched) -> None:
    """Keep the count of the newest ranking."""
    await _count(session, event, event.total)


async def on_demand_unmatched(session: AsyncSession, event: DemandUnmatched) -> None:
    """Nobody fits."""
    await _count(session, event, 0)


COUNT = Statement("""
    UPDATE needs SET match_count = :total, match_revision = :revision WHERE id = :need_id AND match_revision < :revision
""")


async def _count(session: AsyncSession, event: DemandMatched | DemandUnmatched, total: int) -> None:
    if event.demand.kind == "need":
        await COUNT.execute(session, need_id=event.demand_id, total=total, revision=event.version)


HANDLERS: Handlers = {DemandMatched: on_demand_matched, DemandUnmatched: on_demand_unmatched}
