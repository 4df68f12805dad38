"""Messages, and files beside proposals: six months after their exchange ended they go, with messages' files."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.exchanges.models import KEPT_DAYS
from services.catalog.exchanges.queries import messages_outlived, proposals_outlived
from services.catalog.files.commands import remove_files_of
from services.catalog.files.store import Store
from shared.database import Database, now_of
from shared.observability.pulse import every

log = structlog.get_logger(__name__)

PRUNE_EVERY_S = 3600
AT_ONCE = 500


async def prune_messages_for_ever(database: Database, store: Store) -> None:
    """Forget every hour; any number of timers may run."""
    async for _ in every(PRUNE_EVERY_S):
        async with database.sessions.begin() as session:
            await prune_messages(session, store, now=now_of(session))
            await prune_evidence(session, store, now=now_of(session))


async def prune_messages(session: AsyncSession, store: Store, *, now: datetime) -> int:
    """Forget the messages of exchanges that ended more than `KEPT_DAYS` ago; returns how many."""
    outlived = await messages_outlived(session, now - timedelta(days=KEPT_DAYS), limit=AT_ONCE)
    for message in outlived:
        await remove_files_of(session, store, message.id)
        await session.delete(message)
    if outlived:
        log.info("messages_pruned", count=len(outlived))
    return len(outlived)


async def prune_evidence(session: AsyncSession, store: Store, *, now: datetime) -> int:
    """Forget the files beside proposals that ended more than `KEPT_DAYS` ago; returns of how many."""
    outlived = await proposals_outlived(session, now - timedelta(days=KEPT_DAYS), limit=AT_ONCE)
    for proposal_id in outlived:
        await remove_files_of(session, store, proposal_id)
    if outlived:
        log.info("evidence_pruned", proposals=len(outlived))
    return len(outlived)
