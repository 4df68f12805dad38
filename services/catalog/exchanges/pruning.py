"""Messages, and files beside proposals: six months after their exchange ended they go, with messages' files."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.exchanges.models import KEPT_DAYS, Message
from services.catalog.exchanges.queries import messages_outlived, proposals_outlived
from services.catalog.files.commands import remove_files_of
from services.catalog.files.store import Store
from services.catalog.proposals.models import Proposal
from shared.database import Database, now_of
from shared.database.one_by_one import Turn, all_due
from shared.observability.pulse import every

log = structlog.get_logger(__name__)

PRUNE_EVERY_S = 3600
KEPT = timedelta(days=KEPT_DAYS)


async def prune_messages_for_ever(database: Database, store: Store) -> None:
    """Forget every hour; any number of timers may run."""
    async for _ in every(PRUNE_EVERY_S):
        await prune_messages(database, store)
        await prune_evidence(database, store)


async def prune_messages(database: Database, store: Store) -> int:
    """Forget the messages of exchanges that ended more than `KEPT_DAYS` ago; returns how many.

    Each in a transaction of its own, here and below.
    """

    async def forget(session: AsyncSession, message: Message) -> None:
        await remove_files_of(session, store, message.id)
        await session.delete(message)

    count = await all_due(database, _messages, forget, failed="message_not_pruned")
    if count:
        log.info("messages_pruned", count=count)
    return count


async def prune_evidence(database: Database, store: Store) -> int:
    """Forget the files beside proposals that ended more than `KEPT_DAYS` ago; returns of how many."""

    async def forget(session: AsyncSession, proposal: Proposal) -> None:
        await remove_files_of(session, store, proposal.id)

    count = await all_due(database, _proposals, forget, failed="evidence_not_pruned")
    if count:
        log.info("evidence_pruned", proposals=count)
    return count


async def _messages(session: AsyncSession, turn: Turn) -> Sequence[Message]:
    return await messages_outlived(session, now_of(session) - KEPT, turn)


async def _proposals(session: AsyncSession, turn: Turn) -> Sequence[Proposal]:
    return await proposals_outlived(session, now_of(session) - KEPT, turn)
